"""Services that learn: new promises follow their table, old ones keep theirs, and everybody can read why."""

from __future__ import annotations

import io
from datetime import date, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.utils.translation import override
from pytest_django import DjangoAssertNumQueries

from orders.admin.delivery import ServiceLevelAdmin
from orders.management.commands import refit_promises as refit_promises_command
from orders.messages import story
from orders.models import DelayCase, DeliveryTable, Order, Promise, ServiceLevel
from orders.operations import refitting
from orders.operations.delays import note_delay
from orders.operations.refitting import NothingToLearn, refit_promises, refit_service
from orders.queries.quotes import timetable
from orders.queries.tracking import journey_of
from orders.queries.trips import trips_of
from orders.rules.estimates.service import Trip, learn
from orders.rules.estimates.tables import Guess
from shop.models import CalendarException
from tests.factories.bags import ordered
from tests.factories.orders import fixed_promise, service_level
from tests.orders.test_operations_fulfilment import handed_over, our_breaches, scan

pytestmark = pytest.mark.django_db

LATER = timedelta(days=21)  # also a Monday


def arrived(*days: int, at: datetime) -> list[Order]:
    """Orders that were handed over as planned (the next morning), and arrived so many days after that."""
    found = []
    for number, after in enumerate(days):
        order = ordered(at=at)
        parcel = handed_over(order, at + timedelta(days=1), number=f"HP-{number}-{at:%m%d}")
        scan(parcel, "delivered", at + timedelta(days=1 + after), external_id=f"{parcel.tracking_number}-there")
        found.append(order)
    return found


def quoted(at: datetime) -> tuple[date, date]:
    table = timetable("PT", at=at)
    days = table.quote(table.services[0]).estimate
    return days.deliver_from_on, days.deliver_by_on


def refit(at: datetime) -> DeliveryTable:
    return refit_service(service_id=service_level().pk, at=at)


def test_new_promises_follow_the_table_and_old_ones_keep_theirs(now: datetime) -> None:
    (order, *_rest), later = arrived(8, 8, 2, 3, at=now), now + LATER
    first, before = order.promises.get(), quoted(later)

    table = refit(later)

    assert (table.version, table.until_on) == (1, later.date() - timedelta(days=1))
    assert before == (date(2026, 3, 26), date(2026, 3, 27))  # two to three carrier days after Tuesday
    assert quoted(later)[1] > before[1]
    new = ordered(at=later).promises.get()
    assert new.deliver_by_on == quoted(later)[1]
    assert new.basis["table"] == {
        "version": 1,
        "target_bp": 9500,
        "likely_days": 3,
        "parcels": 4,
        "asked_bp": 9650,  # no promise at the target was kept yet
    }
    assert (new.basis["level_bp"], new.basis["transit_days"][1]) == (9500, table.knowledge["by_days"])
    kept = order.promises.get()
    assert (kept.deliver_by_on, kept.basis) == (first.deliver_by_on, first.basis)
    assert "table" not in kept.basis
    assert "of 100" not in _why(new.order)[-1]  # four prove nothing


def test_a_table_is_never_changed(now: datetime) -> None:
    arrived(2, at=now)
    table = refit(now + LATER)

    with pytest.raises(IntegrityError), transaction.atomic():
        DeliveryTable.objects.filter(pk=table.pk).update(version=7)
    assert refit(now + LATER) == table  # nothing new: no new version


def test_nothing_is_learned_from_nothing_or_against_the_merchants_will(now: datetime) -> None:
    service = service_level()
    with pytest.raises(NothingToLearn):
        refit(now)

    arrived(9, 9, at=now)
    ServiceLevel.objects.filter(pk=service.pk).update(learns=False)
    with pytest.raises(NothingToLearn):
        refit(now + LATER)
    assert not DeliveryTable.objects.exists()


def test_parcels_nobody_says_arrived_do_not_move_promises_years_away(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three a day leave and are never heard of, one came: the days stay as they are."""
    service_level()
    plans = [now.date() - timedelta(days=back) for back in range(70)]
    trips = [Trip(plans[-1], plans[-1], plans[-1] + timedelta(days=2)), *(Trip(day, day) for day in plans * 3)]
    monkeypatch.setattr(refitting, "trips_of", lambda service, since: trips)
    before, later = quoted(now), now + timedelta(days=120)

    with pytest.raises(NothingToLearn):
        refit(now)
    assert quoted(now) == before
    assert refit(later).knowledge["parcels"] == 1  # by then nobody waits for them, and they teach nothing
    assert quoted(later)[1] <= later.date() + timedelta(days=14)


def test_the_merchants_own_days_count_again_at_once_when_she_changes_them(now: datetime) -> None:
    arrived(9, 9, 9, at=now)
    refit(now + LATER)
    learned = quoted(now + LATER)

    ServiceLevel.objects.update(transit_min_days=1, transit_max_days=1)
    own = quoted(now + LATER)
    ServiceLevel.objects.update(transit_min_days=2, transit_max_days=3, learns=False)

    assert own[0] == own[1] == date(2026, 3, 25)
    assert quoted(now + LATER) == (date(2026, 3, 26), date(2026, 3, 27)) < learned


def test_orders_that_tell_nothing_about_the_way_teach_nothing(now: datetime) -> None:
    ordered(at=now, home_weekdays=(3,))
    plain, transfer, moved = arrived(2, 2, 2, at=now)
    table = refit(now + LATER)
    assert table.knowledge["parcels"] == 3

    again = [fixed_promise(order, at=now) for order in (transfer, moved)]
    DelayCase.objects.create(
        order=transfer,
        cause="payment",
        reason="Late.",
        broken_promise=transfer.promises.get(version=1),
        new_promise=again[0],
        noticed_at=now,
    )
    fixed_promise(moved, at=now, source=Promise.Source.CUSTOMER)

    (trip,) = trips_of(service_level(), since=now)
    assert trip == Trip(date(2026, 3, 3), date(2026, 3, 3), date(2026, 3, 5))
    assert plain.promises.get().deliver_by_on == date(2026, 3, 6)


def test_a_night_is_learned_once(now: datetime) -> None:
    arrived(2, at=now)

    assert refit_promises(now + LATER) == 1
    assert refit_promises(now + LATER) == 0
    assert refit_promises(now + LATER + timedelta(days=1)) == 1
    assert ServiceLevel.objects.get().refit_at > now + LATER + timedelta(days=1)


def test_what_is_learned_costs_no_query(now: datetime, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    arrived(2, at=now)
    refit(now + LATER)
    quoted(now + LATER)  # the calendars are kept from here on

    with django_assert_num_queries(2):
        quoted(now + LATER)


def test_the_reasons_are_the_pages_years_later(now: datetime) -> None:
    taught(*[2] * 30, 5, 5, at=now + LATER)
    order = ordered(at=now + LATER)
    page = _why(order)
    assert "95 of 100 parcels on this way are there by then; we know it from 32 of them." in page[-1]
    assert "Few promises on this way have been proven lately, so there is a little more time in it." in page[-1]

    years = now + timedelta(days=800)
    arrived(2, 2, 2, 2, at=years)
    refit(years + LATER)
    for calendar in (order.service.carrier_calendar, order.service.workshop.calendar):
        CalendarException.objects.create(calendar=calendar, first_on=date(2026, 3, 25), last_on=date(2026, 3, 25))
    told = io.StringIO()
    call_command("promise_explain", order.number.lower(), stdout=told)

    assert _why(order) == page
    lines = [line.strip() for line in told.getvalue().splitlines()]
    assert lines[2 : 2 + len(page)] == page
    assert "table 1 from 32 parcels, 95 of 100." in lines[1]
    assert lines[1].endswith("It was asked for 96.5 of 100, because few promises were proven lately.")
    with pytest.raises(CommandError, match="There is no order KP-1"):
        call_command("promise_explain", "KP-1")


def _why(order: Order) -> list[str]:
    with override(order.locale):
        return story.why(journey_of(order.pk))


def test_the_command_looks_before_it_writes(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    arrived(8, 8, at=now)
    monkeypatch.setattr(refit_promises_command, "timezone", SimpleNamespace(now=lambda: now + LATER))
    told = io.StringIO()

    call_command("refit_promises", "--service", "door-pt", "--dry-run", stdout=told)
    assert not DeliveryTable.objects.exists()
    call_command("refit_promises", stdout=told)

    looked, learned = told.getvalue().splitlines()
    assert looked.startswith("1/1 door-pt: 2 to ")
    assert looked.endswith("from 2 that arrived; nothing was changed")
    assert learned.endswith("from 2 that arrived, table 1")
    assert "learned from 2 parcels" in ServiceLevelAdmin.transit(None, ServiceLevel.objects.get())  # type: ignore[arg-type]
    ServiceLevel.objects.update(learns=False)
    call_command("refit_promises", stdout=told)
    assert told.getvalue().splitlines()[-1] == (
        "1/1 door-pt: too little of it is known to have arrived, or it does not learn; its days stay as they are"
    )
    with pytest.raises(CommandError, match="There is no delivery service 'door-xx' on offer"):
        call_command("refit_promises", "--service", "door-xx")


def taught(*road: int, at: datetime) -> ServiceLevel:
    """The ordinary service after parcels that were so many working days on the road, one planned each day before."""
    service = service_level()
    plans = [at.date() - timedelta(days=40 - number % 20) for number in range(len(road))]
    trips = [Trip(on, on, on + timedelta(days=days)) for on, days in zip(plans, road, strict=True)]
    found = learn(
        trips,
        workshop=lambda day: True,
        carrier=lambda day: True,
        guess=Guess(2, 3),
        target_bp=9500,
        until=at.date() - timedelta(days=1),
    )
    assert found is not None
    known = {"guess": [2, 3]} | found.as_json()
    DeliveryTable.objects.create(
        service=service, version=1, fitted_at=at, until_on=at.date() - timedelta(days=1), knowledge=known
    )
    ServiceLevel.objects.update(learned=known | {"version": 1})
    return service


def test_a_parcel_that_will_hardly_come_in_time_is_told_before_the_promised_day_ends(now: datetime) -> None:
    taught(*[2] * 54, 3, 4, 5, 9, 9, 9, at=now)
    order = ordered(at=now)
    parcel = handed_over(order, now + timedelta(days=1))
    promised = order.promises.get()
    told_at, case = now + timedelta(days=1), None
    while case is None and told_at < promised.breaks_at:
        told_at += timedelta(days=1)
        scan(parcel, "in_transit", told_at - timedelta(hours=2))
        case = note_delay(order_id=order.pk, at=told_at)

    assert case is not None
    assert (case.cause, case.reason) == ("carrier", "Your parcel needs longer on its way than we planned.")
    assert told_at < promised.breaks_at - timedelta(hours=12)  # noon of the promised day, when facts would speak
    renewed = order.promises.get(version=2)
    assert (renewed.basis["renewed_bp"], renewed.basis["table"]["version"]) == (9500, 1)
    assert "95 of 100 parcels that were as late as yours were there by then." in _why(order)[-1]
    assert our_breaches() == []


def test_without_a_table_the_same_parcel_is_believed_until_noon(now: datetime) -> None:
    order = ordered(at=now)
    parcel = handed_over(order, now + timedelta(days=1))
    morning = order.promises.get().breaks_at - timedelta(hours=15)
    scan(parcel, "in_transit", morning - timedelta(hours=2))

    assert note_delay(order_id=order.pk, at=morning) is None
    assert note_delay(order_id=order.pk, at=morning + timedelta(hours=4)) is not None
