"""Orders from before shares were kept: their pieces cost the same each, their delivery had one rate."""

from django.db import migrations

SHARE = """
UPDATE orders_orderline l SET
    units_paid_minor = ARRAY(SELECT l.unit_minor FROM generate_series(1, l.quantity)),
    units_tax_minor = ARRAY(
        SELECT l.tax_minor / l.quantity + (i <= l.tax_minor % l.quantity)::int
        FROM generate_series(1, l.quantity::int) i ORDER BY i)
WHERE l.units_paid_minor = '{}';
UPDATE orders_order o SET delivery_shares = jsonb_build_array(jsonb_build_array(
    (SELECT max(tax_rate_bp) FROM orders_orderline WHERE order_id = o.id), o.delivery_minor,
    o.tax_minor - (SELECT sum(tax_minor) FROM orders_orderline WHERE order_id = o.id)))
WHERE o.delivery_minor > 0 AND o.delivery_shares = '[]'
    AND EXISTS (SELECT 1 FROM orders_orderline WHERE order_id = o.id);
"""


class Migration(migrations.Migration):
    dependencies = [("orders", "0006_split_money_to_the_piece")]
    operations = [migrations.RunSQL(SHARE, migrations.RunSQL.noop)]
