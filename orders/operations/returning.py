"""Count pieces that came back on the order line; what became of them is the returns app's affair."""

from __future__ import annotations

from django.db.models import F

from orders.models import OrderLine


class MoreThanDelivered(Exception):
    """More pieces would be back than were ever delivered."""


def note_returned(*, line_id: int, quantity: int) -> None:
    """Add `quantity` pieces to a line's returned ones, in the caller's transaction with the order locked.

    Raises MoreThanDelivered; the guard is part of the one UPDATE.
    """
    guarded = OrderLine.objects.filter(pk=line_id, qty_delivered__gte=F("qty_returned") + quantity)
    if guarded.update(qty_returned=F("qty_returned") + quantity) != 1:
        raise MoreThanDelivered(f"line {line_id}")
