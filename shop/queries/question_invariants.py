"""What must always be true of questions about pieces.  Source: commerce reference d.1."""

from __future__ import annotations

from shop.invariants import Invariant

QUESTION_INVARIANTS = (
    Invariant(
        "S25",
        "A product's page shows the questions that were published, each with an answer and none with an address.",
        """
        SELECT 'product ' || coalesce(v.product_id, q.product_id), coalesce(v.questions, 0) || ' questions, '
            || coalesce(q.n, 0) || ' published; ' || coalesce(jsonb_array_length(v.shown_answers), 0) || ' shown'
        FROM shop_voices v FULL JOIN (
            SELECT product_id, count(*) AS n FROM shop_productquestion WHERE published_at IS NOT NULL GROUP BY 1
        ) q USING (product_id)
        WHERE coalesce(v.questions, 0) <> coalesce(q.n, 0)
            OR coalesce(jsonb_array_length(v.shown_answers), 0) <> least(coalesce(q.n, 0), 3)
            OR EXISTS (
                SELECT 1 FROM jsonb_array_elements(v.shown_answers) AS s WHERE NOT EXISTS (
                    SELECT 1 FROM shop_productquestion p
                    WHERE p.product_id = v.product_id AND p.published_at IS NOT NULL
                        AND p.shown_question = s ->> 'question' AND p.shown_answer = s ->> 'answer'))
        UNION ALL
        SELECT 'question ' || id, 'on the page without an answer' FROM shop_productquestion
        WHERE published_at IS NOT NULL AND (shown_question = '' OR shown_answer = '')
        UNION ALL
        SELECT 'question ' || id, 'tells who asked' FROM shop_productquestion
        WHERE published_at IS NOT NULL AND email <> ''
            AND position(lower(email) IN lower(shown_question || ' ' || shown_answer)) > 0
        """,
    ),
)
