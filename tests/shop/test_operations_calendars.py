from __future__ import annotations

from datetime import date, datetime

import pytest

from shop.models import BusinessCalendar, CalendarException
from shop.operations.calendars import sync_calendar
from shop.operations.seed_calendars import seed_calendars
from shop.queries.calendars import working_calendars
from tests.factories.shop import calendar

pytestmark = pytest.mark.django_db


@pytest.fixture
def ireland() -> BusinessCalendar:
    """Where parcels arrive in Ireland, without any holiday yet."""
    row = calendar("destination-ie", "destination", time_zone="Europe/Dublin", weekdays=range(6), cutoff=None)
    row.country = "IE"
    row.save()
    return row


def test_sync_brings_holidays_with_their_names(ireland: BusinessCalendar) -> None:
    changed = sync_calendar(calendar_id=ireland.pk, years=[2026])

    reasons = dict(ireland.exceptions.values_list("first_on", "public_reason"))
    assert changed == len(reasons)
    assert reasons[date(2026, 3, 17)] == "Saint Patrick's Day"
    ireland.refresh_from_db()
    assert ireland.version == 2


def test_sync_again_changes_nothing(ireland: BusinessCalendar) -> None:
    sync_calendar(calendar_id=ireland.pk, years=[2026])

    assert sync_calendar(calendar_id=ireland.pk, years=[2026]) == 0
    ireland.refresh_from_db()
    assert ireland.version == 2


def test_sync_leaves_alone_what_staff_entered(ireland: BusinessCalendar) -> None:
    ireland.exceptions.create(
        first_on=date(2026, 3, 17), last_on=date(2026, 3, 18), public_reason="Flood", source="staff"
    )

    sync_calendar(calendar_id=ireland.pk, years=[2026])

    assert ireland.exceptions.filter(source="staff").values_list("public_reason", flat=True).get() == "Flood"
    assert working_calendars(["destination-ie"])["destination-ie"].reason(date(2026, 3, 17)) == "Flood"


def test_sync_corrects_a_library_row_that_is_wrong(ireland: BusinessCalendar) -> None:
    library = CalendarException.Source.LIBRARY
    ireland.exceptions.create(
        first_on=date(2026, 3, 16), last_on=date(2026, 3, 16), public_reason="Wrong", source=library
    )

    sync_calendar(calendar_id=ireland.pk, years=[2026])

    assert not ireland.exceptions.filter(first_on=date(2026, 3, 16)).exists()


def test_sync_of_a_calendar_without_country_does_nothing() -> None:
    row = calendar("studio")

    assert sync_calendar(calendar_id=row.pk, years=[2026]) == 0
    assert row.exceptions.count() == 0


def test_seeded_calendars_know_cut_offs_and_holidays(now: datetime) -> None:
    assert seed_calendars(now) == "8 calendars"
    assert seed_calendars(now) == "8 calendars"

    known = working_calendars(["workshop", "carrier", "destination-de", "support"])
    workshop = known["workshop"]
    assert workshop.cutoff_at(date(2026, 3, 6)) == datetime.fromisoformat("2026-03-06T12:00:00+00:00")
    assert not workshop.is_open(date(2026, 3, 7))
    assert known["carrier"].is_open(date(2026, 3, 7))
    assert known["destination-de"].reason(date(2026, 10, 3)) == "German Unity Day"
    assert workshop.reason(date(2026, 4, 25)) == "Freedom Day"
    assert BusinessCalendar.objects.get(code="workshop").version == 2
