"""What must always be true of returns."""

from __future__ import annotations

from shop.invariants import Invariant

RETURN_INVARIANTS = (
    Invariant(
        "R01",
        "No more pieces of a line are in open and settled returns than were delivered.",
        """
        SELECT 'order line ' || l.id, 'delivered ' || l.qty_delivered || ', in returns ' || sum(
            CASE WHEN c.status IN ('requested', 'approved') THEN cl.quantity ELSE coalesce(i.quantity, 0) END)
        FROM returns_caseline cl
        JOIN returns_returncase c ON c.id = cl.case_id AND c.status NOT IN ('declined', 'withdrawn')
        JOIN orders_orderline l ON l.id = cl.order_line_id
        LEFT JOIN returns_inspection i ON i.case_line_id = cl.id
        GROUP BY l.id
        HAVING sum(CASE WHEN c.status IN ('requested', 'approved') THEN cl.quantity ELSE coalesce(i.quantity, 0) END)
            > l.qty_delivered
        """,
    ),
    Invariant(
        "R02",
        "An inspection that put pieces somewhere moved the stock once, by that many, to that place.",
        """
        SELECT 'inspection ' || i.id, i.disposition || ' of ' || i.quantity || ', movements ' || count(m.id)
        FROM returns_inspection i
        LEFT JOIN shop_stockmovement m ON m.key = 'returns.inspection:' || i.id
            AND m.kind = CASE i.disposition WHEN 'restock' THEN 'returned' WHEN 'quarantine' THEN 'quarantined'
                ELSE 'written_off' END
            AND m.on_hand_delta = CASE WHEN i.disposition = 'restock' THEN i.quantity ELSE 0 END
            AND m.quarantine_delta = CASE WHEN i.disposition = 'quarantine' THEN i.quantity ELSE 0 END
        GROUP BY i.id
        HAVING count(m.id) <> CASE WHEN i.quantity > 0 THEN 1 ELSE 0 END
        """,
    ),
    Invariant(
        "R03",
        "A settled return has its refund, of the sum it says, and each exchange its line; no other has a refund.",
        """
        SELECT 'return ' || c.number, c.status || ', says ' || c.refund_minor || ', granted ' || coalesce(g.amount, 0)
        FROM returns_returncase c
        LEFT JOIN (
            SELECT origin, sum(amount_minor) AS amount FROM orders_refundgrant GROUP BY origin
        ) g ON g.origin = 'returns.case:' || c.id
        LEFT JOIN (
            SELECT case_id, sum(amount_minor) AS amount,
                count(*) FILTER (WHERE granted = '' OR (granted = 'exchange' AND exchange_line_id IS NULL)) AS unclear
            FROM returns_caseline GROUP BY case_id
        ) l ON l.case_id = c.id
        WHERE coalesce(g.amount, 0) <> c.refund_minor
            OR c.refund_minor > coalesce(l.amount, 0) + c.delivery_minor + c.wrap_minor
            OR (c.status = 'settled' AND coalesce(l.unclear, 1) > 0)
        """,
    ),
    Invariant(
        "R04",
        "A return that was received has an inspection for every line; no other return has any.",
        """
        SELECT 'return ' || c.number, c.status || ', ' || count(i.id) || ' of ' || count(cl.id) || ' lines inspected'
        FROM returns_returncase c
        JOIN returns_caseline cl ON cl.case_id = c.id
        LEFT JOIN returns_inspection i ON i.case_line_id = cl.id
        GROUP BY c.id
        HAVING count(i.id) <> CASE WHEN c.status IN ('received', 'settled') THEN count(cl.id) ELSE 0 END
        """,
    ),
    Invariant(
        "R05",
        "A return went through its states one after the other, each with its event.",
        """
        SELECT 'return ' || c.number, c.status || ' without ' || step.name
        FROM returns_returncase c
        JOIN (VALUES
            ('requested', 'requested'), ('approved', 'requested'), ('approved', 'approved'),
            ('declined', 'requested'), ('declined', 'declined'), ('withdrawn', 'requested'),
            ('withdrawn', 'withdrawn'), ('received', 'requested'), ('received', 'approved'), ('received', 'received'),
            ('settled', 'requested'), ('settled', 'approved'), ('settled', 'received'), ('settled', 'settled')
        ) AS step (status, name) ON step.status = c.status
        LEFT JOIN shop_event e ON e.subject = 'returns.case:' || c.id AND e.name = 'returns.case.' || step.name
        GROUP BY c.id, step.name
        HAVING count(e.id) <> 1
        """,
    ),
    Invariant(
        "R06",
        "The order line counts as returned exactly what inspections found.",
        """
        SELECT 'order line ' || l.id, 'counted ' || l.qty_returned || ', inspected ' || coalesce(sum(i.quantity), 0)
        FROM orders_orderline l
        LEFT JOIN returns_caseline cl ON cl.order_line_id = l.id
        LEFT JOIN returns_inspection i ON i.case_line_id = cl.id
        GROUP BY l.id
        HAVING l.qty_returned <> coalesce(sum(i.quantity), 0)
        """,
    ),
    Invariant(
        "R07",
        "What a withdrawal did by itself is so: its order is cancelled, or its pieces are in returns and none twice.",
        """
        SELECT 'withdrawal ' || w.id, 'says cancelled, the order is ' || o.status
        FROM returns_withdrawal w JOIN orders_order o ON o.id = w.order_id
        WHERE w.outcome = 'cancelled' AND o.status <> 'cancelled'
        UNION ALL
        SELECT 'withdrawal ' || w.id,
            'line ' || stated.line || ': stated ' || stated.pieces || ', in its returns ' || coalesce(inside.pieces, 0)
        FROM returns_withdrawal w
        CROSS JOIN LATERAL (
            SELECT (pair ->> 0)::bigint AS line, (pair ->> 1)::bigint AS pieces FROM jsonb_array_elements(w.units) pair
        ) stated
        LEFT JOIN LATERAL (
            SELECT sum(cl.quantity) AS pieces FROM returns_caseline cl
                JOIN returns_returncase c ON c.id = cl.case_id AND c.withdrawal_id = w.id
            WHERE cl.order_line_id = stated.line
        ) inside ON true
        WHERE coalesce(inside.pieces, 0) > stated.pieces
            OR (w.outcome = 'return' AND coalesce(inside.pieces, 0) < stated.pieces)
        """,
    ),
)
