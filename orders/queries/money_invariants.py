"""What must always be true of money to the single piece.  Source: reliability reference 2.7, I05 and I06."""

from __future__ import annotations

from shop.invariants import Invariant

MONEY_INVARIANTS = (
    Invariant(
        "O10",
        "The pieces of a line share exactly its price and its tax, the rates exactly the fee; all tax is the order's.",
        """
        WITH line AS (
            SELECT l.*, (SELECT coalesce(sum(u), 0) FROM unnest(l.units_paid_minor) u) AS paid,
                (SELECT coalesce(sum(u), 0) FROM unnest(l.units_tax_minor) u) AS tax
            FROM orders_orderline l
        ), fee AS (
            SELECT o.id, coalesce(sum((s ->> 1)::int), 0) AS fee, coalesce(sum((s ->> 2)::int), 0) AS tax
            FROM orders_order o LEFT JOIN LATERAL jsonb_array_elements(o.delivery_shares) s ON true GROUP BY o.id
        )
        SELECT 'order line ' || id, 'paid ' || paid || ', tax ' || tax
        FROM line WHERE paid <> gross_minor - discount_minor OR tax <> tax_minor
            OR cardinality(units_paid_minor) <> quantity OR cardinality(units_tax_minor) <> quantity
        UNION ALL
        SELECT 'order ' || o.number, 'tax ' || o.tax_minor || ', delivery ' || f.fee
        FROM orders_order o JOIN fee f ON f.id = o.id
        WHERE f.fee <> o.delivery_minor
            OR o.tax_minor <> f.tax + (SELECT coalesce(sum(tax_minor), 0) FROM line WHERE order_id = o.id)
        """,
    ),
    Invariant(
        "M01",
        "A refund is for named pieces that sum to it; no piece gives back more than was paid for it.",
        """
        SELECT 'refund ' || g.id, 'is ' || g.amount_minor || ', its parts ' || coalesce(sum(i.amount_minor), 0)
        FROM orders_refundgrant g LEFT JOIN orders_refunditem i ON i.grant_id = g.id
        GROUP BY g.id
        HAVING coalesce(sum(i.amount_minor), 0) <> CASE g.state WHEN 'refused' THEN 0 ELSE g.amount_minor END
        UNION ALL
        SELECT 'order line ' || l.id, 'piece ' || i.number || ' gave back ' || sum(i.amount_minor)
        FROM orders_refunditem i JOIN orders_orderline l ON l.id = i.line_id GROUP BY l.id, i.number
        HAVING sum(i.amount_minor) > l.units_paid_minor[i.number] OR sum(i.tax_minor) > l.units_tax_minor[i.number]
            OR l.units_paid_minor[i.number] IS NULL
        UNION ALL
        SELECT 'order ' || o.number, 'delivery gave back ' || sum(i.amount_minor)
        FROM orders_refunditem i JOIN orders_refundgrant g ON g.id = i.grant_id
            JOIN orders_payment p ON p.id = g.payment_id JOIN orders_order o ON o.id = p.order_id
        WHERE i.line_id IS NULL AND i.number > 0 GROUP BY o.id HAVING sum(i.amount_minor) > o.delivery_minor
        """,
    ),
    Invariant(
        "M06",
        "Of no sum that came in more went back than it was; a refund that is sent is sent as a whole.",
        """
        SELECT 'payment event ' || c.id, 'of ' || c.amount_minor || ' went back ' || e.back
        FROM orders_paymentevent c JOIN (
            SELECT of_id, sum(CASE kind WHEN 'refund' THEN amount_minor WHEN 'bounced' THEN -amount_minor ELSE 0 END)
                AS back
            FROM orders_paymentevent WHERE phase = 'succeeded' AND of_id IS NOT NULL GROUP BY of_id) e ON e.of_id = c.id
        WHERE e.back > c.amount_minor OR c.kind <> 'capture' OR c.phase <> 'succeeded'
        UNION ALL
        SELECT 'refund ' || g.id, 'of ' || g.amount_minor || ', sent ' || coalesce(e.sent, 0)
        FROM orders_refundgrant g LEFT JOIN LATERAL (
            SELECT sum(CASE kind WHEN 'refund' THEN amount_minor WHEN 'bounced' THEN -amount_minor END) AS sent
            FROM orders_paymentevent p WHERE p.payment_id = g.payment_id AND p.phase = 'succeeded'
                AND p.key LIKE 'grant:' || g.id || ':%') e ON true
        WHERE g.state = 'sent' AND coalesce(e.sent, 0) <> g.amount_minor
            OR g.state <> 'sent' AND coalesce(e.sent, 0) > g.amount_minor
        """,
    ),
    Invariant(
        "M02",
        "A refund that needed a second person was approved by one before anything was sent.",
        """
        SELECT 'refund ' || id, state || ', decided by ' || coalesce(decided_by_id::text, 'nobody')
        FROM orders_refundgrant
        WHERE needs_second AND state NOT IN ('asked', 'refused')
            AND (decided_at IS NULL OR decided_by_id = granted_by_id)
        """,
    ),
    Invariant(
        "M03",
        "Store credit is the sum of its entries; an order spends what it says, its account has back no more than that.",
        """
        SELECT 'store credit ' || a.id,
            'balance ' || a.balance_minor || ', entries ' || coalesce(sum(e.amount_minor), 0)
        FROM orders_storecredit a LEFT JOIN orders_creditentry e ON e.account_id = a.id
        GROUP BY a.id HAVING a.balance_minor <> coalesce(sum(e.amount_minor), 0)
        UNION ALL
        SELECT 'order ' || o.number,
            'store credit ' || p.credit_minor || ', spent ' || coalesce(-sum(e.amount_minor), 0)
        FROM orders_payment p JOIN orders_order o ON o.id = p.order_id
        LEFT JOIN orders_creditentry e ON e.order_id = o.id AND e.kind = 'spend'
        GROUP BY p.id, o.number HAVING p.credit_minor <> coalesce(-sum(e.amount_minor), 0)
        UNION ALL
        SELECT 'order ' || o.number, 'store credit ' || e.account_id || ' had back ' || sum(e.amount_minor)
            || ' more than it paid'
        FROM orders_creditentry e JOIN orders_order o ON o.id = e.order_id
        WHERE (e.kind = 'spend' OR e.kind = 'restore' AND e.key NOT LIKE '%:own')
            AND EXISTS (SELECT 1 FROM orders_creditentry s WHERE s.order_id = o.id AND s.kind = 'spend')
        GROUP BY o.number, e.account_id HAVING sum(e.amount_minor) > 0
        UNION ALL
        SELECT 'refund ' || g.id,
            'store credit ' || g.credit_minor || ', given back ' || coalesce(sum(e.amount_minor), 0)
        FROM orders_refundgrant g LEFT JOIN orders_creditentry e
            ON e.key IN ('restore:grant:' || g.id, 'restore:grant:' || g.id || ':own')
        GROUP BY g.id
        HAVING coalesce(sum(e.amount_minor), 0) > g.credit_minor
            OR g.state = 'sent' AND coalesce(sum(e.amount_minor), 0) <> g.credit_minor
        """,
    ),
    Invariant(
        "M07",
        "A former price on an order is one that a reduction of the piece was measured against.",
        """
        SELECT 'order line ' || l.id, 'was ' || l.was_minor || ', and no reduction says so'
        FROM orders_orderline l
        WHERE l.was_minor IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM shop_reducedprice r WHERE r.variant_id = l.variant_id
                AND r.reference_minor = l.was_minor AND r.started_at IS NOT NULL)
        """,
    ),
    Invariant(
        "M08",
        "An order with nothing open, or one that is over, carries no day to be paid by.",
        """
        SELECT 'order ' || o.number, o.status || ', due ' || p.due_minor || ', received '
            || p.captured_minor - p.beyond_minor || ', to be paid by ' || p.expires_at
        FROM orders_payment p JOIN orders_order o ON o.id = p.order_id
        WHERE p.expires_at IS NOT NULL
            AND (p.due_minor <= p.captured_minor - p.beyond_minor OR o.status IN ('declined', 'cancelled'))
        """,
    ),
    Invariant(
        "M09",
        "Of a cancelled order everything that is here goes back.",
        """
        SELECT 'order ' || o.number, 'received ' || p.captured_minor || ', granted ' || p.granted_minor
            || ', taken back ' || p.charged_back_minor
        FROM orders_payment p JOIN orders_order o ON o.id = p.order_id
        WHERE o.status = 'cancelled' AND p.captured_minor > p.granted_minor + p.charged_back_minor
        """,
    ),
    Invariant(
        "M04",
        "Numbers of invoices and credit notes have no gaps: each series ends where its last document does.",
        """
        SELECT 'series ' || s.kind || ' ' || s.year, 'last number ' || s.last_number || ', documents ' || count(d.id)
        FROM orders_documentseries s LEFT JOIN orders_document d ON d.kind = s.kind AND d.year = s.year
        GROUP BY s.id HAVING s.last_number <> count(d.id) OR s.last_number <> coalesce(max(d.sequence), 0)
        """,
    ),
    Invariant(
        "M05",
        "A credit note is its refund, less what was paid beyond the price; none takes back more than its invoice.",
        """
        SELECT 'credit note ' || d.number, 'is ' || d.total_minor
        FROM orders_document d JOIN orders_refunditem i ON i.grant_id = d.grant_id
        GROUP BY d.id
        HAVING d.total_minor <> coalesce(sum(i.amount_minor) FILTER (WHERE i.line_id IS NOT NULL OR i.number > 0), 0)
        UNION ALL
        SELECT 'invoice ' || d.number, 'of ' || d.total_minor || ' took back ' || sum(c.total_minor)
        FROM orders_document d JOIN orders_document c ON c.corrects_id = d.id
        GROUP BY d.id HAVING sum(c.total_minor) > d.total_minor
        """,
    ),
    Invariant(
        "M10",
        "Of pieces that were left out nothing is asked: their money went back, or their price was taken off.",
        """
        WITH RECURSIVE tree AS (
            SELECT id, id AS root, qty_cancelled FROM orders_orderline WHERE kind = 'sale'
            UNION ALL
            SELECT c.id, t.root, c.qty_cancelled FROM orders_orderline c JOIN tree t ON c.exchange_of_id = t.id
            WHERE c.kind = 'instead'
        )
        SELECT 'order line ' || l.id, n.pieces || ' left out, nothing is asked of ' || count(u.number)
        FROM (SELECT root, sum(qty_cancelled) AS pieces FROM tree GROUP BY root HAVING sum(qty_cancelled) > 0) n
            JOIN orders_orderline l ON l.id = n.root
            JOIN orders_order o ON o.id = l.order_id AND o.status = 'placed'
            LEFT JOIN LATERAL (
                SELECT p.number FROM unnest(l.units_paid_minor) WITH ORDINALITY p(paid, number)
                    LEFT JOIN orders_refunditem i ON i.line_id = l.id AND i.number = p.number
                    LEFT JOIN orders_refundgrant g ON g.id = i.grant_id
                GROUP BY p.number, p.paid
                HAVING bool_or(i.whole AND g.origin NOT LIKE 'returns.case:%')
                    OR NOT coalesce(bool_or(i.whole), false) AND coalesce(sum(i.amount_minor), 0) = p.paid
            ) u ON true
        GROUP BY l.id, n.pieces HAVING count(u.number) < n.pieces
        """,
    ),
    Invariant(
        "M13",
        "The invoice of an order, less what was taken off it unpaid, is what the order costs.",
        """
        SELECT 'order ' || o.number, 'costs ' || o.total_minor || ', invoiced ' || d.minor
        FROM orders_order o JOIN (
            SELECT order_id, sum(CASE kind WHEN 'invoice' THEN total_minor ELSE -total_minor END) AS minor
            FROM orders_document WHERE grant_id IS NULL GROUP BY order_id) d ON d.order_id = o.id
        WHERE d.minor NOT IN (0, o.total_minor)  -- 0: taken back, and due again when it is paid
        """,
    ),
)
