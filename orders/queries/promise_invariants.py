"""What must always be true of promises, delays and what became of them.  Source: reliability reference 2.7, I14."""

from __future__ import annotations

from shop.invariants import Invariant

PROMISE_INVARIANTS = (
    Invariant(
        "O50",
        "Nothing leaves after a second delay without her own word.",
        """
        SELECT 'parcel ' || p.id, 'left ' || p.handed_over_at || ' while round ' || d.round || ' waited for her word'
        FROM orders_parcel p JOIN orders_delaycase d ON d.order_id = p.order_id
        WHERE p.due_at IS NULL AND d.decide_by_at IS NOT NULL AND p.handed_over_at > d.noticed_at
            AND (d.decided_at IS NULL OR d.decided_at > p.handed_over_at)
            AND NOT EXISTS (SELECT 1 FROM orders_delaycase n WHERE n.order_id = d.order_id AND n.round > d.round
                AND n.decided_at <= p.handed_over_at)
        """,
    ),
    Invariant(
        "O51",
        "What was delivered has an outcome, and it says what the promise and the delivery say.",
        """
        SELECT 'order ' || o.number, 'delivered ' || o.delivered_at || ', promised until ' || f.breaks_at
            || ', outcome ' || coalesce(r.kept_first::text, 'missing')
        FROM orders_order o
            JOIN orders_promise f ON f.order_id = o.id AND f.version = 1
            LEFT JOIN orders_promiseoutcome r ON r.order_id = o.id
        WHERE o.delivered_at IS NOT NULL AND (r.id IS NULL OR r.delivered_at <> o.delivered_at OR (
            r.kept_first <> (o.delivered_at < f.breaks_at) AND NOT EXISTS (
                SELECT 1 FROM orders_promise c WHERE c.order_id = o.id AND c.source = 'customer')))
        """,
    ),
    Invariant(
        "O52",
        "The fee of a guaranteed date that was missed goes back.",
        """
        SELECT 'order ' || o.number, 'guaranteed until ' || f.breaks_at || ', no fee went back'
        FROM orders_order o
            JOIN orders_promise f ON f.order_id = o.id AND f.version = 1
            JOIN orders_payment p ON p.order_id = o.id
        WHERE o.guaranteed AND o.status = 'placed' AND o.delivery_minor > 0
            AND p.captured_minor > p.granted_minor + p.charged_back_minor
            AND f.breaks_at < now() - interval '1 hour' AND coalesce(o.delivered_at, now()) >= f.breaks_at
            AND NOT EXISTS (SELECT 1 FROM orders_promise c WHERE c.order_id = o.id AND c.source = 'customer')
            AND NOT EXISTS (SELECT 1 FROM orders_delaycase d WHERE d.order_id = o.id AND d.cause = 'payment')
            AND NOT EXISTS (SELECT 1 FROM orders_refundgrant g WHERE g.origin = 'orders.guarantee:' || o.id)
        """,
    ),
    Invariant(
        "O54",
        "An order has arrived once everything sold has: an exchange is no part of it.",
        """
        SELECT 'order ' || o.number, 'everything sold arrived by ' || max(p.delivered_at) || ', nobody noticed'
        FROM orders_order o JOIN orders_parcel p ON p.order_id = o.id AND p.due_at IS NULL AND p.status <> 'cancelled'
        WHERE o.status = 'placed' AND o.delivered_at IS NULL AND EXISTS (
            SELECT 1 FROM orders_parcelline i JOIN orders_orderline l ON l.id = i.line_id
            WHERE i.parcel_id = p.id AND l.kind <> 'exchange')
        GROUP BY o.id HAVING bool_and(p.status = 'delivered')
        """,
    ),
    Invariant(
        "O53",
        "A delivery service promises by its newest table, as that was learned.",
        """
        SELECT 'service ' || s.code,
            'says ' || (s.learned ->> 'by_days') || ' days by table ' || (s.learned ->> 'version')
        FROM orders_servicelevel s
        WHERE s.learned IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM orders_deliverytable t
            WHERE t.service_id = s.id AND t.version = (s.learned ->> 'version')::int
                AND t.knowledge = s.learned - 'version'
                AND NOT EXISTS (
                    SELECT 1 FROM orders_deliverytable n WHERE n.service_id = s.id AND n.version > t.version))
        """,
    ),
)
