"""What must always be true of stuck parcels.  Source: commerce reference c-5; reliability reference 2.7."""

from __future__ import annotations

from django.conf import settings

from shop.invariants import Invariant

# Whole working days after the day of `since_at` and before the day of the last look, on a calendar's own clock; what
# staff say of a day wins over the library, the later range over the earlier one (`CalendarFacts.working_calendar`).
_WHOLE_DAYS = """(
    SELECT count(*) FROM shop_businesscalendar c, generate_series(
        (w.since_at AT TIME ZONE c.time_zone)::date + 1, (l.at AT TIME ZONE c.time_zone)::date - 1, interval '1 day') d
    WHERE c.id = w.calendar_id AND coalesce(
        (SELECT e.kind = 'open' FROM shop_calendarexception e
            WHERE e.calendar_id = c.id AND e.applies AND d::date BETWEEN e.first_on AND e.last_on
            ORDER BY e.source = 'staff' DESC, e.first_on DESC LIMIT 1),
        EXISTS (SELECT 1 FROM shop_openinginterval i
            WHERE i.calendar_id = c.id AND i.weekday = extract(isodow FROM d)::int - 1)))"""


def _stuck_without_a_case() -> str:
    """Return the statement: the days a parcel may stand still are settings.

    It asks as of the last look, so that what became stuck since is nobody's fault; what was scanned since is left out.
    """
    return f"""
        WITH l AS (SELECT next_at - interval '1 hour' AS at FROM orders_stucklook), w AS (
            SELECT p.id, 'label' AS cause, p.labelled_at AS since_at, h.calendar_id, {settings.STUCK_LABEL_DAYS} AS days
            FROM orders_parcel p
                JOIN orders_order o ON o.id = p.order_id AND o.status = 'placed' AND NOT o.pickup
                JOIN orders_servicelevel s ON s.id = o.service_id
                JOIN orders_workshop h ON h.id = s.workshop_id
            WHERE p.status = 'packed' AND p.labelled_at IS NOT NULL
            UNION ALL
            SELECT p.id, 'scan', coalesce(p.last_scan_at, p.handed_over_at), s.carrier_calendar_id,
                {settings.STUCK_SCAN_DAYS}
            FROM l, orders_parcel p
                JOIN orders_order o ON o.id = p.order_id AND o.status = 'placed'
                JOIN orders_servicelevel s ON s.id = o.service_id
            WHERE p.status = 'handed_over' AND p.carrier_status <> 'ready_for_pickup' AND NOT EXISTS (
                SELECT 1 FROM orders_trackingevent t WHERE t.parcel_id = p.id AND t.received_at > l.at))
        SELECT 'parcel ' || w.id, w.cause || ' since ' || w.since_at || ', looked at ' || l.at
        FROM w, l
        WHERE NOT EXISTS (SELECT 1 FROM orders_stuckparcel k
                WHERE k.parcel_id = w.id AND k.cause = w.cause AND k.since_at = w.since_at)
            AND l.at - w.since_at >= interval '24 hours' AND {_WHOLE_DAYS} >= w.days
    """  # noqa: S608 -- our own words and numbers


STUCK_INVARIANTS = (
    Invariant(
        "O55",
        "A parcel that stood still for too long at the last look has a case.",
        _stuck_without_a_case,
    ),
)
