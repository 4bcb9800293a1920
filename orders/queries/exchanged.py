"""Which bought line an exchanged piece stands for, and how many pieces went to and fro for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from orders.models import Order, OrderLine, RefundItem, Unavailability
from orders.queries.shares import slots_from
from orders.rules.exchanged import Tally
from orders.rules.shares import Slot

Kind = OrderLine.Kind
_MISSING = "orders.unavailability:"
_CAME_BACK = "orders.came-back:"


@dataclass(frozen=True)
class Books:
    """An order's money by the piece, and what became of the pieces, by the id of the bought line.

    roots       the bought line of every line, by its id
    swapped     the ids of lines whose pieces go out in exchange
    never_sent  how many pieces are left out and not paid back as a whole: nothing is left of their price
    """

    slots: Sequence[Slot]
    roots: Mapping[int, OrderLine]
    swapped: Collection[int]
    tallies: Mapping[int, Tally]
    never_sent: Mapping[int, int]


def books_of(order: Order) -> Books:
    """Return an order's money and what became of its pieces.  Two queries, one more with exchanges.

    Lock the order and its payment before acting on it.
    """
    lines = list(OrderLine.objects.filter(order=order).order_by("id"))
    items = list(RefundItem.objects.filter(grant__payment__order=order).select_related("grant").order_by("id"))
    roots, swapped = bought_lines(lines), _sent_in_exchange(lines)
    of_exchanges = _origins_of_missing(order, swapped)
    whole = [item for item in items if item.whole and item.line_id is not None]
    returned = [item for item in whole if item.grant.origin.startswith("returns.case:") or _of(item, of_exchanges)]
    slots = slots_from(order, lines, items)
    return Books(
        slots=slots,
        roots=roots,
        swapped=swapped,
        tallies=_tallies(lines, roots, swapped, returned),
        never_sent=_never_sent(slots, lines, roots, swapped),
    )


def bought_lines(lines: Sequence[OrderLine]) -> dict[int, OrderLine]:
    """Return, for each line's id, the line that was paid for: exchanges lead back to what they stand for."""
    by_id = {line.pk: line for line in lines}
    return {line.pk: _chain(line, by_id)[-1] for line in lines}


def origin_of_missing(case_id: int) -> str:
    """Return the origin of what goes back for missing pieces: unique, so that a case is paid once."""
    return f"{_MISSING}{case_id}"


def origin_of_left_out(line_id: int, *, settled: int) -> str:
    """Return the origin of what goes back late for pieces of a line, of which `settled` were paid back before."""
    return f"{_MISSING}line:{line_id}:{settled}"


def origin_of_came_back(parcel_id: int) -> str:
    """Return the origin of what goes back for a parcel that came back to us: unique, so that it is paid once."""
    return f"{_CAME_BACK}{parcel_id}"


def _sent_in_exchange(lines: Sequence[OrderLine]) -> set[int]:
    """What is sent instead of a missing piece stands for that one, so it is in exchange when that one was."""
    by_id = {line.pk: line for line in lines}
    return {line.pk for line in lines if any(one.kind == Kind.EXCHANGE for one in _chain(line, by_id))}


def _tallies(
    lines: Sequence[OrderLine],
    roots: Mapping[int, OrderLine],
    swapped: Collection[int],
    refunded: Iterable[RefundItem],
) -> dict[int, Tally]:
    back, out, paid = Counter[int](), Counter[int](), Counter(item.line_id for item in refunded)
    for line in lines:
        root = roots[line.pk].pk
        back[root] += line.qty_returned
        if line.kind == Kind.EXCHANGE:
            out[root] += line.quantity - line.qty_cancelled
        elif line.pk in swapped:  # its pieces are counted where they were planned first
            out[root] -= line.qty_cancelled
    return {root.pk: Tally(back[root.pk], out[root.pk], paid[root.pk]) for root in roots.values()}


def _never_sent(
    slots: Sequence[Slot], lines: Sequence[OrderLine], roots: Mapping[int, OrderLine], swapped: Collection[int]
) -> dict[int, int]:
    """Count pieces that are left out, as far as they were not paid back as a whole, by whoever."""
    gone: Counter[int] = Counter()
    for line in lines:
        if line.pk not in swapped:
            gone[roots[line.pk].pk] += line.qty_cancelled
    worthless = Counter(slot.line_id for slot in slots if not slot.closed and not slot.left_minor)
    return {root_id: min(pieces, worthless[root_id]) for root_id, pieces in gone.items()}


def _origins_of_missing(order: Order, lines: Collection[int]) -> set[str]:
    """Return the origins of what went back for missing pieces of exchanges.  One query, none without exchanges."""
    if not lines:
        return set()
    missing = Unavailability.objects.filter(order=order, line__in=lines).order_by("id")
    return {origin_of_missing(case_id) for case_id in missing.values_list("pk", flat=True)}


def _of(item: RefundItem, origins: Collection[str]) -> bool:
    return item.grant.origin in origins


def _chain(line: OrderLine, by_id: Mapping[int, OrderLine]) -> list[OrderLine]:
    """Return a line and the ones it stands for, the bought one last."""
    chain = [line]
    while chain[-1].exchange_of_id is not None:
        chain.append(by_id[chain[-1].exchange_of_id])
    return chain
