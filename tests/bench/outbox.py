"""A full outbox to send: rendered once for each kind, then copied by the database to as many readers as wanted."""

from __future__ import annotations

from datetime import datetime

from django.db import connection

from notifications.models import Message
from shop.operations.events import relay_events
from tests.factories.notifications import event_for
from tests.factories.orders import placed_order

KINDS = ("order_placed", "parcel_handed_over", "tracking_link")


def fill_outbox(count: int, *, at: datetime) -> None:
    """Queue `count` rendered messages to as many readers about as many orders, due now, the kinds taking turns."""
    for number, kind in enumerate(KINDS):
        event_for(kind, at=at, order=placed_order(at=at, number=f"KP-000{number}-0000"))
    while relay_events(at):
        pass
    patterns = list(Message.objects.order_by("id").values_list("id", flat=True))
    columns = ", ".join(
        f'"{field.column}"'
        for field in Message._meta.concrete_fields
        if field.column not in ("id", "order_number", "recipient", "message_id", "event_id")
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH copies AS (
                SELECT n, (%s::bigint[])[1 + n %% {len(patterns)}] AS pattern, nextval('shop_event_id_seq') AS event
                FROM generate_series(1, %s) n),
            events AS (
                INSERT INTO shop_event (id, name, subject, order_number, payload, visibility, actor_kind, happened_at)
                SELECT c.event, e.name, e.subject, 'KP-' || c.n, e.payload, e.visibility, e.actor_kind, e.happened_at
                FROM copies c JOIN notifications_message m ON m.id = c.pattern JOIN shop_event e ON e.id = m.event_id
                RETURNING id)
            INSERT INTO notifications_message (event_id, order_number, recipient, message_id, {columns})
            SELECT c.event, 'KP-' || c.n, 'ana+' || c.n || '@example.com', '<' || c.n || '@bench.example>', {columns}
            FROM copies c JOIN notifications_message m ON m.id = c.pattern
            """,  # noqa: S608 -- names of our own columns
            [patterns, count],
        )
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("DELETE FROM notifications_message WHERE id = ANY(%s)", [patterns])
        cursor.execute("ANALYZE notifications_message, shop_event")
