"""A big catalogue beside the demo's, written by SQL: products of five variants each, with options, stock and a picture.

Shelves, colours, sizes, materials and words are spread as unevenly as in a shop: some are everywhere, some are rare.
One word is in forty names however many there are.
"""

from __future__ import annotations

from typing import Any

from shop.queries.listed import COLUMNS, derived
from shop.queries.tallies import tallied

TRIGGERED = (
    "shop_product",
    "shop_variant",
    "shop_variant_options",
    "shop_product_materials",
    "shop_stocklevel",
    "shop_stockarrival",
)

OURS = "starts_with(p.slug, 'piece-')"

STEPS = (
    """INSERT INTO shop_category (name, slug, intro, image, image_alt, position)
    SELECT 'Shelf ' || i, 'shelf-' || i, '', '', '', 10 + i FROM generate_series(1, 8) AS i""",
    """INSERT INTO shop_optionvalue (type_id, code, label, swatch, position)
    SELECT t.id, 'tone-' || i, 'Tone ' || i, '#8fa67f', i FROM shop_optiontype t, generate_series(1, 20) AS i
    WHERE t.code = 'colour'""",
    """INSERT INTO shop_material (code, name, position)
    SELECT m, initcap(m), place FROM unnest(ARRAY['linen', 'cotton', 'wool', 'stoneware', 'oak', 'walnut', 'brass',
        'hemp', 'silk', 'cork']) WITH ORDINALITY AS x (m, place) ON CONFLICT DO NOTHING""",
    """INSERT INTO shop_product (category_id, name, slug, summary, story, maker, maker_note, origin, material,
        stretch, sheerness, lining, care, fit, cut, selling_points, tax_class, published, position, created_at)
    SELECT c.id, initcap(w.adjective || ' ' || m.code || ' ' || w.thing)
        || CASE WHEN i % greatest({products} / 40, 1) = 0 THEN ' Quillfeather' ELSE '' END,
        'piece-' || i, 'A ' || w.thing || ' of ' || m.code || ' for slow mornings.',
        'We make it in small runs, wash it once and look at it twice, so that what you open is what you keep.',
        w.maker, 'I begin every ' || w.thing || ' anew.', 'Porto', '100 % ' || m.code,
        '', '', '', '', '', (ARRAY['', 'close', 'regular', 'loose'])[1 + i % 4], '', 'standard', true, i,
        now() - make_interval(mins => i)
    FROM generate_series(1, {products}) AS i
    JOIN shop_category c ON c.slug = 'shelf-' || 1 + floor(8 * power((i * 7919 % 1000) / 1000.0, 2))
    JOIN shop_material m ON m.code = (ARRAY['linen', 'cotton', 'wool', 'stoneware', 'oak', 'walnut', 'brass', 'hemp',
        'silk', 'cork'])[1 + floor(10 * power((i * 4729 % 1000) / 1000.0, 2))],
    LATERAL (SELECT
        (ARRAY['washed', 'heavy', 'striped', 'piped', 'ribbed', 'banded', 'plain', 'brushed', 'woven', 'round'])
            [1 + i * 31 % 10] AS adjective,
        (ARRAY['shirt', 'tee', 'jumper', 'scarf', 'bowl', 'mug', 'cushion', 'throw', 'board', 'apron', 'towel', 'vase'])
            [1 + i * 17 % 12] AS thing,
        (ARRAY['Ines Carvalho', 'Rui Lopes', 'Joana Reis', 'Teresa Pinto'])[1 + i % 4] AS maker) AS w""",
    """INSERT INTO shop_product_materials (product_id, material_id)
    SELECT p.id, m.id FROM shop_product p JOIN shop_material m ON p.material = '100 % ' || m.code
    WHERE {ours}""",
    """INSERT INTO shop_variant (product_id, sku, label, price_minor, content_unit, currency, weight_g, making_days,
        position, active)
    SELECT p.id, 'SKU-' || p.id || '-' || n, '', 900 + (p.id * 7919) % 23000, '', 'EUR', 200,
        CASE WHEN p.id % 9 = 0 THEN 5 ELSE 0 END, n, true
    FROM shop_product p, generate_series(1, 5) AS n WHERE {ours}""",
    """INSERT INTO shop_variant_options (variant_id, optionvalue_id)
    SELECT v.id, o.id FROM shop_product p JOIN shop_variant v ON v.product_id = p.id
    JOIN shop_optiontype t ON t.code = 'colour' JOIN shop_optionvalue o ON o.type_id = t.id
        AND o.code = 'tone-' || 1 + floor(20 * power((p.id * 31337 % 1000) / 1000.0, 2)) WHERE {ours}""",
    """INSERT INTO shop_variant_options (variant_id, optionvalue_id)
    SELECT v.id, o.id FROM shop_product p JOIN shop_variant v ON v.product_id = p.id
    JOIN shop_optiontype t ON t.code = 'size'
    JOIN shop_optionvalue o ON o.type_id = t.id AND o.code = (ARRAY['xs', 's', 'm', 'l', 'xl'])[v.position]
    WHERE {ours}""",
    """INSERT INTO shop_stocklevel (variant_id, location_id, on_hand, allocated, quarantine, policy, oversell_limit)
    SELECT v.id, l.id, (v.id * 7 % 5)::int, 0, 0, CASE WHEN v.id % 15 = 0 THEN 'preorder' ELSE 'deny' END,
        CASE WHEN v.id % 15 = 0 THEN 5 ELSE 0 END FROM shop_product p
    JOIN shop_variant v ON v.product_id = p.id, shop_stocklocation l WHERE {ours}""",
    """INSERT INTO shop_stockarrival (level_id, source, pieces, arrived_pieces, expected_on, note, state, announced_at)
    SELECT s.id, 'purchase', 5, 0, current_date + 1 + (s.variant_id / 30 % 40)::int, '', 'expected', now()
    FROM shop_product p JOIN shop_variant v ON v.product_id = p.id JOIN shop_stocklevel s ON s.variant_id = v.id
    WHERE s.policy = 'preorder' AND s.variant_id % 30 = 0 AND {ours}""",
    """INSERT INTO shop_productimage (product_id, path, alt, decorative, role, width_px, height_px, position)
    SELECT id, 'demo/products/ceramics-mug-sage-1-800.webp', name, false, 'front', 800, 1000, 0
    FROM shop_product p WHERE {ours}""",
    "INSERT INTO shop_listing ({columns}) SELECT {columns} FROM ({derived}) AS d ON CONFLICT DO NOTHING",
    "TRUNCATE shop_tally",
    """INSERT INTO shop_tally (beside, key, stretch, marks)
    SELECT beside, key, stretch, marks FROM ({tallied}) AS t ORDER BY beside, stretch, key""",
    """INSERT INTO shop_searchword (word, stem)
    SELECT lexeme, lexeme FROM (SELECT DISTINCT unnest(tsvector_to_array(words)) AS lexeme FROM shop_listing) AS w
    WHERE lexeme ~ '^[a-z]{{3,60}}$' ON CONFLICT DO NOTHING""",
)


def write_catalogue(cursor: Any, *, products: int) -> None:
    """Add `products` products to the demo shop; a hundred thousand take about a minute and a half.

    Stock comes without movements: this shop is looked at and not sold from.
    """
    cursor.execute("SET statement_timeout = 0")
    for table in TRIGGERED:
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    known = {"columns": ", ".join(COLUMNS), "derived": derived(), "tallied": tallied()}
    for step in STEPS:
        cursor.execute(step.format(products=products, ours=OURS, **known))
    for table in TRIGGERED:
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    cursor.execute("ANALYZE")
