"""What must always be true of conversations.  Source: support reference 10; reliability reference 2.7."""

from __future__ import annotations

from shop.invariants import Invariant

SUPPORT_INVARIANTS = (
    Invariant(
        "U01",
        "Every message belongs to a conversation.",
        """
        SELECT 'message ' || m.id, 'kind ' || m.kind
        FROM support_message m LEFT JOIN support_conversation c ON c.id = m.conversation_id WHERE c.id IS NULL
        """,
    ),
    Invariant(
        "U02",
        "No conversation is closed while somebody waits.",
        """
        SELECT 'conversation ' || number, 'waiting since ' || waiting_since
        FROM support_conversation WHERE status = 'closed' AND waiting_since IS NOT NULL
        """,
    ),
    Invariant(
        "U03",
        "Whoever waits has a due time.",
        """
        SELECT 'conversation ' || number, 'waiting since ' || waiting_since
        FROM support_conversation WHERE waiting_since IS NOT NULL AND next_due_at IS NULL
        """,
    ),
    Invariant(
        "U04",
        "A conversation knows who waits and since when: as its messages say.",
        """
        SELECT 'conversation ' || c.number,
            'says ' || coalesce(c.waiting_since::text, 'nobody')
            || ', messages say ' || coalesce(w.since::text, 'nobody')
        FROM support_conversation c
        LEFT JOIN LATERAL (
            SELECT min(q.written_at) AS since FROM support_message q
            WHERE q.conversation_id = c.id AND q.kind = 'in' AND NOT q.automated
                AND NOT EXISTS (SELECT 1 FROM support_noreplyneeded n WHERE n.message_id = q.id)
                AND NOT EXISTS (
                    SELECT 1 FROM support_message a
                    WHERE a.conversation_id = c.id AND a.kind = 'out' AND NOT a.automated
                        AND a.accepted_at IS NOT NULL AND a.id > q.id)
        ) w ON true
        WHERE c.waiting_since IS DISTINCT FROM w.since
        """,
    ),
    Invariant(
        "U05",
        "Whoever waits is on the desk.",
        """
        SELECT 'conversation ' || number, 'status ' || status
        FROM support_conversation WHERE waiting_since IS NOT NULL AND status = 'waiting'
        """,
    ),
    Invariant(
        "U06",
        "Every mail that was processed became exactly one message.",
        """
        SELECT 'inbound ' || i.id, count(m.id) || ' messages'
        FROM shop_inbound i LEFT JOIN support_message m ON m.raw_id = i.id
        WHERE i.source = 'mail' AND i.state = 'processed'
        GROUP BY i.id HAVING count(m.id) <> 1
        """,
    ),
    Invariant(
        "U07",
        "Every delayed order has a case on the desk within ten minutes, unless a crisis told of many is the cause.",
        # Counted from when the event was written: a delay noted for an earlier moment is as new as its event.
        """
        SELECT 'order ' || o.number, 'delay ' || d.round || ' noticed ' || d.noticed_at
        FROM orders_delaycase d JOIN orders_order o ON o.id = d.order_id
        WHERE d.noticed_at < now() - interval '10 minutes' AND d.cause <> 'incident'
            AND NOT EXISTS (
                SELECT 1 FROM shop_event e
                WHERE e.order_number = o.number AND e.name = 'orders.order.delayed'
                    AND e.payload ->> 'delay_id' = d.id::text AND e.recorded_at > now() - interval '10 minutes')
            AND NOT EXISTS (
                SELECT 1 FROM support_conversation c
                WHERE c.order_id = o.id AND c.kind = 'delay' AND c.origin = 'system')
        """,
    ),
    Invariant(
        "U08",
        "Whoever said that something is not quite right has a case on the desk within ten minutes.",
        """
        SELECT 'order ' || o.number, 'said so ' || q.answered_at
        FROM orders_arrivalquestion q JOIN orders_order o ON o.id = q.order_id
        WHERE q.state = 'not_quite' AND q.answered_at < now() - interval '10 minutes'
            AND NOT EXISTS (
                SELECT 1 FROM shop_event e WHERE e.order_number = o.number AND e.name = 'orders.arrival.not-quite'
                    AND e.recorded_at > now() - interval '10 minutes')
            AND NOT EXISTS (SELECT 1 FROM support_conversation c WHERE c.case_key = 'arrival:' || o.number)
        """,
    ),
    Invariant(
        "U09",
        "Nobody is asked for a review while a case about the order is open.",
        # A minute: both may happen at the same moment.  Our own case of a delay counts once somebody wrote in it.
        """
        SELECT 'order ' || o.number, 'asked ' || e.happened_at || ' while ' || c.number || ' was open'
        FROM shop_event e
            JOIN orders_order o ON o.number = e.order_number
            JOIN support_conversation c ON c.order_id = o.id
        WHERE e.name = 'orders.review.invited' AND c.opened_at < e.happened_at - interval '1 minute'
            AND (c.closed_at IS NULL OR c.closed_at > e.happened_at)
            AND (c.origin <> 'system' OR c.kind <> 'delay' OR EXISTS (
                SELECT 1 FROM support_message m
                WHERE m.conversation_id = c.id AND m.kind IN ('in', 'out') AND m.written_at < e.happened_at))
        """,
    ),
    Invariant(
        "U12",
        "Whoever asked about a piece has a conversation on the desk within ten minutes.",
        """
        SELECT 'question ' || q.id, 'asked ' || q.asked_at
        FROM shop_productquestion q
        WHERE q.email <> '' AND q.asked_at < now() - interval '10 minutes'
            AND NOT EXISTS (
                SELECT 1 FROM shop_event e WHERE e.subject = 'shop.productquestion:' || q.id
                    AND e.name = 'shop.question.asked' AND e.recorded_at > now() - interval '10 minutes')
            AND NOT EXISTS (SELECT 1 FROM support_conversation c WHERE c.question_id = q.id)
        """,
    ),
    Invariant(
        "U10",
        "What a month's budget says was given is the sum of its gestures, and no more than the budget.",
        """
        SELECT 'budget of ' || b.month_on, b.spent_minor || ' of ' || b.budget_minor || ' said to be given, gestures: '
            || coalesce(sum(g.amount_minor), 0)
        FROM support_gesturebudget b LEFT JOIN support_gesture g ON g.budget_id = b.id
        GROUP BY b.id
        HAVING b.spent_minor <> coalesce(sum(g.amount_minor), 0) OR coalesce(sum(g.amount_minor), 0) > b.budget_minor
        """,
    ),
    Invariant(
        "U11",
        "A fault has at most one gesture, given with its letter of regret, and as much store credit as it says.",
        """
        SELECT 'fault ' || f.id, count(g.id) || ' gestures, ' || f.state || ', credit ' || string_agg(
            coalesce(e.amount_minor::text, 'none'), ', ')
        FROM support_fault f JOIN support_gesture g ON g.fault_id = f.id
            LEFT JOIN orders_creditentry e ON e.id = g.entry_id
        GROUP BY f.id
        HAVING count(g.id) > 1 OR f.state <> 'regretted' OR bool_or(e.amount_minor IS DISTINCT FROM g.amount_minor)
        """,
    ),
)
