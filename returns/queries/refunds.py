"""The money of a return, before it moves: preview and settlement read it here, both by the same rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from orders.models import Order, OrderLine
from orders.queries.exchanged import Books, books_of
from orders.rules.exchanged import still_paid
from returns.models import CaseLine, ReturnCase
from returns.queries.lines import is_wrap, sold_lines
from returns.rules.amounts import Back, Refund, priced_back, refund_of


@dataclass(frozen=True)
class Moving:
    """Pieces of a bought line that will move: `coming` back and not counted yet, `going` out in exchange, unplanned."""

    line_id: int
    coming: int = 0
    going: int = 0


@dataclass(frozen=True)
class Worth:
    """What goes back, one amount for each `Back` in their order, and for how many pieces of which bought line."""

    refund: Refund
    pieces: dict[int, int]


def worth_of(*, order: Order, back: Sequence[Back], moving: Iterable[Moving] = ()) -> Worth:
    """Return what `back` gives back of an order as things stand, `moving` pieces counted as arrived.  Three queries."""
    return _worth(books_of(order), back, moving)


def _worth(books: Books, back: Sequence[Back], moving: Iterable[Moving]) -> Worth:
    fee = sum(slot.left_minor for slot in books.slots if slot.line_id is None)
    known = dict(books.tallies)
    sold = sold_lines(books.slots, known, books.never_sent)
    for each in moving:
        tally = known[each.line_id]
        known[each.line_id] = replace(
            tally, returned=tally.returned + each.coming, exchanged=tally.exchanged + each.going
        )
    paid = {line.line_id: still_paid(known[line.line_id], left=len(line.units_minor)) for line in sold}
    priced = priced_back(back, paid=paid, sold=sold)
    wraps = {line.line_id: len(line.units_minor) for line in sold if is_wrap(books.roots[line.line_id])}
    found = refund_of(back=priced, sold=sold, delivery_minor=fee, wraps=wraps)
    pieces: Counter[int] = Counter()
    for item in priced:
        pieces[item.line_id] += item.quantity
    if found.wrap_minor:
        pieces.update(wraps)
    of_case = replace(found, lines_minor=found.lines_minor[: len(back)])
    return Worth(of_case, {line_id: number for line_id, number in pieces.items() if number})


def worth_of_case(case: ReturnCase, lines: Sequence[CaseLine]) -> Worth:
    """Return what settling a return gives back, one amount for each of its `lines`: as inspected, or as asked for.

    An exchange moves no money, unless what was sent for it is back already: then its price goes back with this piece.
    Three queries.
    """
    books = books_of(case.order)
    back = [Back(books.roots[line.order_line_id].pk, _pieces(line)) for line in lines]
    moving = [_moving(line, books.roots[line.order_line_id]) for line in lines if not hasattr(line, "inspection")]
    return _worth(books, back, moving)


def lines_of(case: ReturnCase) -> list[CaseLine]:
    """Return the lines of a return, those whose money goes back before those that are exchanged.  One query."""
    lines = case.lines.select_related("inspection").order_by("id")
    return sorted(lines, key=lambda line: (line.granted or line.wanted) == CaseLine.Resolution.EXCHANGE)


def preview_of(case: ReturnCase) -> Refund:
    """Return what settling this return now would give back."""
    return worth_of_case(case, lines_of(case)).refund


def _moving(line: CaseLine, root: OrderLine) -> Moving:
    unplanned = (line.granted or line.wanted) == CaseLine.Resolution.EXCHANGE and line.exchange_line_id is None
    return Moving(root.pk, coming=line.quantity, going=line.quantity if unplanned else 0)


def _pieces(line: CaseLine) -> int:
    return line.inspection.quantity if hasattr(line, "inspection") else line.quantity
