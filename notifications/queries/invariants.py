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
        WHERE m.state IN ('sent', 'bounced') AND m.unconfirmed_at IS NULL AND m.channel <> 'inbox'
        GROUP BY m.id HAVING count(a.id) <> 1
        """,
    ),
    Invariant(
        "N04",
        "No message is overdue by more than ten minutes, unless an earlier one of the same order goes first or its "
        "provider is left alone.",
        """
        SELECT 'message ' || m.id, m.kind || ' due ' || m.due_at || ' ' || m.reason
        FROM notifications_message m
        WHERE m.state = 'queued' AND m.due_at < now() - interval '10 minutes'
            AND NOT EXISTS (
                SELECT 1 FROM notifications_message first
                WHERE first.order_number = m.order_number AND m.order_number <> '' AND first.recipient = m.recipient
                    AND first.event_id < m.event_id AND first.state IN ('queued', 'claimed') AND first.lane < 3)
            AND NOT EXISTS (
                SELECT 1 FROM notifications_provider p
                WHERE split_part(p.name, ':', 1) = m.channel AND p.rests_until > now() - interval '10 minutes')
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
        WHERE arrived.state = 'sent' AND e.name IN ('orders.parcel.packed', 'orders.parcel.ready-to-collect',
            'orders.parcel.handed-over', 'orders.parcel.out-for-delivery', 'orders.parcel.attempt-failed',
            'orders.parcel.address-unclear')
        """,
    ),
    Invariant(
        "N06",
        "Who was promised a day that is over was told the newer one, or it shows why she was not.",
        # Held back, failed, bounced and unconfirmed messages are on staff's lists and counted there.
        """
        SELECT 'delay ' || d.id, 'order ' || o.number || ' was promised until ' || b.deliver_by_on
            || ' and was told no newer day'
        FROM orders_delaycase d
            JOIN orders_order o ON o.id = d.order_id
            JOIN orders_promise b ON b.id = d.broken_promise_id
            JOIN orders_promise n ON n.id = d.new_promise_id
        WHERE n.told_at IS NULL AND greatest(b.breaks_at, d.noticed_at + interval '10 minutes') < now()
            AND NOT EXISTS (
                SELECT 1 FROM shop_event e JOIN notifications_message m ON m.event_id = e.id
                WHERE e.order_number = o.number AND e.payload ->> 'promise_id' = n.id::text
                    AND (m.state IN ('suppressed', 'failed', 'bounced')
                        OR (m.state = 'sent' AND m.unconfirmed_at IS NOT NULL)))
        """,
    ),
    Invariant(
        "N07",
        "A promise counts as told exactly when a mail server took a message that tells it.",
        """
        SELECT 'promise ' || p.id, 'of order ' || o.number || ' told ' || coalesce(p.told_at::text, 'never')
            || ', messages taken: ' || count(m.id)
        FROM orders_promise p
            JOIN orders_order o ON o.id = p.order_id
            LEFT JOIN shop_event e ON e.order_number = o.number AND e.payload ->> 'promise_id' = p.id::text
            LEFT JOIN notifications_message m ON m.event_id = e.id
                AND m.state IN ('sent', 'bounced') AND m.unconfirmed_at IS NULL
        GROUP BY p.id, o.number
        HAVING (p.told_at IS NOT NULL) <> (count(m.id) > 0)
        """,
    ),
    Invariant(
        "N08",
        "What counts as told together with other news is in a letter that is out or on its way.",
        """
        SELECT 'message ' || part.id, part.kind || ' is in letter ' || letter.id || ', which is ' || letter.state
        FROM notifications_message part JOIN notifications_message letter ON letter.id = part.told_in_id
        WHERE letter.state = 'suppressed'
        """,
    ),
    Invariant(
        "N09",
        "Nothing goes to an address after it was closed.",
        # Five minutes: a message may have been on the line while the news of its address came in.
        """
        SELECT 'message ' || m.id, m.kind || ' went out though its address is closed since ' || s.since
        FROM notifications_suppression s
            JOIN notifications_message m ON m.channel = s.channel AND lower(m.recipient) = lower(s.address)
        WHERE m.sent_at > s.since + interval '5 minutes' AND m.sent_at < coalesce(s.lifted_at, 'infinity')
        """,
    ),
    Invariant(
        "N10",
        "What she waits for, an open order or what is open of it, is on the silence budget, and its next word is "
        "neither overdue nor put off beyond it.",
        # Two hours for a sweep that rests, thirty days for holidays; a wait is counted once its event was relayed.
        """
        WITH waits AS (
            SELECT o.id AS order_id, 'orders.order:' || o.id AS subject, '-infinity'::timestamptz AS since
            FROM orders_order o WHERE o.status = 'placed' AND o.delivered_at IS NULL
            UNION ALL
            SELECT p.order_id, 'orders.line:' || i.line_id, '-infinity'::timestamptz
            FROM orders_parcel p JOIN orders_parcelline i ON i.parcel_id = p.id JOIN orders_order o ON o.id = p.order_id
            WHERE p.due_at IS NOT NULL AND p.status NOT IN ('delivered', 'cancelled')
                AND NOT (o.pickup AND p.status = 'packed')
            UNION ALL
            SELECT c.order_id, 'returns.case:' || c.id, coalesce(c.received_at, c.requested_at)
            FROM returns_returncase c WHERE c.status IN ('requested', 'received')
            UNION ALL
            SELECT y.order_id, 'orders.refund:' || g.id, g.granted_at
            FROM orders_refundgrant g JOIN orders_payment y ON y.id = g.payment_id
            WHERE g.state IN ('granted', 'by_hand', 'failed')
                OR (g.state = 'asked' AND (g.origin LIKE 'returns.case:%' OR g.origin LIKE 'orders.cancel:%'))
            UNION ALL
            SELECT v.order_id, 'support.conversation:' || v.id, v.waiting_since
            FROM support_conversation v JOIN orders_order o ON o.id = v.order_id AND lower(o.email) = lower(v.email)
            WHERE v.waiting_since IS NOT NULL
        )
        SELECT DISTINCT 'order ' || o.number, CASE WHEN q.id IS NULL THEN 'nobody counts its silence'
            ELSE 'a word is due ' || q.due_at END
        FROM waits w JOIN orders_order o ON o.id = w.order_id LEFT JOIN notifications_quiet q ON q.order_id = o.id
        WHERE o.status <> 'placing' AND (
            q.due_at < now() - interval '2 hours'
            OR q.due_at > now() + interval '30 days'
            OR (q.id IS NULL AND EXISTS (
                SELECT 1 FROM shop_event e JOIN shop_eventdelivery d ON d.event_id = e.id
                WHERE e.order_number = o.number AND e.subject = w.subject AND e.happened_at >= w.since
                    AND d.consumer = 'notifications.silence' AND d.state = 'done')))
        """,
    ),
)
