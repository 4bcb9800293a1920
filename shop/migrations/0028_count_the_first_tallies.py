"""Tally what is listed, so that no shelf is empty for a moment, and note it all for whatever a sweep does meanwhile."""

from django.db import migrations

COUNT = """
INSERT INTO shop_tally (beside, key, stretch, marks)
SELECT beside, key, product_id / 8192, bit_or(set_bit(0::bit(8192), mod(product_id, 8192)::int, 1)) FROM (
    SELECT '' AS beside, key, product_id FROM shop_listing, unnest(facets) AS key
    UNION ALL SELECT two.beside, two.key, product_id FROM shop_listing, unnest(pairs) AS pair, LATERAL (VALUES
        (split_part(pair, '+', 2), split_part(pair, '+', 1)), (split_part(pair, '+', 1), split_part(pair, '+', 2))
    ) AS two (beside, key)
) AS told GROUP BY 1, 2, 3 ORDER BY 1, 3, 2;
INSERT INTO shop_listingdue (product_id) SELECT product_id FROM shop_listing;
"""


class Migration(migrations.Migration):
    dependencies = [("shop", "0027_tally_filters")]
    operations = [migrations.RunSQL(COUNT, migrations.RunSQL.noop)]
