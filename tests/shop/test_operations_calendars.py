from __future__ import annotations

from datetime import date, datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from shop.models import BusinessCalendar, CalendarException, CalendarVersion, Event
from shop.operations.calendars import keep_first_version, sync_calendar
from shop.operations.seed_calendars import seed_calendars
from shop.queries.calendars import working_calendars
from shop.rules.calendar_facts import changes, from_json
from tests.conftest import NOW
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
    changed = sync_calendar(calendar_id=ireland.pk, years=[2026], at=NOW)

    reasons = dict(ireland.exceptions.values_list("first_on", "public_reason"))
    assert changed == len(reasons)
    assert reasons[date(2026, 3, 17)] == "Saint Patrick's Day"
    ireland.refresh_from_db()
    assert ireland.version == 2


def test_sync_again_changes_nothing(ireland: BusinessCalendar) -> None:
    sync_calendar(calendar_id=ireland.pk, years=[2026], at=NOW)

    assert sync_calendar(calendar_id=ireland.pk, years=[2026], at=NOW) == 0
    ireland.refresh_from_db()
    assert ireland.version == 2


def test_sync_leaves_alone_what_staff_entered(ireland: BusinessCalendar) -> None:
    ireland.exceptions.create(
        first_on=date(2026, 3, 17), last_on=date(2026, 3, 18), public_reason="Flood", source="staff"
    )

    sync_calendar(calendar_id=ireland.pk, years=[2026], at=NOW)

    assert ireland.exceptions.filter(source="staff").values_list("public_reason", flat=True).get() == "Flood"
    assert working_calendars(["destination-ie"])["destination-ie"].reason(date(2026, 3, 17)) == "Flood"


def test_sync_corrects_a_library_row_that_is_wrong(ireland: BusinessCalendar) -> None:
    library = CalendarException.Source.LIBRARY
    ireland.exceptions.create(
        first_on=date(2026, 3, 16), last_on=date(2026, 3, 16), public_reason="Wrong", source=library
    )

    sync_calendar(calendar_id=ireland.pk, years=[2026], at=NOW)

    assert not ireland.exceptions.filter(first_on=date(2026, 3, 16)).exists()


def test_sync_of_a_calendar_without_country_does_nothing() -> None:
    row = calendar("studio")

    assert sync_calendar(calendar_id=row.pk, years=[2026], at=NOW) == 0
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


def test_sync_brings_the_kinds_of_holidays_a_calendar_names(ireland: BusinessCalendar) -> None:
    brazil = calendar("destination-br", "destination", time_zone="America/Sao_Paulo")
    brazil.country, brazil.holiday_categories = "BR", ["public", "optional"]
    brazil.save()

    sync_calendar(calendar_id=brazil.pk, years=[2026], at=NOW)

    carnival = brazil.exceptions.get(first_on=date(2026, 2, 17))
    assert (carnival.public_reason, carnival.category) == ("Carnival", "optional")
    assert brazil.exceptions.get(first_on=date(2026, 9, 7)).category == ""


def test_a_holiday_that_does_not_count_stays_so(ireland: BusinessCalendar) -> None:
    sync_calendar(calendar_id=ireland.pk, years=[2026], at=NOW)
    ireland.exceptions.filter(first_on=date(2026, 3, 17)).update(applies=False, public_reason="old name")

    assert sync_calendar(calendar_id=ireland.pk, years=[2026], at=NOW) == 1

    row = ireland.exceptions.get(first_on=date(2026, 3, 17))
    assert (row.applies, row.public_reason) == (False, "Saint Patrick's Day")
    assert working_calendars(["destination-ie"])["destination-ie"].is_open(date(2026, 3, 17))


def test_every_change_is_kept_with_what_it_said(ireland: BusinessCalendar) -> None:
    keep_first_version(calendar_id=ireland.pk, by=None, at=NOW)
    sync_calendar(calendar_id=ireland.pk, years=[2026], at=NOW)

    first, second = CalendarVersion.objects.order_by("version")
    told = changes(from_json(first.facts), from_json(second.facts))
    assert (first.version, second.version, second.made_at) == (1, 2, NOW)
    assert from_json(second.facts).as_json() == second.facts
    assert [change.after.reason for change in told][:2] == ["New Year's Day", "Saint Brigid's Day"]
    event = Event.objects.get(name="shop.calendar.changed").payload
    assert event == {
        "calendar_id": ireland.pk, "version": 2, "first_on": "2026-03-17", "last_on": "2026-12-26",
    }  # fmt: skip


@pytest.mark.parametrize(("country", "subdivision"), [("XX", ""), ("PT", "99")])
def test_the_command_says_what_the_library_does_not_know(
    ireland: BusinessCalendar, country: str, subdivision: str
) -> None:
    calendar("odd")
    BusinessCalendar.objects.filter(code="odd").update(country=country, subdivision=subdivision)
    said = StringIO()

    with pytest.raises(CommandError, match=r"^odd: "):
        call_command("sync_calendars", "--years", "1", stdout=said)

    assert said.getvalue().startswith("destination-ie: ")
