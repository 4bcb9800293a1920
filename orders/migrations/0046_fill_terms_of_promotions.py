"""What was used before takes the terms its promotion has today."""

from django.db import migrations

FILL = """
UPDATE orders_redemption r SET kind = p.kind, percent_bp = p.percent_bp, amount_minor = p.amount_minor,
    minimum_minor = p.minimum_minor, gift_id = CASE WHEN p.kind = 'gift' THEN p.gift_id END
FROM orders_promotion p WHERE p.id = r.promotion_id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0045_keep_terms_of_promotions"),
    ]

    operations = [
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
