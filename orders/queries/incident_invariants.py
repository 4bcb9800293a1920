"""What must always be true of crises and whom they were told.  Source: commerce reference c-10 (nobody told twice)."""

from __future__ import annotations

from shop.invariants import Invariant

_PLACE = """
    (v.countries = '{}' OR o.country = ANY (v.countries))
    AND (v.regions = '{}' OR EXISTS (SELECT 1 FROM unnest(v.regions) r WHERE upper(r) = upper(o.region)))
    AND (v.postcodes = '{}' OR EXISTS (
        SELECT 1 FROM unnest(v.postcodes) p WHERE starts_with(upper(o.postcode), upper(trim(p)))))
    AND (v.service_ids = '{}' OR o.service_id = ANY (v.service_ids))
    AND (v.workshop_ids = '{}' OR s.workshop_id = ANY (v.workshop_ids))
"""
_COMING = f"""
    o.delivered_at IS NULL AND {_PLACE}
    AND (v.product_ids = '{{}}' OR EXISTS (
        SELECT 1 FROM orders_orderline l JOIN shop_variant a ON a.id = l.variant_id
        WHERE l.order_id = o.id AND a.product_id = ANY (v.product_ids)))
    AND (v.couriers = '{{}}' OR EXISTS (
        SELECT 1 FROM orders_parcel p WHERE p.order_id = o.id AND p.carrier = ANY (v.couriers)
            AND p.handed_over_at IS NOT NULL AND p.delivered_at IS NULL))
    AND (EXISTS (SELECT 1 FROM orders_promise m WHERE m.order_id = o.id AND m.starts_on <= v.ends_on
            AND m.deliver_by_on >= v.starts_on)
        OR EXISTS (SELECT 1 FROM orders_parcelplan m JOIN orders_parcel b ON b.id = m.parcel_id
            WHERE b.order_id = o.id AND m.starts_on <= v.ends_on AND m.deliver_by_on >= v.starts_on))
"""  # noqa: S608 -- our own words
_EXCHANGE = f"""
    o.delivered_at IS NOT NULL AND {_PLACE} AND EXISTS (
        SELECT 1 FROM orders_parcel b WHERE b.order_id = o.id AND b.due_at IS NOT NULL
            AND b.status IN ('planned', 'packed', 'handed_over')
            AND (v.product_ids = '{{}}' OR EXISTS (
                SELECT 1 FROM orders_parcelline i JOIN orders_orderline l ON l.id = i.line_id
                    JOIN shop_variant a ON a.id = l.variant_id
                WHERE i.parcel_id = b.id AND a.product_id = ANY (v.product_ids)))
            AND (v.couriers = '{{}}' OR (b.carrier = ANY (v.couriers) AND b.handed_over_at IS NOT NULL))
            AND EXISTS (SELECT 1 FROM orders_parcelplan m WHERE m.parcel_id = b.id AND m.made_at < v.made_at
                AND m.starts_on <= v.ends_on AND m.deliver_by_on >= v.starts_on))
"""  # noqa: S608 -- our own words

INCIDENT_INVARIANTS = (
    Invariant(
        "O60",
        "Nobody is told the same version of a crisis twice.",
        """
        SELECT 'order ' || min(order_number), count(*) || ' times told version ' || (payload ->> 'version_id')
        FROM shop_event
        WHERE name IN ('orders.order.incident-told', 'orders.order.incident-told-again', 'orders.order.incident-over')
        GROUP BY payload ->> 'order_id', payload ->> 'version_id' HAVING count(*) > 1
        """,
    ),
    Invariant(
        "O61",
        "An hour after a crisis was declared every open order and exchange it concerns has been looked at.",
        # Ordered before it was told; what is placed later is found by the passes, every quarter of an hour.
        f"""
        SELECT 'order ' || o.number, 'is concerned by ' || v.name || ', told since ' || v.made_at
        FROM orders_incidentversion v
            JOIN orders_order o ON o.status = 'placed' AND o.placed_at < v.made_at
            JOIN orders_servicelevel s ON s.id = o.service_id
        WHERE v.current AND v.kind <> 'over' AND v.made_at < now() - interval '1 hour'
            AND (({_COMING}) OR ({_EXCHANGE}))
            AND NOT EXISTS (SELECT 1 FROM orders_incidentnotice n WHERE n.order_id = o.id AND n.version_id = v.id)
        """,  # noqa: S608 -- our own words
    ),
    Invariant(
        "O62",
        "A crisis never moves a promise, or the days of one parcel, to an earlier day.",
        """
        SELECT 'order ' || o.number, 'from ' || b.deliver_by_on || ' to ' || n.deliver_by_on
        FROM orders_promise n
            JOIN orders_order o ON o.id = n.order_id
            JOIN orders_promise b ON b.order_id = n.order_id
                AND b.version = (n.basis ->> 'renews_version')::int
        WHERE n.source = 'incident' AND n.deliver_by_on <= b.deliver_by_on
        UNION ALL
        SELECT 'parcel ' || n.parcel_id, 'from ' || b.deliver_by_on || ' to ' || n.deliver_by_on
        FROM orders_parcelplan n JOIN orders_parcelplan b ON b.parcel_id = n.parcel_id
            AND b.version = (n.basis ->> 'renews_version')::int
        WHERE n.basis ->> 'cause' = 'incident' AND n.deliver_by_on <= b.deliver_by_on
        """,
    ),
)
