"""Orders delivered before outcomes were kept get theirs: against the first promise, as every later one."""

from django.db import migrations

JUDGE = """
INSERT INTO orders_promiseoutcome (order_id, delivered_at, promised_by_on, told_by_on, kept_first, kept_told, late_days,
    late_days_told, told_in_time, country, service_id, stage, cause, level_bp)
SELECT o.id, o.delivered_at, f.deliver_by_on, l.deliver_by_on, o.delivered_at < f.breaks_at, o.delivered_at < l.breaks_at,
    CASE WHEN o.delivered_at < f.breaks_at THEN 0 ELSE greatest(there.day - f.deliver_by_on, 1) END,
    CASE WHEN o.delivered_at < l.breaks_at THEN 0 ELSE greatest(there.day - l.deliver_by_on, 1) END,
    o.delivered_at < f.breaks_at OR coalesce(l.version > 1 AND l.told_at < f.breaks_at, false),
    o.country, o.service_id,
    CASE WHEN o.delivered_at < f.breaks_at THEN ''
        WHEN gone.at > f.hand_over_by_at THEN 'workshop' ELSE 'road' END,
    CASE WHEN o.delivered_at < f.breaks_at THEN '' ELSE coalesce(d.cause, '') END, NULL
FROM orders_order o
    JOIN orders_promise f ON f.order_id = o.id AND f.version = 1
    JOIN LATERAL (SELECT * FROM orders_promise p WHERE p.order_id = o.id
        AND (p.version = 1 OR p.told_at <= o.delivered_at) ORDER BY p.version DESC LIMIT 1) l ON true
    JOIN orders_servicelevel s ON s.id = o.service_id
    JOIN shop_businesscalendar c ON c.id = s.destination_calendar_id
    CROSS JOIN LATERAL (SELECT (o.delivered_at AT TIME ZONE c.time_zone)::date AS day) there
    LEFT JOIN LATERAL (SELECT max(handed_over_at) AS at FROM orders_parcel p WHERE p.order_id = o.id) gone ON true
    LEFT JOIN LATERAL (SELECT cause FROM orders_delaycase d WHERE d.order_id = o.id ORDER BY round DESC LIMIT 1) d ON true
WHERE o.delivered_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM orders_promiseoutcome r WHERE r.order_id = o.id)
"""


class Migration(migrations.Migration):
    dependencies = [("orders", "0019_keep_decisions_and_outcomes")]
    operations = [migrations.RunSQL(JUDGE, migrations.RunSQL.noop)]
