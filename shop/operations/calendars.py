"""Calendars: public holidays out of the library into rows staff can review and correct."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

import holidays
from django.db import transaction
from django.db.models import F

from shop.models import BusinessCalendar, CalendarException, User
from shop.operations.events import record_event


@transaction.atomic
def sync_calendar(*, calendar_id: int, years: Iterable[int]) -> int:
    """Bring the library's public holidays of the given years into one calendar; return how many rows changed.

    Only rows whose source is the library are written or deleted: what staff entered stays and wins.  A change raises
    the calendar's version, so that promises made before keep telling which calendar they were made with.
    A calendar without a country has no public holidays and stays as it is.
    """
    calendar = BusinessCalendar.objects.select_for_update().get(pk=calendar_id)
    wanted = set(years)
    found = _public_holidays(calendar.country, calendar.subdivision, wanted) if calendar.country else {}
    rows = CalendarException.objects.filter(
        calendar=calendar, source=CalendarException.Source.LIBRARY, first_on__year__in=wanted
    )
    known = {row.first_on: row for row in rows.order_by("first_on", "id")}
    gone = [row.pk for day, row in known.items() if found.get(day) != row.public_reason]
    missing = [day for day, reason in found.items() if day not in known or known[day].public_reason != reason]
    CalendarException.objects.filter(pk__in=gone).delete()
    CalendarException.objects.bulk_create(
        [
            CalendarException(
                calendar=calendar,
                first_on=day,
                last_on=day,
                kind=CalendarException.Kind.CLOSED,
                public_reason=found[day],
                source=CalendarException.Source.LIBRARY,
            )
            for day in sorted(missing)
        ]
    )
    changed = len(set(missing) | {row.first_on for row in known.values() if row.pk in gone})
    if changed:
        BusinessCalendar.objects.filter(pk=calendar.pk).update(version=F("version") + 1)
    return changed


@transaction.atomic
def note_calendar_changed(*, calendar_id: int, by: User, at: datetime) -> int:
    """Raise the calendar's version after staff changed its hours, cut-offs or days; return the new version.

    Call it in the transaction of the change: promises keep the version they were made with, and everything that
    counts days reads the calendar again when the version is new.
    """
    BusinessCalendar.objects.filter(pk=calendar_id).update(version=F("version") + 1)
    version = BusinessCalendar.objects.values_list("version", flat=True).get(pk=calendar_id)
    record_event(
        name="shop.calendar.changed",
        subject=f"shop.businesscalendar:{calendar_id}",
        at=at,
        payload={"version": version},
        actor=by,
    )
    return version


def _public_holidays(country: str, subdivision: str, years: set[int]) -> dict[date, str]:
    """Return day -> name in English.  Raises NotImplementedError for a country the library does not know."""
    library = holidays.country_holidays(country, subdiv=subdivision or None, years=sorted(years), language="en_US")
    return {day: name.split("; ")[0] for day, name in library.items() if day.year in years}
