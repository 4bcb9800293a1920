"""What lies in the bags of drafts that wait now costs what it was shown at, as of later ones."""

from django.db import migrations

FILL = """
UPDATE orders_cartline l SET agreed_minor = l.shown_price_minor
FROM orders_orderdraft d WHERE d.cart_id = l.cart_id AND d.state = 'open'
"""


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0048_keep_agreed_prices"),
    ]

    operations = [
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
