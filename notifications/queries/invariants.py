"""What must always be true of messages.  Source: reliability reference I07-I09."""

from __future__ import annotations

from shop.invariants import Invariant

NOTIFICATION_INVARIANTS = (
    Invariant(
        "N01",
        "Every event that calls for a message has one, or a row that says why nobody needed it.",
        """
        SELECT 'event ' || e.id, e.name || ' left no message'
        FROM shop_event e JOIN shop_eventdelivery d ON d.event_id = e.id
        WHERE d.consumer = 'notifications.compose' AND d.state = 'done'
            AND NOT EXISTS (SELECT 1 FROM notifications_message m WHERE m.event_id = e.id)
        """,
    ),
    Invariant(
        "N02",
        "No message is held by a worker whose lease ended more than a minute ago.",
        """
        SELECT 'message ' || id, kind || ' leased until ' || coalesce(lease_until::text, 'nobody knows')
        FROM notifications_message
        WHERE state = 'claimed' AND coalesce(lease_until, '-infinity') < now() - interval '60 seconds'
        """,
    ),
    Invariant(
        "N03",
        "What counts as sent was accepted exactly once, or is shown as unconfirmed.",
        """
        SELECT 'message ' || m.id, m.kind || ' accepted ' || count(a.id) || ' times'
        FROM notifications_message m
            LEFT JOIN notifications_attempt a ON a.message_id = m.id AND a.outcome = 'accepted'
        WHERE m.state IN ('sent', 'bounced') AND m.unconfirmed_at IS NULL
        GROUP BY m.id HAVING count(a.id) <> 1
        """,
    ),
    Invariant(
        "N04",
        "No message is overdue by more than ten minutes, unless an earlier one of the same order goes first.",
        """
        SELECT 'message ' || m.id, m.kind || ' due ' || m.due_at || ' ' || m.reason
        FROM notifications_message m
        WHERE m.state = 'queued' AND m.due_at < now() - interval '10 minutes'
            AND NOT EXISTS (
                SELECT 1 FROM notifications_message first
                WHERE first.order_number = m.order_number AND m.order_number <> '' AND first.recipient = m.recipient
                    AND first.event_id < m.event_id AND first.state IN ('queued', 'claimed'))
        """,
    ),
    Invariant(
        "N05",
        "Nobody is told that a parcel is on its way after being told that it has arrived.",
        """
        SELECT 'message ' || late.id, late.kind || ' went out after ' || arrived.kind || ' ' || arrived.id
        FROM notifications_message arrived
            JOIN shop_event a ON a.id = arrived.event_id AND a.name = 'orders.parcel.delivered'
            JOIN notifications_message late ON late.order_number = arrived.order_number
                AND late.recipient = arrived.recipient AND late.state = 'sent' AND late.sent_at > arrived.sent_at
            JOIN shop_event e ON e.id = late.event_id AND e.payload -> 'parcel_id' = a.payload -> 'parcel_id'
        WHERE arrived.state = 'sent' AND e.name IN ('orders.parcel.packed', 'orders.parcel.handed-over',
            'orders.parcel.out-for-delivery', 'orders.parcel.attempt-failed')
        """,
    ),
)
