"""The one way to a date: from rows, in few queries, the same everywhere, and never a guess."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.template import Context, Template
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from orders.models import Order, Promise
from orders.queries.quotes import NoEstimate, full_days, route_for, services_for, timetable
from orders.rules.promise import Wish
from shop.models import BusinessCalendar, CalendarException
from tests.factories.bags import ANA, filled_bag, ordered, shown_to
from tests.factories.orders import service_level
from tests.factories.shop import VariantFactory
from tests.pages import words

pytestmark = pytest.mark.django_db


def test_a_quote_counts_the_calendars(now: datetime) -> None:
    service = service_level()

    quote = timetable("PT", at=now).quote(service)

    # Monday morning: packed today, handed over Tuesday, two to three carrier days.
    assert (quote.estimate.starts_on, quote.estimate.hand_over_on) == (date(2026, 3, 2), date(2026, 3, 3))
    assert (quote.estimate.deliver_from_on, quote.estimate.deliver_by_on) == (date(2026, 3, 5), date(2026, 3, 6))


def test_a_timetable_costs_three_queries_whatever_the_number_of_services(
    now: datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    service_level()
    timetable("PT", at=now)  # the calendars are kept from here on
    limit_orders(10)

    with django_assert_num_queries(3):
        timetable("PT", at=now)
    for code in ("second", "third"):
        service_level(code)
    with django_assert_num_queries(3):
        table = timetable("PT", at=now)
    assert len(table.services) == 3


def limit_orders(capacity: int) -> None:
    BusinessCalendar.objects.filter(code="workshop").update(capacity_per_day=capacity)


def test_a_full_day_moves_the_next_quote_and_a_cancelled_order_frees_it(now: datetime) -> None:
    order = ordered(at=now)
    limit_orders(1)
    service = services_for("PT")[0]

    assert full_days(service, today=now.date()) == frozenset({date(2026, 3, 2)})
    assert timetable("PT", at=now).quote(service).estimate.starts_on == date(2026, 3, 3)

    Order.objects.filter(pk=order.pk).update(status="cancelled")
    assert timetable("PT", at=now).quote(service).estimate.starts_on == date(2026, 3, 2)
    assert Promise.objects.get(order=order).starts_on == date(2026, 3, 2)


def test_without_an_open_day_there_is_no_quote(now: datetime) -> None:
    service = service_level()
    CalendarException.objects.create(
        calendar=service.carrier_calendar,
        first_on=now.date(),
        last_on=now.date() + timedelta(days=1000),
        public_reason="strike",
    )
    BusinessCalendar.objects.filter(pk=service.carrier_calendar_id).update(version=2)

    with pytest.raises(NoEstimate):
        timetable("PT", at=now).quote(service)


def test_a_workshop_that_takes_no_orders_promises_nothing(now: datetime) -> None:
    service = service_level()
    limit_orders(0)

    with pytest.raises(NoEstimate):
        timetable("PT", at=now).quote(services_for("PT")[0])
    assert route_for(service).service == "door-pt"


def test_the_default_service_is_the_cheapest(now: datetime) -> None:
    dear = service_level("faster-pt")
    dear.price_minor, dear.position = 990, 0
    dear.save()
    cheap = service_level("door-pt")
    cheap.position = 5
    cheap.save()

    assert timetable("PT", at=now).default() == cheap
    assert timetable("XX", at=now).default() is None


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> object:
    """Let the edges read a moment of our choice."""

    def set_to(moment: datetime) -> None:
        monkeypatch.setattr("django.utils.timezone.now", lambda: moment)

    return set_to


def card(variant: object, country: str) -> str:
    text = Template("{% load delivery %}{% delivery_promise variant country %}").render(
        Context({"variant": variant, "country": country})
    )
    return words(text)


def test_the_card_says_day_cutoff_and_price(now: datetime, clock: object, client: Client) -> None:
    service_level()
    variant = VariantFactory()
    clock(now)  # type: ignore[operator]

    text = card(variant, "PT")

    assert "Arrives Thu 5 – Fri 6 March to Portugal" in text
    assert "Order before 2 pm and we pack it today." in text
    assert "Delivery €4.90." in text


def test_the_card_names_the_workshops_clock_to_other_zones(now: datetime, clock: object) -> None:
    service_level("door-de", country="DE", time_zone="Europe/Berlin")
    variant = VariantFactory(making_days=3)
    clock(now)  # type: ignore[operator]

    assert "Order before 2 pm (Lisbon time) and we start today." in card(variant, "DE")


def test_the_card_after_the_cutoff_and_over_a_holiday(now: datetime, clock: object) -> None:
    service = service_level()
    CalendarException.objects.create(
        calendar=service.workshop.calendar,
        first_on=date(2026, 3, 3),
        last_on=date(2026, 3, 3),
        public_reason="Shrove Tuesday",
    )
    BusinessCalendar.objects.filter(pk=service.workshop.calendar_id).update(version=7)
    variant = VariantFactory()
    clock(now + timedelta(hours=6))  # type: ignore[operator]

    text = card(variant, "PT")

    assert "Order now and we start on Wednesday 4 March." in text
    assert "Tuesday 3 March is Shrove Tuesday. The dates above already count it." in text


def test_the_card_never_prints_a_guess(now: datetime, clock: object) -> None:
    service_level()
    limit_orders(0)
    variant = VariantFactory()
    clock(now)  # type: ignore[operator]

    assert "We cannot promise a day right now." in card(variant, "PT")
    assert "We do not deliver to Japan yet." in card(variant, "JP")
    assert "Arrives" not in card(variant, "PT") + card(variant, "JP")


def test_every_page_says_the_same_day(now: datetime, clock: object, client: Client) -> None:
    variant = VariantFactory()
    cart, token = filled_bag((variant, 1), at=now)
    client.cookies["bag"] = token
    clock(now)  # type: ignore[operator]
    said = "Thu 5 – Fri 6 March"

    pages = [client.get(address).content.decode() for address in ("/bag/", "/checkout/")]
    order = ordered((variant, 1), at=now)
    promise = order.promises.get()

    assert all(said in page for page in [*pages, card(variant, "PT")])
    assert shown_to(cart, ANA, at=now).deliver_by_on == promise.deliver_by_on == date(2026, 3, 6)
    assert timetable("PT", at=now).quote(order.service, Wish()).estimate.pack_by_at == promise.pack_by_at


def test_a_transfer_counts_one_working_day_more(now: datetime) -> None:
    order = ordered(at=now, provider="bank_transfer", payment_token="")

    assert order.promises.get().starts_on == date(2026, 3, 3)
    assert order.promises.get().basis["payment_days"] == 1
