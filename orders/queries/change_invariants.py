"""What must always be true of orders that were changed.  Source: commerce reference b-17; reliability reference 2.7."""

from __future__ import annotations

from shop.invariants import Invariant

CHANGE_INVARIANTS = (
    Invariant(
        "O13",
        "What is due is what the order costs.",
        """
        SELECT 'order ' || o.number, 'costs ' || o.total_minor || ', due ' || p.due_minor
        FROM orders_payment p JOIN orders_order o ON o.id = p.order_id WHERE p.due_minor <> o.total_minor
        """,
    ),
    Invariant(
        "O14",
        "A change that was paid for was made, or its money goes back; none is made on a card that paid nothing, and "
        "none waits for an order that is over.",
        """
        SELECT 'change ' || c.id, c.state || ', paid ' || coalesce(e.paid, 0) || ' of ' || c.pay_minor
        FROM orders_orderchange c JOIN orders_payment p ON p.order_id = c.order_id
        LEFT JOIN LATERAL (
            SELECT sum(amount_minor) AS paid FROM orders_paymentevent e
            WHERE e.payment_id = p.id AND e.kind = 'capture' AND e.phase = 'succeeded'
                AND e.key LIKE 'change:' || c.id || ':%') e ON true
        WHERE (e.paid > 0 AND c.state NOT IN ('applied', 'refused'))
            OR (c.state = 'refused' AND NOT EXISTS (
                SELECT 1 FROM orders_refundgrant g WHERE g.origin = 'orders.change:' || c.id))
            OR (c.state = 'applied' AND p.provider IN ('test_card', 'stripe') AND coalesce(e.paid, 0) <> c.pay_minor)
        UNION ALL
        SELECT 'change ' || c.id, 'staged for an order that is ' || o.status
        FROM orders_orderchange c JOIN orders_order o ON o.id = c.order_id
        WHERE c.state = 'staged' AND o.status <> 'placed'
        """,
    ),
    Invariant(
        "O15",
        "A draft that is over holds nothing, says nothing of anybody, and is an order when it says so.",
        """
        SELECT 'draft ' || d.id, d.state || ', holds ' || count(r.id)
        FROM orders_orderdraft d LEFT JOIN shop_stockreservation r ON r.holder = 'orders.cart:' || d.cart_id
        WHERE d.state IN ('dropped', 'expired') GROUP BY d.id HAVING count(r.id) > 0 OR d.details <> '{}'::jsonb
        UNION ALL
        SELECT 'draft ' || d.id, 'ordered, but its order is ' || o.status
        FROM orders_orderdraft d JOIN orders_order o ON o.id = d.order_id
        WHERE d.state = 'placed' AND o.status NOT IN ('placed', 'cancelled')
        """,
    ),
)
