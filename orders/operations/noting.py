"""Notes of staff on an order: written once, read by every colleague who sees the order, by no shopper."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from orders.models import Order, OrderNote
from shop.models import User
from shop.operations.events import record_event


@transaction.atomic
def write_note(*, order_id: int, text: str, key: UUID, by: User, at: datetime) -> OrderNote:
    """Write a note on an order, with who and when; the same `key` writes it once.  Raises Order.DoesNotExist."""
    order = Order.objects.select_for_update(of=("self",)).select_related("customer").get(pk=order_id)
    note, new = OrderNote.objects.get_or_create(
        key=key,
        defaults={
            "order": order,
            "text": text,
            "author": by,
            "author_name": str(by)[:150],
            "written_at": at,
        },
    )
    if new:
        record_event(
            name="orders.note.written",
            subject=f"orders.order:{order.pk}",
            order_number=order.number,
            customer=order.customer,
            payload={"order_id": order.pk, "note_id": note.pk},
            actor=by,
            at=at,
        )
    return note
