"""Lay the demo shop's calendars: the workshop, the carrier, five destinations, the support desk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time

from django.db import transaction

from shop.models import BusinessCalendar, OpeningInterval, WeekdayCutoff
from shop.operations.calendars import keep_first_version, sync_calendar

WEEK = range(5)  # Monday to Friday
SIX_DAYS = range(6)  # Monday to Saturday
YEARS_AHEAD = 2


@dataclass(frozen=True)
class _Plan:
    """One calendar before it has rows: days 0 (Monday) to 6 with their hours and cut-offs."""

    code: str
    name: str
    kind: BusinessCalendar.Kind
    country: str
    time_zone: str
    days: Sequence[int]
    hours: Sequence[tuple[time, time]]
    saturday: Sequence[tuple[time, time]] = ()
    cutoffs: Mapping[int, time] = field(default_factory=dict)
    capacity_per_day: int | None = None
    holiday_categories: Sequence[str] = ()


_KIND = BusinessCalendar.Kind
_ALL_DAY = ((time(7), time(20)),)

PLANS = (
    _Plan(
        "workshop",
        "Workshop, Porto",
        _KIND.WORKSHOP,
        "PT",
        "Europe/Lisbon",
        WEEK,
        ((time(8, 30), time(12, 30)), (time(13, 30), time(17, 30))),
        cutoffs={0: time(14), 1: time(14), 2: time(14), 3: time(14), 4: time(12)},
        capacity_per_day=60,
        holiday_categories=("public", "optional"),  # nobody sews on Carnival Tuesday
    ),
    _Plan("carrier", "Carrier", _KIND.CARRIER, "PT", "Europe/Lisbon", SIX_DAYS, _ALL_DAY),
    _Plan("destination-pt", "Portugal", _KIND.DESTINATION, "PT", "Europe/Lisbon", SIX_DAYS, _ALL_DAY),
    _Plan("destination-de", "Germany", _KIND.DESTINATION, "DE", "Europe/Berlin", SIX_DAYS, _ALL_DAY),
    _Plan("destination-ie", "Ireland", _KIND.DESTINATION, "IE", "Europe/Dublin", SIX_DAYS, _ALL_DAY),
    _Plan("destination-fr", "France", _KIND.DESTINATION, "FR", "Europe/Paris", SIX_DAYS, _ALL_DAY),
    _Plan("destination-at", "Austria", _KIND.DESTINATION, "AT", "Europe/Vienna", SIX_DAYS, _ALL_DAY),
    _Plan(
        "support",
        "Support desk",
        _KIND.SUPPORT,
        "PT",
        "Europe/Lisbon",
        SIX_DAYS,
        ((time(9), time(18)),),
        saturday=((time(10), time(14)),),
    ),
)


def seed_calendars(at: datetime) -> str:
    """Add the calendars that are missing, with the public holidays of this year and the next two."""
    years = range(at.year, at.year + YEARS_AHEAD + 1)
    for plan in PLANS:
        _seed(plan, years, at)
    return f"{BusinessCalendar.objects.count()} calendars"


@transaction.atomic
def _seed(plan: _Plan, years: Sequence[int], at: datetime) -> None:
    calendar, created = BusinessCalendar.objects.get_or_create(
        code=plan.code,
        defaults={
            "name": plan.name,
            "kind": plan.kind,
            "time_zone": plan.time_zone,
            "country": plan.country,
            "holiday_categories": list(plan.holiday_categories),
            "capacity_per_day": plan.capacity_per_day,
        },
    )
    if created:
        OpeningInterval.objects.bulk_create(
            [
                OpeningInterval(calendar=calendar, weekday=day, opens=opens, closes=closes)
                for day in plan.days
                for opens, closes in (plan.saturday if day == 5 and plan.saturday else plan.hours)
            ]
        )
        WeekdayCutoff.objects.bulk_create(
            [WeekdayCutoff(calendar=calendar, weekday=day, cutoff=cutoff) for day, cutoff in plan.cutoffs.items()]
        )
        keep_first_version(calendar_id=calendar.pk, by=None, at=at)
    sync_calendar(calendar_id=calendar.pk, years=years, at=at)
