"""What must always be true of the shop's own tables."""

from __future__ import annotations

from shop.invariants import Invariant

SHOP_INVARIANTS = (
    Invariant(
        "S01",
        "A stock level is the sum of its movements.",
        """
        SELECT 'stock level ' || l.id, 'shelf ' || l.on_hand || ', movements say ' || coalesce(sum(m.on_hand_delta), 0)
            || '; spoken for ' || l.allocated || ', movements say ' || coalesce(sum(m.allocated_delta), 0)
        FROM shop_stocklevel l LEFT JOIN shop_stockmovement m ON m.level_id = l.id
        GROUP BY l.id
        HAVING l.on_hand <> coalesce(sum(m.on_hand_delta), 0)
            OR l.allocated <> coalesce(sum(m.allocated_delta), 0)
            OR l.quarantine <> coalesce(sum(m.quarantine_delta), 0)
        """,
    ),
    Invariant(
        "S02",
        "No more pieces are spoken for than the shelf and its limit allow.",
        """
        SELECT 'stock level ' || id, allocated || ' of ' || on_hand || ' + ' || oversell_limit
        FROM shop_stocklevel WHERE allocated > on_hand + oversell_limit OR allocated < 0 OR on_hand < 0
        """,
    ),
    Invariant(
        "S22",
        "A shelf that sells only what is there has no limit beyond it.",
        """
        SELECT 'stock level ' || id, policy || ', yet ' || oversell_limit || ' beyond the shelf'
        FROM shop_stocklevel WHERE policy = 'deny' AND oversell_limit > 0
        """,
    ),
    Invariant(
        "S23",
        "A shelf that sells what is on its way promises no more than that.",
        """
        SELECT 'stock level ' || l.id, l.oversell_limit || ' may be sold ahead, ' || coalesce(sum(
            a.pieces - a.arrived_pieces), 0) || ' are expected'
        FROM shop_stocklevel l LEFT JOIN shop_stockarrival a ON a.level_id = l.id AND a.state = 'expected'
        WHERE l.policy IN ('backorder', 'preorder')
        GROUP BY l.id
        HAVING l.oversell_limit > greatest(coalesce(sum(a.pieces - a.arrived_pieces), 0), l.allocated - l.on_hand)
        """,
    ),
    Invariant(
        "S03",
        "No event waits for its consumer longer than ten minutes, and none is parked.",
        """
        SELECT 'event delivery ' || d.id, d.consumer || ' ' || d.state || ' ' || d.error
        FROM shop_eventdelivery d
        WHERE d.state = 'parked' OR (d.state = 'due' AND d.due_at < now() - interval '10 minutes')
        """,
    ),
    Invariant(
        "S04",
        "Everything that came in is processed, ignored with a reason, or shown to staff within ten minutes.",
        """
        SELECT 'inbound ' || id, source || ' ' || state || ' ' || error
        FROM shop_inbound
        WHERE state = 'parked' OR (state = 'received' AND due_at < now() - interval '10 minutes')
            OR (state = 'ignored' AND error = '')
        """,
    ),
    Invariant(
        "S10",
        "What a product's page says of its reviews and votes is what they say.",
        """
        SELECT 'voices of product ' || v.product_id, v.reviews || ' reviews, ' || coalesce(r.n, 0) || ' published; '
            || (v.fit_small + v.fit_fit + v.fit_large) || ' votes, ' || coalesce(f.n, 0) || ' cast'
        FROM shop_voices v
        LEFT JOIN (SELECT x.product_id, count(*) AS n, sum(w.stars) AS stars FROM shop_review w
            JOIN shop_variant x ON x.id = w.variant_id WHERE w.status = 'published' GROUP BY 1) r USING (product_id)
        LEFT JOIN (SELECT x.product_id, count(*) AS n, count(*) FILTER (WHERE w.verdict = 'small') AS small,
            count(*) FILTER (WHERE w.verdict = 'large') AS large FROM shop_fitvote w
            JOIN shop_variant x ON x.id = w.variant_id WHERE w.retracted_at IS NULL GROUP BY 1) f USING (product_id)
        WHERE v.reviews <> coalesce(r.n, 0) OR v.fit_small + v.fit_fit + v.fit_large <> coalesce(f.n, 0)
            OR v.fit_small <> coalesce(f.small, 0) OR v.fit_large <> coalesce(f.large, 0)
            OR (SELECT coalesce(sum(n::int * place), 0) FROM jsonb_array_elements_text(v.stars)
                WITH ORDINALITY AS s(n, place)) <> coalesce(r.stars, 0)
        """,
    ),
    Invariant(
        "S11",
        "No review is hidden in silence: a declined one told its writer why, and none waits longer than five days.",
        """
        SELECT 'review ' || r.id, r.stars || ' stars, ' || r.status || ' since ' || coalesce(r.decided_at, r.written_at)
        FROM shop_review r
        WHERE (r.status = 'waiting' AND r.written_at < now() - interval '5 days' AND NOT EXISTS (
                SELECT 1 FROM shop_event e WHERE e.subject = 'shop.review:' || r.id
                AND e.name = 'shop.review.reconsidered' AND e.happened_at > now() - interval '5 days'))
            OR (r.status = 'declined' AND NOT EXISTS (
                SELECT 1 FROM shop_event e WHERE e.name = 'shop.review.declined'
                AND e.subject = 'shop.review:' || r.id AND e.happened_at = r.decided_at))
        """,
    ),
    Invariant(
        "S13",
        "Whoever asked earlier to hear of a piece is not told later, and nobody without her consent.",
        """
        SELECT 'waiting ' || w.id, 'for variant ' || w.variant_id || ' since ' || w.asked_at || '; told ' || t.id
        FROM shop_stockalert w JOIN shop_stockalert t ON t.variant_id = w.variant_id AND t.told_at IS NOT NULL
        WHERE w.told_at IS NULL AND w.stopped_at IS NULL AND w.confirmed_at < t.told_at
            AND (w.asked_at, w.id) < (t.asked_at, t.id)
        UNION ALL
        SELECT 'waiting ' || id, 'told without consent' FROM shop_stockalert
        WHERE told_at IS NOT NULL AND confirmed_at IS NULL
        """,
    ),
    Invariant(
        "S14",
        "What a variant costs today ends the history of its prices, which has no gap.",
        """
        SELECT 'variant ' || v.id, v.price_minor || ' ' || v.currency || ', the history ends with '
            || coalesce(p.price_minor || ' ' || p.currency, 'nothing')
        FROM shop_variant v LEFT JOIN shop_priceinterval p ON p.variant_id = v.id AND p.ends_at IS NULL
        WHERE p.id IS NULL OR (p.price_minor, p.currency) <> (v.price_minor, v.currency)
        UNION ALL
        SELECT 'price ' || p.id, 'until ' || p.ends_at || ', then nothing'
        FROM shop_priceinterval p WHERE p.ends_at IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM shop_priceinterval n WHERE n.variant_id = p.variant_id AND n.starts_at = p.ends_at)
        """,
    ),
    Invariant(
        "S21",
        "What is called reduced is measured against the lowest price of the 30 days before, and only while it runs.",
        """
        SELECT 'variant ' || v.id, 'was ' || coalesce(v.was_minor::text, 'nothing') || ', its reduction says '
            || coalesce(r.reference_minor::text, 'nothing')
        FROM shop_variant v LEFT JOIN shop_reducedprice r ON r.variant_id = v.id AND r.state = 'running'
        WHERE v.was_minor IS DISTINCT FROM r.reference_minor
        UNION ALL
        SELECT 'reduced price ' || r.id, 'measured against ' || r.reference_minor || ', the lowest was ' || l.lowest
        FROM shop_reducedprice r JOIN LATERAL (
            SELECT min(p.price_minor) AS lowest FROM shop_priceinterval p
            WHERE p.variant_id = r.variant_id AND p.starts_at < r.started_at
                AND (p.ends_at IS NULL OR p.ends_at > r.started_at - interval '30 days')) l ON true
        WHERE r.state = 'running' AND NOT r.carried AND r.reference_minor <> l.lowest
        """,
    ),
    Invariant(
        "S20",
        "What a part of a piece is made of makes 100 percent.",
        """
        SELECT 'product ' || product_id, CASE WHEN part = '' THEN 'whole' ELSE part END || ': ' || sum(percent) || ' %'
        FROM shop_fibreshare GROUP BY product_id, part HAVING sum(percent) <> 100
        """,
    ),
    Invariant(
        "S05",
        "A reservation that ran out is swept within ten minutes.",
        """
        SELECT 'reservation ' || id, holder || ' until ' || expires_at
        FROM shop_stockreservation WHERE expires_at < now() - interval '10 minutes'
        """,
    ),
    Invariant(
        "S06",
        "An arrival that is settled says when, and one that came whole is not expected any more.",
        """
        SELECT 'arrival ' || id, state || ', ' || arrived_pieces || ' of ' || pieces
        FROM shop_stockarrival
        WHERE (state = 'expected') <> (settled_at IS NULL) OR (state = 'arrived') <> (arrived_pieces = pieces)
        """,
    ),
)
