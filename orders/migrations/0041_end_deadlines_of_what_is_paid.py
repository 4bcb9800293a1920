from __future__ import annotations

from django.db import migrations

# Orders that credit, promotions or a change left with nothing to pay kept their day to be paid by, and would be
# cancelled on it (M08).
END = """
    UPDATE orders_payment p SET expires_at = NULL
    FROM orders_order o
    WHERE o.id = p.order_id AND p.expires_at IS NOT NULL
        AND (p.due_minor <= p.captured_minor - p.beyond_minor OR o.status IN ('declined', 'cancelled'))
"""


class Migration(migrations.Migration):
    dependencies = [("orders", "0040_ask_about_news")]

    operations = [migrations.RunSQL(END, migrations.RunSQL.noop)]
