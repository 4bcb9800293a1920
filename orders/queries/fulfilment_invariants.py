"""What must always be true between placed and delivered.  Source: reliability reference 2.7, I12 and I14."""

from __future__ import annotations

from shop.invariants import Invariant

FULFILMENT_INVARIANTS = (
    Invariant(
        "O21",
        "A parcel says what the fold of its scans says.",
        # The part of the fold SQL can repeat: the last scan that means something, `delivered` winning over what
        # follows unless the parcel comes back or the courier corrects itself.
        """
        WITH ranked AS (
            SELECT t.*, array_position(ARRAY['awaiting_handover', 'label_created', 'accepted', 'in_transit', 'held',
                'out_for_delivery', 'attempt_failed', 'ready_for_pickup', 'delivered', 'returning', 'returned',
                'lost_or_silent'], t.status::text) AS rank
            FROM orders_trackingevent t
        ), known AS (
            SELECT *, row_number() OVER (PARTITION BY parcel_id
                ORDER BY occurred_at, rank, provider COLLATE "C", external_id COLLATE "C") AS nth
            FROM ranked WHERE rank IS NOT NULL
        ), counted AS (
            SELECT k.* FROM known k WHERE k.status IN ('delivered', 'returning', 'returned')
                OR k.reason = 'delivery_corrected'
                OR NOT EXISTS (
                    SELECT 1 FROM known d WHERE d.parcel_id = k.parcel_id AND d.status = 'delivered'
                        AND d.nth < k.nth AND NOT EXISTS (
                            SELECT 1 FROM known c WHERE c.parcel_id = k.parcel_id AND c.reason = 'delivery_corrected'
                                AND c.status <> 'delivered' AND c.nth > d.nth AND c.nth < k.nth))
        ), folded AS (
            SELECT DISTINCT ON (parcel_id) parcel_id, status FROM counted ORDER BY parcel_id, nth DESC
        )
        SELECT 'parcel ' || p.id, 'says ' || p.carrier_status || ', its scans say ' || coalesce(f.status, 'nothing')
        FROM orders_parcel p LEFT JOIN folded f ON f.parcel_id = p.id
        WHERE p.carrier_status <> coalesce(f.status, '')
        """,
    ),
    Invariant(
        "O22",
        "The pieces handed over and delivered are the ones in parcels that were.",
        """
        SELECT 'order line ' || l.id, l.qty_handed_over || ' handed over, parcels say ' || coalesce(sum(i.quantity)
                FILTER (WHERE p.status IN ('handed_over', 'delivered')), 0) || '; ' || l.qty_delivered
                || ' delivered, parcels say ' || coalesce(sum(i.quantity) FILTER (WHERE p.status = 'delivered'), 0)
        FROM orders_orderline l
            LEFT JOIN orders_parcelline i ON i.line_id = l.id
            LEFT JOIN orders_parcel p ON p.id = i.parcel_id
        GROUP BY l.id
        HAVING l.qty_handed_over <> coalesce(sum(i.quantity) FILTER (WHERE p.status IN ('handed_over', 'delivered')), 0)
            OR l.qty_delivered <> coalesce(sum(i.quantity) FILTER (WHERE p.status = 'delivered'), 0)
            OR l.qty_handed_over > l.quantity - l.qty_cancelled - l.qty_missing - l.qty_replaced
        """,
    ),
    Invariant(
        "O23",
        "A promise later than the one before it has a delay that tells why.",
        """
        SELECT 'promise ' || n.id, 'version ' || n.version || ' of order ' || n.order_id || ' is later, nobody was told'
        FROM orders_promise n
            JOIN orders_promise o ON o.order_id = n.order_id AND o.version = n.version - 1
            LEFT JOIN orders_delaycase d ON d.new_promise_id = n.id
        WHERE n.deliver_by_on > o.deliver_by_on AND n.source IN ('courier', 'watch') AND d.id IS NULL
        """,
    ),
    Invariant(
        "O24",
        "A delay has the event that tells of it.",
        """
        SELECT 'delay ' || d.id, 'round ' || d.round || ' of order ' || d.order_id || ' has no event'
        FROM orders_delaycase d JOIN orders_order o ON o.id = d.order_id
        WHERE NOT EXISTS (
            SELECT 1 FROM shop_event e WHERE e.order_number = o.number AND e.name IN ('orders.order.delayed',
                    'orders.order.incident-told', 'orders.order.incident-told-again')
                AND e.payload ->> 'delay_id' = d.id::text)
        """,
    ),
    Invariant(
        "O25",
        "What was handed over or delivered has the event that tells of it.",
        """
        SELECT 'parcel ' || p.id, p.status || ' without ' || told.name
        FROM orders_parcel p JOIN (VALUES ('handed_over', 'orders.parcel.handed-over'),
            ('delivered', 'orders.parcel.handed-over'), ('delivered', 'orders.parcel.delivered')) AS told(status, name)
            ON told.status = p.status
        WHERE NOT EXISTS (
            SELECT 1 FROM shop_event e WHERE e.subject = 'orders.parcel:' || p.id AND e.name = told.name)
        """,
    ),
    Invariant(
        "O26",
        "A delay is settled once the order has arrived.",
        """
        SELECT 'delay ' || d.id, 'noticed ' || d.noticed_at || ', delivered ' || o.delivered_at
        FROM orders_delaycase d JOIN orders_order o ON o.id = d.order_id
        WHERE o.delivered_at IS NOT NULL AND d.settled_at IS NULL
        """,
    ),
    Invariant(
        "M12",
        "What came back to us was put away, piece by piece; an order of which all came back is over.",
        """
        SELECT 'parcel ' || p.id,
            i.quantity || ' of line ' || i.line_id || ' came back, put away ' || coalesce(m.on_hand_delta, 0)
        FROM orders_parcel p JOIN orders_parcelline i ON i.parcel_id = p.id
            LEFT JOIN shop_stockmovement m ON m.key = 'came-back:' || p.id || ':' || i.line_id
                AND m.kind IN ('returned', 'quarantined')
        WHERE p.came_back_at IS NOT NULL AND coalesce(m.on_hand_delta + m.quarantine_delta, 0) <> i.quantity
        UNION ALL
        SELECT 'order ' || o.number, 'is placed, and all of it came back'
        FROM orders_order o JOIN orders_parcel p ON p.order_id = o.id
        WHERE o.status = 'placed' GROUP BY o.id
        HAVING bool_and(p.status = 'cancelled') AND bool_or(p.came_back_at IS NOT NULL)
        """,
    ),
    Invariant(
        "O28",
        "The missing pieces of a line are those of its open cases, in a parcel that still holds them.",
        """
        SELECT 'order line ' || l.id, l.qty_missing || ' missing, cases say ' || coalesce(c.pieces, 0)
        FROM orders_orderline l LEFT JOIN (
            SELECT line_id, sum(quantity) AS pieces FROM orders_unavailability WHERE state <> 'settled'
            GROUP BY line_id) c ON c.line_id = l.id
        WHERE l.qty_missing <> coalesce(c.pieces, 0)
        UNION ALL
        SELECT 'missing piece ' || u.id, u.quantity || ' missing, parcel holds ' || coalesce(i.quantity, 0)
        FROM orders_unavailability u
            LEFT JOIN orders_parcelline i ON i.parcel_id = u.parcel_id AND i.line_id = u.line_id
        WHERE u.state <> 'settled' AND u.quantity > coalesce(i.quantity, 0)
        """,
    ),
    Invariant(
        "O29",
        "Of the pieces sent instead there are as many as were replaced.",
        """
        SELECT 'order line ' || l.id, l.qty_replaced || ' replaced, sent instead ' || coalesce(sum(r.quantity), 0)
        FROM orders_orderline l LEFT JOIN orders_orderline r ON r.exchange_of_id = l.id AND r.kind = 'instead'
        GROUP BY l.id HAVING l.qty_replaced <> coalesce(sum(r.quantity), 0)
        """,
    ),
    Invariant(
        "O27",
        "An order on its way is watched.",
        """
        SELECT 'order ' || o.number, 'nobody looks at it again'
        FROM orders_order o
        WHERE o.status = 'placed' AND o.watch_at IS NULL
            AND EXISTS (SELECT 1 FROM orders_promise p WHERE p.order_id = o.id)
            AND EXISTS (
                SELECT 1 FROM orders_parcel p JOIN orders_parcelline i ON i.parcel_id = p.id
                    JOIN orders_orderline l ON l.id = i.line_id
                WHERE p.order_id = o.id AND p.status NOT IN ('cancelled', 'delivered')
                    AND NOT (o.pickup AND p.status = 'packed') AND (  -- it waits at the counter, and she has the word
                    l.kind <> 'exchange' AND p.due_at IS NULL
                    OR EXISTS (SELECT 1 FROM orders_parcelplan d WHERE d.parcel_id = p.id)))
        """,
    ),
)
