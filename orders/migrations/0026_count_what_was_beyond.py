"""Sum up what refunds before gave back beyond the price."""

from django.db import migrations

COUNT = """
UPDATE orders_payment p SET beyond_minor = i.beyond
FROM (
    SELECT g.payment_id, sum(i.amount_minor) AS beyond
    FROM orders_refunditem i JOIN orders_refundgrant g ON g.id = i.grant_id
    WHERE i.line_id IS NULL AND i.number = 0 GROUP BY g.payment_id) i
WHERE i.payment_id = p.id
"""


class Migration(migrations.Migration):
    dependencies = [("orders", "0025_stage_changes_of_orders")]
    operations = [migrations.RunSQL(COUNT, migrations.RunSQL.noop)]
