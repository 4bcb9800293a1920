"""Orders that are open already are counted from now on."""

from django.db import migrations

# Tomorrow, so that the first run of the sweep looks at each of them in its own time.
BEGIN = """
INSERT INTO notifications_quiet (order_id, due_at, notes)
SELECT id, now() + interval '1 day', 0 FROM orders_order WHERE status = 'placed' AND delivered_at IS NULL
"""


class Migration(migrations.Migration):
    dependencies = [("notifications", "0004_count_silence")]
    operations = [migrations.RunSQL(BEGIN, migrations.RunSQL.noop)]
