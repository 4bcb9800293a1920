"""Calendars: every change is a new version that is kept; public holidays come as rows staff can review.

Source: commerce reference d.5, c-2; delivery reference finding 7 (Carnival is optional in the library).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F

from shop.models import BusinessCalendar, CalendarException, CalendarVersion, User
from shop.operations.events import record_event
from shop.queries.calendars import facts_of
from shop.rules.calendar_facts import CalendarFacts, changed_days, from_json
from shop.rules.holidays import PUBLIC


class HolidaysUnknown(Exception):
    """The holiday library does not know this country, subdivision or kind of holiday; the text says which."""


@transaction.atomic
def sync_calendar(*, calendar_id: int, years: Iterable[int], at: datetime) -> int:
    """Bring the library's holidays of the given years into one calendar; return how many rows changed.

    Only rows whose source is the library are written or deleted: what staff entered stays and wins, and a day of which
    staff said that it does not count keeps that.  A change is a new version.  A calendar without a country has no
    public holidays and stays as it is.  Raises HolidaysUnknown.
    """
    calendar = BusinessCalendar.objects.select_for_update(no_key=True).get(pk=calendar_id)
    wanted = set(years)
    found = public_holidays(calendar, wanted) if calendar.country else {}
    rows = CalendarException.objects.filter(
        calendar=calendar, source=CalendarException.Source.LIBRARY, first_on__year__in=wanted
    )
    known = {row.first_on: row for row in rows.order_by("first_on", "id")}
    stale = {day: row for day, row in known.items() if found.get(day) != (row.public_reason, row.category)}
    missing = [day for day in found if day not in known or day in stale]
    CalendarException.objects.filter(pk__in=[row.pk for row in stale.values()]).delete()
    CalendarException.objects.bulk_create(
        _library_row(calendar, day, *found[day], applies=known[day].applies if day in known else True)
        for day in sorted(missing)
    )
    changed = len(set(missing) | set(stale))
    if changed:
        keep_version(calendar_id=calendar.pk, by=None, at=at)
    return changed


def _library_row(calendar: BusinessCalendar, day: date, reason: str, category: str, *, applies: bool) -> Any:
    return CalendarException(
        calendar=calendar,
        first_on=day,
        last_on=day,
        kind=CalendarException.Kind.CLOSED,
        public_reason=reason,
        source=CalendarException.Source.LIBRARY,
        category=category,
        applies=applies,
    )


@transaction.atomic
def keep_version(*, calendar_id: int, by: User | None, at: datetime) -> int:
    """Raise the calendar's version after its hours, cut-offs or days changed, and keep what it says now; return it.

    Call it in the transaction of the change: promises keep the version they were made with, and everything that
    counts days reads the calendar again when the version is new.  The event names the first and the last day that
    differ; both are missing when nobody kept the version before.
    """
    BusinessCalendar.objects.filter(pk=calendar_id).update(version=F("version") + 1)
    calendar = BusinessCalendar.objects.get(pk=calendar_id)
    facts = facts_of(calendar)
    before = CalendarVersion.objects.filter(calendar=calendar).order_by("-version", "-id").first()
    _keep(calendar, facts, by=by, at=at)
    record_event(
        name="shop.calendar.changed",
        subject=f"shop.businesscalendar:{calendar_id}",
        at=at,
        payload={"calendar_id": calendar_id, "version": calendar.version, **_span(before, facts, at)},
        actor=by,
    )
    return calendar.version


@transaction.atomic
def keep_first_version(*, calendar_id: int, by: User | None, at: datetime) -> None:
    """Keep what a new calendar says, so that its later versions can be compared; does nothing when one is kept."""
    calendar = BusinessCalendar.objects.select_for_update(no_key=True).get(pk=calendar_id)
    if not CalendarVersion.objects.filter(calendar=calendar).exists():
        _keep(calendar, facts_of(calendar), by=by, at=at)


def _keep(calendar: BusinessCalendar, facts: CalendarFacts, *, by: User | None, at: datetime) -> None:
    CalendarVersion.objects.create(
        calendar=calendar, version=calendar.version, facts=facts.as_json(), made_by=by, made_at=at
    )


def _span(before: CalendarVersion | None, facts: CalendarFacts, at: datetime) -> dict[str, str]:
    if before is None:
        return {}
    now = facts.working_calendar()
    yesterday = now.local_day(at) - timedelta(days=1)  # whoever is on the other side of midnight counts, too
    days = changed_days(from_json(before.facts).working_calendar(), now, first=yesterday)
    return (
        {"first_on": days[0].isoformat(), "last_on": days[-1].isoformat()} if days else {"first_on": "", "last_on": ""}
    )


def public_holidays(calendar: BusinessCalendar, years: set[int]) -> dict[date, tuple[str, str]]:
    """Return day -> (name in English, kind) for a calendar's country, subdivision and kinds of holidays.

    A day of several kinds is told as the one named first.  Raises HolidaysUnknown.
    """
    import holidays  # every process would pay a tenth of its start for what a sync needs once a quarter

    found: dict[date, tuple[str, str]] = {}
    for category in calendar.holiday_categories or [PUBLIC]:
        try:
            library = holidays.country_holidays(
                calendar.country,
                subdiv=calendar.subdivision or None,
                years=sorted(years),
                language="en_US",
                categories=(category,),
            )
            days = sorted(library.items())
        except (NotImplementedError, ValueError) as unknown:
            raise HolidaysUnknown(str(unknown)) from None
        for day, name in days:
            if day.year in years:
                found.setdefault(day, (name.split("; ")[0], category if category != PUBLIC else ""))
    return found
