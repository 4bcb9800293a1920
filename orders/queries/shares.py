"""What of an order was paid and can still go back, as slots.  Source: commerce reference b-13."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from orders.models import Order, OrderLine, RefundItem
from orders.rules.shares import Slot


def slots_of(order: Order) -> list[Slot]:
    """Return every piece of an order by line and number, then delivery by rate; refused refunds do not count.

    Two queries.  Lock the payment first when something is to be taken.
    """
    lines = OrderLine.objects.filter(order=order).order_by("id")
    return slots_from(order, lines, RefundItem.objects.filter(grant__payment__order=order).order_by("id"))


def slots_from(order: Order, lines: Iterable[OrderLine], items: Iterable[RefundItem]) -> list[Slot]:
    """Return the slots of an order whose lines, and what was refunded of it, are at hand.  No query."""
    back: dict[tuple[int | None, int], list[RefundItem]] = defaultdict(list)
    for item in items:
        back[item.line_id, item.number].append(item)
    pieces = [
        _slot(back[line.pk, number], line.pk, number, paid, tax, line.tax_rate_bp)
        for line in lines
        if line.kind == OrderLine.Kind.SALE
        for number, (paid, tax) in enumerate(zip(line.units_paid_minor, line.units_tax_minor, strict=True), start=1)
    ]
    fees = [
        _slot(back[None, number], None, number, fee, tax, rate)
        for number, (rate, fee, tax) in enumerate(order.delivery_shares, start=1)
    ]
    return pieces + fees


def _slot(items: Iterable[RefundItem], line_id: int | None, number: int, paid: int, tax: int, rate_bp: int) -> Slot:
    known = list(items)
    return Slot(
        line_id=line_id,
        number=number,
        paid_minor=paid,
        tax_minor=tax,
        rate_bp=rate_bp,
        back_minor=sum(item.amount_minor for item in known),
        back_tax_minor=sum(item.tax_minor for item in known),
        closed=any(item.whole for item in known),
    )
