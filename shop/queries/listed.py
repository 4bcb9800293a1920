"""How a listing follows from the catalogue: one statement, used to make rows anew and to check them.

Pieces in somebody's checkout count as in stock here, since they come and go by the minute; the card and the product's
page know better.
"""

from __future__ import annotations

from django.conf import settings

from shop.invariants import Invariant
from shop.rules.finding import (
    CALLED,
    COMES,
    NAMED,
    ON_ORDER,
    PREORDER,
    PRICE_EDGES,
    READY_STEPS,
    RESERVED,
    SIZE,
    dictionary,
    price_bands,
)
from shop.rules.money import exponent


def derived(*, only: str = "") -> str:
    """Return the statement of every product on sale; `only` is a condition on `p`, a row of shop_product.

    Its columns are those of shop_listing, and `plain`: the words as people write them, for the vocabulary.
    """
    return _DERIVED.format(
        only=f"AND {only}" if only else "",
        size=SIZE,
        reserved=", ".join(f"'{word}'" for word in RESERVED),
        bands=", ".join(f"'{band}'" for band in price_bands()),
        edges=", ".join(str(edge * 10 ** exponent(settings.SHOP_CURRENCY)) for edge in PRICE_EDGES),
        steps=", ".join(str(step) for step in READY_STEPS),
        preorder=PREORDER,
        on_order=ON_ORDER,
        comes=COMES,
        stems=dictionary(settings.LANGUAGE_CODE),
        named=NAMED,
        called=CALLED,
        whole=WHOLE_NAME.format("name"),
    )


def listings_are_true() -> Invariant:
    """Return the check that listings say what the catalogue says; notes of the last ten minutes excuse a product."""
    columns = ", ".join(COLUMNS)
    return Invariant(
        "S12",
        "What is found by search and filters is what the catalogue holds.",
        f"""
        WITH fresh AS MATERIALIZED (SELECT {columns} FROM ({derived()}) AS d)
        SELECT 'listing of product ' || product_id,
            CASE WHEN l.words IS NULL THEN 'missing' WHEN f.words IS NULL THEN 'not on sale' ELSE 'out of date' END
        FROM fresh f FULL JOIN shop_listing l USING (product_id)
        WHERE (f.words IS NULL OR l.words IS NULL OR (f.*) IS DISTINCT FROM
                (product_id, l.category_id, l.position, l.created_at, l.price_minor, l.rating, l.facets, l.pairs,
                l.words))
            AND NOT EXISTS (SELECT 1 FROM shop_listingdue u
                WHERE u.product_id = coalesce(f.product_id, l.product_id)
                AND u.noted_at > now() - interval '10 minutes')
        """,  # noqa: S608 -- our own columns
    )


COLUMNS = ("product_id", "category_id", "position", "created_at", "price_minor", "rating", "facets", "pairs", "words")

# A name as one word, whatever stands between its letters; the same for what is typed.
WHOLE_NAME = "trim(regexp_replace(lower(unaccent({})), '[^[:alnum:]]+', ' ', 'g'))"

# A few reviews say little: five of three and a half stars are counted in with everybody's.
# What is on its way is told by the day its first free piece comes in (rules/goods.py), which no clock changes.
# Of words, what a thing is called weighs most (A), then what it is made of and comes in (B), who made it (C).
_DERIVED = """
    WITH wanted AS (
        SELECT p.*, c.slug AS shelf, c.name AS shelf_name
        FROM shop_product p JOIN shop_category c ON c.id = p.category_id WHERE p.published {only}
    ), forms AS (
        SELECT v.id, v.product_id, v.price_minor, v.making_days, s.at_once, s.there,
            CASE WHEN s.there OR NOT s.sold OR v.making_days > 0 THEN NULL
                WHEN s.preorder THEN '{preorder}' ELSE '{on_order}' END AS coming
        FROM shop_variant v JOIN wanted w ON w.id = v.product_id, LATERAL (
            SELECT at_once, at_once > 0 AS there, at_once + ahead > 0 AS sold, preorder FROM (
                SELECT coalesce(sum(l.on_hand - l.allocated
                    + CASE WHEN l.policy IN ('backorder', 'preorder') THEN 0 ELSE l.oversell_limit END), 0) AS at_once,
                    coalesce(sum(CASE WHEN l.policy IN ('backorder', 'preorder') THEN l.oversell_limit ELSE 0 END), 0)
                        AS ahead,
                    coalesce(bool_or(l.policy = 'preorder' AND l.oversell_limit > 0), FALSE) AS preorder
                FROM shop_stocklevel l WHERE l.variant_id = v.id
            ) AS levels
        ) AS s WHERE v.active
    ), goods AS (
        SELECT f.product_id, min(c.expected_on) AS expected_on
        FROM forms f, LATERAL (
            SELECT a.expected_on, sum(a.pieces - a.arrived_pieces) OVER (ORDER BY a.expected_on, a.id) AS pieces
            FROM shop_stocklevel l JOIN shop_stockarrival a ON a.level_id = l.id
            WHERE l.variant_id = f.id AND a.state = 'expected' AND a.overdue_at IS NULL
        ) AS c WHERE f.coming IS NOT NULL AND f.at_once + c.pieces > 0 GROUP BY f.id, f.product_id
    ), options AS (
        SELECT f.product_id, f.id AS variant_id, f.there, t.code AS type, t.code || ':' || o.code AS key, o.label
        FROM forms f
        JOIN shop_variant_options m ON m.variant_id = f.id
        JOIN shop_optionvalue o ON o.id = m.optionvalue_id
        JOIN shop_optiontype t ON t.id = o.type_id AND t.code NOT IN ({reserved})
    ), made_of AS (
        SELECT w.id AS product_id, 'material:' || a.code AS key, a.name
        FROM wanted w JOIN shop_product_materials m ON m.product_id = w.id JOIN shop_material a ON a.id = m.material_id
    ), keys AS (
        SELECT id AS product_id, 'shelf:' || shelf AS key FROM wanted
        UNION SELECT id, 'cut:' || cut FROM wanted WHERE cut <> ''
        UNION SELECT product_id, key FROM made_of
        UNION SELECT product_id, key FROM options WHERE there OR type <> '{size}'
        UNION SELECT product_id,
            'price:' || (ARRAY[{bands}])[1 + width_bucket(price_minor, ARRAY[{edges}]::int[])] FROM forms
        UNION SELECT f.product_id, 'ready:' || step
            FROM forms f, unnest(ARRAY[{steps}]) AS step WHERE f.there AND f.making_days <= step
        UNION SELECT product_id, 'coming:' || coming FROM forms WHERE coming IS NOT NULL
        UNION SELECT product_id, '{comes}:' || to_char(expected_on, 'YYYY-MM-DD') FROM goods
    ), names AS (
        SELECT product_id, string_agg(DISTINCT label, ' ' ORDER BY label) AS words
        FROM (SELECT product_id, label FROM options UNION SELECT product_id, name FROM made_of) AS n
        GROUP BY product_id
    ), stars AS (
        SELECT v.product_id, round((sum(n::int * place) + 17.5) * 100 / (sum(n::int) + 5))::int AS rating
        FROM shop_voices v JOIN wanted w ON w.id = v.product_id,
            jsonb_array_elements_text(v.stars) WITH ORDINALITY AS s (n, place)
        GROUP BY v.product_id HAVING sum(n::int) > 0
    ), together AS (
        SELECT a.product_id, array_agg(DISTINCT a.key || '+' || b.key ORDER BY a.key || '+' || b.key) AS pairs
        FROM options a JOIN options b ON b.variant_id = a.variant_id AND a.type < b.type COLLATE "C"
        WHERE a.there GROUP BY a.product_id
    ), prices AS (
        SELECT product_id, min(price_minor) AS price_minor FROM forms GROUP BY product_id
    ), filters AS (
        SELECT product_id, array_agg(key ORDER BY key) AS facets FROM keys GROUP BY product_id
    ), texts AS (
        SELECT w.id, unaccent(w.name) AS name,
            unaccent(concat_ws(' ', w.shelf_name, n.words, w.material)) AS kinds,
            unaccent(concat_ws(' ', w.maker, w.summary)) AS about,
            unaccent(left(concat_ws(' ', w.maker_note, w.origin, w.fit, w.selling_points, w.story), 20000)) AS rest
        FROM wanted w LEFT JOIN names n ON n.product_id = w.id
    ), vectors AS (
        SELECT id,
            setweight(to_tsvector('{stems}', name), 'A') || setweight(to_tsvector('{stems}', kinds), 'B')
                || setweight(to_tsvector('{stems}', about), 'C') || to_tsvector('{stems}', rest) AS stems,
            setweight(to_tsvector('simple', name), 'A') || setweight(to_tsvector('simple', kinds), 'B')
                || setweight(to_tsvector('simple', about), 'C') AS plain,
            array_to_tsvector(ARRAY(
                SELECT '{named}' || lexeme FROM unnest(to_tsvector('{stems}', name) || to_tsvector('simple', name))
            ) || ('{called}' || {whole})) AS named
        FROM texts
    )
    SELECT w.id AS product_id, w.category_id, w.position, w.created_at, o.price_minor,
        coalesce(s.rating, 0)::smallint AS rating, f.facets, coalesce(t.pairs, '{{}}') AS pairs,
        v.stems || v.plain || v.named AS words, v.plain
    FROM wanted w
    JOIN prices o ON o.product_id = w.id
    JOIN filters f ON f.product_id = w.id
    JOIN vectors v ON v.id = w.id
    LEFT JOIN stars s ON s.product_id = w.id
    LEFT JOIN together t ON t.product_id = w.id
"""
