"""What must always be true of orders, their money and their stock.  Source: reliability reference 2.7."""

from __future__ import annotations

from shop.invariants import Invariant

PLACING_INVARIANTS = (
    Invariant(
        "O01",
        "A submission leads to at most one order, and an order that was placed knows its submission's outcome.",
        """
        SELECT 'submission ' || s.key, s.state || ', order ' || coalesce(o.status, 'none')
        FROM orders_submission s LEFT JOIN orders_order o ON o.id = s.order_id
        WHERE s.order_id IS NULL
            OR (s.state = 'done' AND o.status NOT IN ('placed', 'cancelled'))
            OR (s.state = 'refused' AND o.status <> 'declined')
        """,
    ),
    Invariant(
        "O02",
        "An order's goods are the sum of its sold lines.",
        """
        SELECT 'order ' || o.number,
            'goods ' || o.goods_minor || ', lines ' || coalesce(sum(l.gross_minor - l.discount_minor), 0)
        FROM orders_order o LEFT JOIN orders_orderline l ON l.order_id = o.id AND l.kind = 'sale'
        GROUP BY o.id HAVING o.goods_minor <> coalesce(sum(l.gross_minor - l.discount_minor), 0)
            OR o.total_minor <> o.goods_minor + o.delivery_minor
        """,
    ),
    Invariant(
        "O03",
        "Balances are what the ledger says.",
        """
        SELECT 'payment of order ' || o.number, 'received ' || p.captured_minor || ', refunded ' || p.refunded_minor
            || ', taken back ' || p.charged_back_minor
        FROM orders_payment p JOIN orders_order o ON o.id = p.order_id
        LEFT JOIN (
            SELECT payment_id, coalesce(sum(amount_minor) FILTER (WHERE kind = 'capture'), 0) AS captured,
                coalesce(sum(CASE kind WHEN 'refund' THEN amount_minor WHEN 'bounced' THEN -amount_minor END), 0)
                    AS back,
                coalesce(sum(CASE kind WHEN 'chargeback' THEN amount_minor WHEN 'reversal' THEN -amount_minor END), 0)
                    AS taken
            FROM orders_paymentevent WHERE phase = 'succeeded' GROUP BY payment_id) e ON e.payment_id = p.id
        WHERE p.captured_minor <> coalesce(e.captured, 0) OR p.refunded_minor <> coalesce(e.back, 0)
            OR p.charged_back_minor <> coalesce(e.taken, 0)
        """,
    ),
    Invariant(
        "O04",
        "What was granted is the sum of the grants, never more than was received; what was sent never more than that.",
        """
        SELECT 'payment of order ' || o.number, 'granted ' || p.granted_minor || ' of ' || p.captured_minor
        FROM orders_payment p JOIN orders_order o ON o.id = p.order_id
        LEFT JOIN orders_refundgrant g ON g.payment_id = p.id AND g.state <> 'refused'
        GROUP BY p.id, o.number
        HAVING p.granted_minor <> coalesce(sum(g.amount_minor), 0)
            OR p.refunded_minor < coalesce(sum(g.amount_minor) FILTER (WHERE g.state = 'sent'), 0)
            OR p.granted_minor > p.captured_minor OR p.refunded_minor > p.granted_minor
        UNION ALL
        SELECT 'payment of order ' || o.number, 'beyond the price ' || p.beyond_minor || ', refunds say '
            || coalesce(i.beyond, 0)
        FROM orders_payment p JOIN orders_order o ON o.id = p.order_id
        LEFT JOIN (
            SELECT g.payment_id, sum(i.amount_minor) AS beyond
            FROM orders_refunditem i JOIN orders_refundgrant g ON g.id = i.grant_id
            WHERE i.line_id IS NULL AND i.number = 0 GROUP BY g.payment_id) i ON i.payment_id = p.id
        WHERE p.beyond_minor <> coalesce(i.beyond, 0)
        """,
    ),
    Invariant(
        "O05",
        "As many pieces are spoken for as open order lines need.",
        """
        SELECT 'variant ' || v.sku, 'spoken for ' || coalesce(s.allocated, 0) || ', open ' || coalesce(n.pieces, 0)
        FROM shop_variant v
        LEFT JOIN (SELECT variant_id, sum(allocated) AS allocated FROM shop_stocklevel GROUP BY variant_id) s
            ON s.variant_id = v.id
        LEFT JOIN (
            SELECT l.variant_id, sum(l.quantity - l.qty_cancelled - l.qty_missing - l.qty_replaced
                - l.qty_handed_over) AS pieces
            FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id
            WHERE o.status IN ('placing', 'placed') GROUP BY l.variant_id) n ON n.variant_id = v.id
        WHERE coalesce(s.allocated, 0) <> coalesce(n.pieces, 0)
        """,
    ),
    Invariant(
        "O06",
        "Every placed order has a first promise and a placed event.",
        """
        SELECT 'order ' || o.number, 'promise or placed event is missing'
        FROM orders_order o
        WHERE o.status IN ('placed', 'cancelled') AND o.id IN (SELECT order_id FROM orders_submission) AND (
            NOT EXISTS (SELECT 1 FROM orders_promise p WHERE p.order_id = o.id AND p.version = 1)
            OR NOT EXISTS (
                SELECT 1 FROM shop_event e WHERE e.name = 'orders.order.placed' AND e.order_number = o.number))
        """,
    ),
    Invariant(
        "O07",
        "No claim waits ten minutes longer than its lease.",
        """
        SELECT 'submission ' || key, 'claimed, lease until ' || lease_until
        FROM orders_submission WHERE state = 'claimed' AND lease_until < now() - interval '10 minutes'
        """,
    ),
    Invariant(
        "O08",
        "A refund that is due is carried out within an hour, or a person was asked.",
        """
        SELECT 'refund ' || id, origin || ' ' || error
        FROM orders_refundgrant WHERE state = 'granted' AND due_at < now() - interval '1 hour'
        """,
    ),
    Invariant(
        "O09",
        "An order's payment status is what its balances say.",
        """
        SELECT 'order ' || o.number, o.payment_status
        FROM orders_order o JOIN orders_payment p ON p.order_id = o.id
            CROSS JOIN LATERAL (
                SELECT p.refunded_minor - least(p.beyond_minor, p.refunded_minor) AS back,
                    p.captured_minor - p.beyond_minor AS kept
            ) r
        WHERE o.payment_status <> CASE
            WHEN p.charged_back_minor > 0 THEN 'charged_back'
            WHEN r.back > 0 AND r.back >= least(r.kept, p.due_minor) THEN 'refunded'
            WHEN r.back > 0 THEN 'part_refunded'
            WHEN r.kept >= p.due_minor THEN 'paid'
            WHEN p.provider = 'cash_on_delivery' THEN 'on_delivery'
            ELSE 'pending' END
        """,
    ),
    Invariant(
        "O11",
        "What a promotion says of its uses and its budget, and a voucher of its uses, is what living redemptions say.",
        """
        SELECT 'promotion ' || p.id, 'used ' || p.uses || ', redemptions ' || count(r.id)
        FROM orders_promotion p LEFT JOIN orders_redemption r ON r.promotion_id = p.id AND r.released_at IS NULL
        WHERE p.uses_limit IS NOT NULL OR p.budget_minor IS NOT NULL
        GROUP BY p.id HAVING p.uses <> count(r.id) OR p.spent_minor <> coalesce(sum(r.saved_minor), 0)
        UNION ALL
        SELECT 'voucher ' || v.id, 'used ' || v.uses || ', redemptions ' || count(r.id)
        FROM orders_voucher v LEFT JOIN orders_redemption r ON r.voucher_id = v.id AND r.released_at IS NULL
        GROUP BY v.id HAVING v.uses <> count(r.id)
        """,
    ),
    Invariant(
        "O12",
        "An order that is over has given its promotions back; a living one has what was taken off its goods.",
        """
        SELECT 'order ' || o.number, o.status || ' still uses promotion ' || r.promotion_id
        FROM orders_redemption r JOIN orders_order o ON o.id = r.order_id
        WHERE r.released_at IS NULL AND o.status IN ('declined', 'cancelled')
        UNION ALL
        SELECT 'order ' || o.number, 'taken off ' || l.off || ', promotions say ' || coalesce(r.saved, 0)
        FROM orders_order o
            JOIN (SELECT order_id, sum(discount_minor) AS off FROM orders_orderline GROUP BY order_id) l
                ON l.order_id = o.id
            LEFT JOIN (SELECT r.order_id, sum(r.saved_minor) AS saved FROM orders_redemption r
                JOIN orders_promotion p ON p.id = r.promotion_id AND p.kind IN ('percent', 'amount')
                GROUP BY r.order_id) r ON r.order_id = o.id
        WHERE l.off <> coalesce(r.saved, 0) AND NOT EXISTS (
            SELECT 1 FROM orders_unavailability u WHERE u.order_id = o.id AND u.choice = 'rest')
        """,
    ),
)
