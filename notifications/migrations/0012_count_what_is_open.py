"""What is open of orders that have arrived or ended is counted from now on."""

from django.db import migrations

# Tomorrow, so that the first run of the sweep looks at each of them in its own time, and takes off what it need not count.
BEGIN = """
INSERT INTO notifications_quiet (order_id, due_at, notes)
SELECT DISTINCT w.order_id, now() + interval '1 day', 0 FROM (
    SELECT order_id FROM orders_parcel WHERE due_at IS NOT NULL AND status NOT IN ('delivered', 'cancelled')
    UNION ALL
    SELECT order_id FROM returns_returncase WHERE status IN ('requested', 'received')
    UNION ALL
    SELECT p.order_id FROM orders_refundgrant g JOIN orders_payment p ON p.id = g.payment_id
    WHERE g.state NOT IN ('sent', 'refused')
    UNION ALL
    SELECT order_id FROM support_conversation WHERE order_id IS NOT NULL AND waiting_since IS NOT NULL
) w
ON CONFLICT (order_id) DO NOTHING
"""


class Migration(migrations.Migration):
    dependencies = [
        ("notifications", "0011_keep_groups_and_campaigns"),
        ("orders", "0001_squashed_0035_find_orders_by_address"),
        ("returns", "0001_squashed_0002_keep_withdrawals"),
        ("support", "0001_squashed_0002_keep_the_writers_language"),
    ]
    operations = [migrations.RunSQL(BEGIN, migrations.RunSQL.noop)]
