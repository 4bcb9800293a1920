"""A closure entered later: staff see whom it touches before it is saved, and nobody's promise is rewritten."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from orders.models import DelayCase, Order, Parcel, Promise
from orders.operations.delays import note_delay, watch_promises
from orders.operations.packing import pack_parcel
from orders.queries.quotes import full_days, route_of, services_for, timetable
from orders.queries.touched import judge_calendar
from shop.calendar_effects import Effects
from shop.models import BusinessCalendar, CalendarException, CalendarVersion, Event
from shop.operations.calendars import keep_first_version, keep_version
from shop.operations.events import relay_events
from shop.operations.people import sync_roles
from shop.queries.calendars import facts_of
from tests.factories.bags import ordered
from tests.factories.shop import StaffFactory, calendar

pytestmark = pytest.mark.django_db

TUESDAY, WEDNESDAY, FRIDAY = date(2026, 3, 3), date(2026, 3, 4), date(2026, 3, 6)


def close(code: str, first: date, last: date, *, at: datetime, reason: str = "Maker's holiday") -> BusinessCalendar:
    """Enter a closure the way the admin does."""
    row = BusinessCalendar.objects.get(code=code)
    keep_first_version(calendar_id=row.pk, by=None, at=at)
    with transaction.atomic():
        CalendarException.objects.create(calendar=row, first_on=first, last_on=last, public_reason=reason)
        keep_version(calendar_id=row.pk, by=None, at=at)
    row.refresh_from_db()
    return row


def judged(code: str, first: date, last: date, *, at: datetime) -> Effects:
    """What staff would be shown before they save a closure."""
    row = BusinessCalendar.objects.get(code=code)
    before = facts_of(row).working_calendar(row.version)
    with transaction.atomic():
        close(code, first, last, at=at)
        after = facts_of(row).working_calendar(row.version)
        transaction.set_rollback(True)
    return judge_calendar(row, before, after, at)


def test_a_closed_week_leads_to_a_delay_that_is_told_and_never_to_a_rewrite(now: datetime) -> None:
    order = ordered(at=now)  # to be packed on Monday, handed over on Tuesday, there on Friday
    first = Promise.objects.values().get(order=order)
    at = now + timedelta(hours=1)

    close("workshop", TUESDAY, FRIDAY, at=at)
    relay_events(at)
    watch_promises(at + timedelta(minutes=1))

    case = DelayCase.objects.get()
    assert (case.cause, case.order) == ("closure", order)
    assert case.reason == (
        "Our workshop rests on Tuesday 3 March (Maker's holiday), which was not known when you ordered."
    )
    # Leaves on Monday 9, three carrier days, and a buffer day.
    assert (case.new_promise.deliver_from_on, case.new_promise.deliver_by_on) == (date(2026, 3, 12), date(2026, 3, 13))
    assert Promise.objects.values().get(order=order, version=1) | {"told_at": None} == first | {"told_at": None}


def test_a_closure_that_does_not_hurt_anybody_tells_nobody(now: datetime) -> None:
    order = ordered(at=now)
    pack_parcel(parcel_id=Parcel.objects.get().pk, by=None, at=now + timedelta(hours=2))
    at = now + timedelta(hours=3)

    close("workshop", WEDNESDAY, FRIDAY, at=at)
    relay_events(at)
    watch_promises(at)

    order.refresh_from_db()
    assert (DelayCase.objects.count(), order.service_status) == (0, "ok")


def test_a_second_closure_after_a_delay_is_counted_from_the_renewed_promise(now: datetime) -> None:
    order = ordered(at=now)
    close("workshop", TUESDAY, FRIDAY, at=now)
    note_delay(order_id=order.pk, at=now + timedelta(minutes=1))
    assert note_delay(order_id=order.pk, at=now + timedelta(minutes=2)) is None

    close("carrier", date(2026, 3, 12), date(2026, 3, 13), at=now + timedelta(hours=1), reason="Strike")
    case = note_delay(order_id=order.pk, at=now + timedelta(hours=2))

    assert case is not None
    assert (case.round, case.reason) == (
        2,
        "Nobody drives on Thu 12 – Fri 13 March (Strike), which was not known when you ordered.",
    )


def test_who_is_touched_is_told_before_it_is_saved(now: datetime) -> None:
    order = ordered(at=now)

    found = judged("workshop", TUESDAY, TUESDAY, at=now)

    assert (found.total, found.broken) == (1, 1)
    assert [(each.name, each.says) for each in found.examples] == [
        (order.number, "promised by Friday 6 March; it can be there on Saturday 7 March")
    ]
    assert judged("workshop", date(2026, 4, 7), date(2026, 4, 8), at=now) == Effects()
    calendar("desk", "support")
    assert judged("desk", TUESDAY, TUESDAY, at=now) == Effects()


@pytest.mark.parametrize("orders", [1, 3])
def test_asking_who_is_touched_costs_the_same_for_any_number(
    now: datetime, orders: int, django_assert_num_queries: Any
) -> None:
    for _number in range(orders):
        ordered(at=now)
    row = BusinessCalendar.objects.get(code="workshop")
    before = facts_of(row).working_calendar(row.version)
    CalendarException.objects.create(calendar=row, first_on=TUESDAY, last_on=TUESDAY, public_reason="Rest")
    after = facts_of(row).working_calendar(row.version)
    route_of(services_for("PT")[0])  # the calendars are known from here on

    with django_assert_num_queries(3):
        assert judge_calendar(row, before, after, now).total == orders


def lead() -> Client:
    sync_roles(at=datetime.now().astimezone())
    person = StaffFactory(email="lead@example.com")
    person.groups.add(Group.objects.get(name="lead"))
    client = Client()
    client.force_login(person)
    return client


def posted(client: Client, url: str) -> dict[str, object]:
    """Return what the browser would send back unchanged."""
    page = client.get(url)
    forms = [page.context["adminform"].form]
    for each in page.context["inline_admin_formsets"]:
        forms += [each.formset.management_form, *each.formset.forms]
    data: dict[str, object] = {}
    for form in forms:
        for name in form.fields:
            value = form[name].value()
            data[form.add_prefix(name)] = "" if value is None else value
    return data


def test_the_admin_shows_who_is_touched_and_saves_on_the_second_press(now: datetime) -> None:
    moment = datetime.now().astimezone()
    order = ordered(at=moment)
    promise = Promise.objects.get(order=order)
    row, client = BusinessCalendar.objects.get(code="workshop"), lead()
    url = reverse("admin:shop_businesscalendar_change", args=[row.pk])
    day = promise.hand_over_by_at.astimezone().date()
    data = posted(client, url) | {
        "exceptions-0-first_on": day,
        "exceptions-0-last_on": day,
        "exceptions-0-kind": "closed",
        "exceptions-0-public_reason": "Stocktaking",
        "exceptions-0-applies": "on",
    }

    page = client.post(url, data)

    assert page.status_code == 200
    assert page.templates[0].name == "admin/shop/businesscalendar/touched.html"
    assert order.number in page.text
    assert (CalendarException.objects.count(), CalendarVersion.objects.count()) == (0, 0)
    row.refresh_from_db()
    assert row.version == 1

    seen = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.text))
    answer = client.post(url, seen | {"seen": "1"})

    assert answer.status_code == 302
    row.refresh_from_db()
    assert (row.version, CalendarException.objects.get().public_reason) == (2, "Stocktaking")
    kept = CalendarVersion.objects.get()
    assert (kept.version, str(kept.made_by), kept.facts["days"][0]["reason"]) == (2, "Dilini Perera", "Stocktaking")


def test_a_change_that_touches_nobody_is_saved_at_once(now: datetime) -> None:
    ordered(at=now)
    row, client = BusinessCalendar.objects.get(code="workshop"), lead()
    url = reverse("admin:shop_businesscalendar_change", args=[row.pk])

    answer = client.post(url, posted(client, url) | {"capacity_per_day": 12})

    assert answer.status_code == 302
    assert client.get(url).context["versions"][0]["says"] == ["The first version that was kept."]
    client.post(url, posted(client, url) | {"capacity_per_day": 14})
    assert client.get(url).context["versions"][0]["says"] == ["Orders a day: 12 became 14."]


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("time_zone", "Europe/Atlantis", "There is no such time zone. Enter one like Europe/Lisbon."),
        ("country", "XX", "The holiday library does not know this"),
    ],
)
def test_the_admin_refuses_what_nobody_can_count_with(now: datetime, field: str, value: str, sentence: str) -> None:
    ordered(at=now)
    row, client = BusinessCalendar.objects.get(code="workshop"), lead()
    url = reverse("admin:shop_businesscalendar_change", args=[row.pk])

    page = client.post(url, posted(client, url) | {field: value})

    assert page.status_code == 200
    assert sentence in page.text
    assert Event.objects.filter(name="shop.calendar.changed").count() == 0


def test_a_kept_version_cannot_be_rewritten(now: datetime) -> None:
    ordered(at=now)
    row = close("workshop", TUESDAY, TUESDAY, at=now)

    with pytest.raises(IntegrityError), transaction.atomic():
        CalendarVersion.objects.filter(calendar=row).update(facts={})
    with connection.cursor() as cursor:  # the negative control: without its guard it could
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE shop_calendarversion DISABLE TRIGGER append_only")
    assert CalendarVersion.objects.filter(calendar=row).update(facts={}) == 2


def test_a_day_may_take_fewer_orders_than_others(now: datetime) -> None:
    ordered(at=now)
    row = BusinessCalendar.objects.get(code="workshop")
    times = facts_of(row).hours[0][1:]
    CalendarException.objects.create(
        calendar=row, first_on=now.date(), last_on=now.date(), kind="open", opens=times[0], closes=times[1],
        capacity=1, public_reason="Half the bench is away",
    )  # fmt: skip
    with transaction.atomic():
        keep_version(calendar_id=row.pk, by=None, at=now)
    service = services_for("PT")[0]

    assert full_days(service, today=now.date()) == frozenset({now.date()})
    assert timetable("PT", at=now).quote(service).estimate.starts_on == TUESDAY
    Order.objects.update(status="cancelled")
    assert full_days(service, today=now.date()) == frozenset()
