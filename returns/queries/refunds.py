"""The money of a return, before it moves: preview and settlement read it here, both by the same rule."""

from __future__ import annotations

from collections.abc import Sequence

from orders.models import Order
from orders.queries.shares import slots_of
from returns.models import CaseLine, ReturnCase
from returns.queries.lines import bought_lines, sold_lines
from returns.rules.amounts import Back, Refund, refund_of


def refund_for(*, order: Order, back: Sequence[Back]) -> Refund:
    """Return what `back` gives back of an order as things stand.  Raises MoreThanBought.  Two queries."""
    slots = slots_of(order)
    fee = sum(slot.left_minor for slot in slots if slot.line_id is None)
    return refund_of(back=back, sold=sold_lines(slots), delivery_minor=fee)


def back_of(case: ReturnCase, lines: Sequence[CaseLine]) -> list[Back]:
    """Return the pieces of these lines: as inspected, or as asked for while they have not come.  One query."""
    roots = bought_lines(list(case.order.lines.order_by("id")))
    return [Back(roots[line.order_line_id].pk, _pieces(line)) for line in lines]


def refund_lines(lines: Sequence[CaseLine]) -> list[CaseLine]:
    """Return the lines whose money goes back: granted so, or asked so while nothing is decided."""
    return [line for line in lines if (line.granted or line.wanted) == CaseLine.Resolution.REFUND]


def preview_of(case: ReturnCase) -> Refund:
    """Return what settling this return now would give back.  Raises MoreThanBought."""
    lines = refund_lines(list(case.lines.select_related("inspection").order_by("id")))
    return refund_for(order=case.order, back=back_of(case, lines))


def _pieces(line: CaseLine) -> int:
    return line.inspection.quantity if hasattr(line, "inspection") else line.quantity
