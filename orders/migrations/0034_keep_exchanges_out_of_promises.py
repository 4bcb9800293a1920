"""Parcels of exchanges that went for the order's own: mark them, and let the watch settle what was made of it.

A piece sent instead of a missing one of an exchange counted as promised; a piece she waited for lost the mark of its
exchange.  The mark is `due_at`.  The watch then settles delays that stay open although everything sold has arrived,
and notices arrivals nobody noticed.
"""

from django.db import migrations

MARK = """
WITH RECURSIVE of_exchange AS (
    SELECT id FROM orders_orderline WHERE kind = 'exchange'
    UNION
    SELECT l.id FROM orders_orderline l JOIN of_exchange x ON x.id = l.exchange_of_id WHERE l.kind = 'instead'
)
UPDATE orders_parcel p SET due_at = coalesce(
    (SELECT d.hand_over_by_at FROM orders_parcelplan d WHERE d.parcel_id = p.id ORDER BY d.version DESC LIMIT 1),
    p.handed_over_at,
    (SELECT r.hand_over_by_at FROM orders_promise r WHERE r.order_id = p.order_id ORDER BY r.version DESC LIMIT 1),
    now())
WHERE p.due_at IS NULL
    AND EXISTS (SELECT 1 FROM orders_parcelline i JOIN of_exchange x ON x.id = i.line_id WHERE i.parcel_id = p.id)
    AND NOT EXISTS (
        SELECT 1 FROM orders_parcelline i WHERE i.parcel_id = p.id AND i.line_id NOT IN (SELECT id FROM of_exchange))
"""
WAKE = """
UPDATE orders_order o SET watch_at = now()
WHERE o.status = 'placed' AND EXISTS (SELECT 1 FROM orders_parcel p WHERE p.order_id = o.id AND p.due_at IS NOT NULL)
    AND (o.delivered_at IS NULL OR EXISTS (
        SELECT 1 FROM orders_delaycase d WHERE d.order_id = o.id AND d.settled_at IS NULL))
"""
STATEMENTS = (MARK, WAKE)


class Migration(migrations.Migration):
    dependencies = [("orders", "0033_redact_words_by_leave_only")]
    operations = [migrations.RunSQL(statement, migrations.RunSQL.noop) for statement in STATEMENTS]
