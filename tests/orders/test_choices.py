"""What she can choose about a delay, and what it changes; the second delay never takes silence for consent."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db.models import F
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from orders.models import DelayCase, Order, OrderLine, Parcel, ParcelLine, Promise, PromiseOutcome, RefundGrant
from orders.operations.access import issue_link
from orders.operations.deciding import (
    NothingReady,
    NothingToDecide,
    NotInstead,
    cancel_for_delay,
    keep_waiting,
    send_what_is_ready,
    take_instead,
)
from orders.operations.delays import look_for_words, note_delay, watch_promises
from orders.operations.packing import pack_parcel
from orders.operations.shipping import WordMissing, hand_over_parcel
from orders.queries.redelivery import planned
from orders.rules.changing import NotChangeable, Why
from shop.models import Event, StockLevel
from tests.factories.bags import ordered
from tests.factories.orders import placed_order
from tests.factories.shop import StaffFactory, VariantFactory
from tests.orders.test_operations_delays import late_parcel
from tests.orders.test_operations_fulfilment import events_of, handed_over, our_breaches, scan
from tests.orders.test_redelivery import confirm, hidden, redeliver, stage
from tests.owners import know
from tests.pages import words

pytestmark = pytest.mark.django_db


def late_in_the_workshop(now: datetime, rounds: int = 1) -> Order:
    """Nobody packed it; noticed once, or again a week later."""
    order = placed_order(at=now, number="KP-1")
    for week in range(rounds):
        note_delay(order_id=order.pk, at=now + timedelta(days=1 + 7 * week, hours=1))
    assert order.delays.count() == rounds
    return order


def add_line(order: Order, now: datetime, making_days: int) -> OrderLine:
    """Something that has to be made, in the same parcel."""
    first = order.lines.order_by("id")[0]
    variant = VariantFactory(product=first.variant.product, label="Moss")
    line = OrderLine.objects.create(
        order=order, variant=variant, sku=variant.sku, title="Bowl", unit_minor=0, quantity=1, gross_minor=0,
        tax_rate_bp=0, tax_minor=0, making_days=making_days,
    )  # fmt: skip
    StockLevel.objects.filter(variant=variant).update(allocated=F("allocated") + 1)
    ParcelLine.objects.create(parcel=order.parcels.get(), line=line, quantity=1)
    return line


# -- Her word -----------------------------------------------------------------------------------------------------


def test_a_first_delay_takes_silence_for_consent(now: datetime) -> None:
    order = late_in_the_workshop(now)
    parcel, at = order.parcels.get(), now + timedelta(days=2)

    pack_parcel(parcel_id=parcel.pk, by=None, at=at)
    hand_over_parcel(parcel_id=parcel.pk, carrier="own", tracking_number="HP-1", by=None, at=at)

    assert order.delays.get().decide_by_at is None


def test_a_second_delay_never_takes_silence_for_consent(now: datetime) -> None:
    order = late_in_the_workshop(now, rounds=2)
    parcel, at = order.parcels.get(), now + timedelta(days=9)
    pack_parcel(parcel_id=parcel.pk, by=None, at=at)

    with pytest.raises(WordMissing):
        hand_over_parcel(parcel_id=parcel.pk, carrier="own", tracking_number="HP-1", by=None, at=at)
    assert Parcel.objects.get().handed_over_at is None

    keep_waiting(order_id=order.pk, by=None, at=at)
    hand_over_parcel(parcel_id=parcel.pk, carrier="own", tracking_number="HP-1", by=None, at=at)
    case = order.delays.get(round=2)
    assert (case.decision, case.decided_at, case.decided_by) == ("keep", at, None)
    assert our_breaches() == []


def test_her_word_to_the_newest_delay_answers_the_one_before(now: datetime) -> None:
    order = late_in_the_workshop(now, rounds=3)
    parcel, at = order.parcels.get(), now + timedelta(days=16)
    second, third = order.delays.filter(decide_by_at__isnull=False).order_by("round")
    pack_parcel(parcel_id=parcel.pk, by=None, at=at)
    with pytest.raises(WordMissing):
        hand_over_parcel(parcel_id=parcel.pk, carrier="own", tracking_number="HP-1", by=None, at=at)

    keep_waiting(order_id=order.pk, by=None, at=at)

    hand_over_parcel(parcel_id=parcel.pk, carrier="own", tracking_number="HP-1", by=None, at=at)
    assert look_for_words(max(second.decide_by_at, third.decide_by_at) + timedelta(days=9)) == 0
    assert our_breaches() == []


def test_staff_are_asked_to_call_once_when_no_word_comes(now: datetime) -> None:
    order = late_in_the_workshop(now, rounds=2)
    due = order.delays.get(round=2).decide_by_at
    assert due is not None

    assert [look_for_words(due - timedelta(minutes=1)), look_for_words(due), look_for_words(due)] == [0, 1, 0]

    assert events_of(order).count("orders.delay.unanswered") == 1


def test_she_keeps_waiting_once_however_often_she_says_so(now: datetime) -> None:
    order = late_in_the_workshop(now)
    staff = StaffFactory()

    keep_waiting(order_id=order.pk, by=staff, at=now + timedelta(days=1, hours=2))
    keep_waiting(order_id=order.pk, by=None, at=now + timedelta(days=1, hours=3))

    assert order.delays.get().decided_by == staff
    assert events_of(order).count("orders.delay.decided") == 1


@pytest.mark.parametrize("act", [keep_waiting, cancel_for_delay])
def test_without_a_delay_there_is_nothing_to_decide(now: datetime, act: Any) -> None:
    order = placed_order(at=now)

    with pytest.raises(NothingToDecide):
        act(order_id=order.pk, by=None, at=now)

    order.refresh_from_db()
    assert (order.status, events_of(order)) == ("placed", [])


# -- What is ready, something else, an end --------------------------------------------------------------------------


def test_what_is_ready_goes_now_and_the_rest_follows(now: datetime) -> None:
    order = late_in_the_workshop(now)
    bowl = add_line(order, now, making_days=5)

    later = send_what_is_ready(order_id=order.pk, by=None, at=now + timedelta(days=2))

    assert [row.line for row in later.lines.all()] == [bowl]
    assert order.parcels.count() == 2
    assert order.delays.get().decision == "split"


def test_nothing_goes_ahead_when_all_waits_for_the_same(now: datetime) -> None:
    order = late_in_the_workshop(now)

    with pytest.raises(NothingReady):
        send_what_is_ready(order_id=order.pk, by=None, at=now + timedelta(days=2))

    assert (order.parcels.count(), order.delays.get().decision) == (1, "")


def test_she_takes_another_form_of_the_same_thing(now: datetime) -> None:
    order = late_in_the_workshop(now)
    line = order.lines.get()
    old = line.variant
    other = VariantFactory(product=old.product, label="Moss", stock=3)
    dearer = VariantFactory(product=old.product, label="Gold", price_minor=9900, stock=3)

    with pytest.raises(NotInstead):
        take_instead(order_id=order.pk, line_id=line.pk, variant_id=dearer.pk, by=None, at=now + timedelta(days=2))
    taken = take_instead(order_id=order.pk, line_id=line.pk, variant_id=other.pk, by=None, at=now + timedelta(days=2))

    assert (taken.sku, taken.options_label, taken.gross_minor) == (other.sku, "Moss", line.gross_minor)
    assert StockLevel.objects.get(variant=other).allocated == line.quantity
    assert StockLevel.objects.get(variant=old).allocated == 0
    payload = Event.objects.get(name="orders.line.swapped").payload
    assert (payload["old_sku"], payload["new_sku"]) == (line.sku, other.sku)
    assert our_breaches() == []


def test_cancelling_for_a_delay_gives_the_money_back(now: datetime) -> None:
    order = late_in_the_workshop(now)

    cancel_for_delay(order_id=order.pk, by=None, at=now + timedelta(days=2))

    order.refresh_from_db()
    assert (order.status, order.delays.get().decision) == ("cancelled", "cancel")
    assert RefundGrant.objects.get().amount_minor == order.total_minor


# -- Where and when -------------------------------------------------------------------------------------------------


def test_address_and_days_change_until_it_leaves(now: datetime) -> None:
    order = ordered(at=now)  # Thursday to Friday
    thursday = {"street": "Rua Nova 3", "home_weekdays": (3,), "courier_note": "ring twice"}

    redeliver(order, now, **thursday)

    order.refresh_from_db()
    promise = Promise.objects.get(order=order, version=2)
    assert (promise.source, promise.deliver_from_on, promise.deliver_by_on) == (
        "customer", date(2026, 3, 5), date(2026, 3, 5),
    )  # fmt: skip
    assert (order.street, order.home_weekdays) == ("Rua Nova 3", [3])
    told = Event.objects.get(name="orders.order.delivery-changed").payload
    assert told["fields"] == ["courier_note", "home_weekdays", "street"]
    assert "Rua" not in str(told)
    with pytest.raises(NotChangeable) as same:
        stage(order, now, **thursday)
    assert same.value.why == Why.SAME

    handed_over(order, now)
    with pytest.raises(NotChangeable) as left:
        stage(order, now)
    assert left.value.why == Why.LEFT


def test_a_later_day_of_her_own_is_asked_for_and_is_no_delay_of_ours(now: datetime) -> None:
    order = ordered(at=now)

    change = stage(order, now, home_weekdays=(0,))
    assert planned(order, change, at=now).said.nobody_home  # type: ignore[union-attr]
    assert Promise.objects.filter(order=order).count() == 1
    confirm(change, now)

    order.refresh_from_db()
    promise = Promise.objects.get(order=order, version=2)
    assert (promise.deliver_by_on, order.service_status) == (date(2026, 3, 9), "ok")
    assert note_delay(order_id=order.pk, at=now + timedelta(minutes=1)) is None
    parcel = handed_over(order, now)
    scan(parcel, "delivered", now + timedelta(days=7, hours=2))
    outcome = PromiseOutcome.objects.get()
    assert (outcome.kept_first, outcome.promised_by_on) == (True, date(2026, 3, 9))


# -- News and guarantee ---------------------------------------------------------------------------------------------


def test_earlier_than_promised_is_told_once_and_breaks_nothing(now: datetime) -> None:
    order = placed_order(at=now)  # Wednesday 4 to Thursday 5
    parcel = handed_over(order, now)
    scan(parcel, "in_transit", now + timedelta(hours=2), eta_on=date(2026, 3, 3))

    for _look in range(2):
        note_delay(order_id=order.pk, at=now + timedelta(hours=3))

    news = Promise.objects.get(source="eta")
    assert (news.deliver_from_on, news.deliver_by_on) == (date(2026, 3, 3), date(2026, 3, 4))
    assert events_of(order).count("orders.order.eta-changed") == 1
    scan(parcel, "in_transit", now + timedelta(hours=9), eta_on=date(2026, 3, 5))
    note_delay(order_id=order.pk, at=now + timedelta(hours=10))
    order.refresh_from_db()
    assert (DelayCase.objects.count(), order.service_status) == (0, "ok")
    assert Promise.objects.filter(source="eta").count() == 2
    assert our_breaches() == []


def test_a_guaranteed_day_that_is_missed_gives_the_fee_back_by_itself(now: datetime) -> None:
    order, parcel = late_parcel(now)
    Order.objects.filter(pk=order.pk).update(guaranteed=True)
    note_delay(order_id=order.pk, at=now + timedelta(days=2, minutes=1))
    assert RefundGrant.objects.count() == 0  # late is foreseen, not missed
    first = Promise.objects.get(order=order, version=1)
    order.refresh_from_db()
    assert order.watch_at is not None

    for moment in (first.breaks_at, first.breaks_at + timedelta(hours=1)):
        Order.objects.filter(pk=order.pk).update(watch_at=moment)
        watch_promises(moment)

    grant = RefundGrant.objects.get()
    assert (grant.amount_minor, grant.origin) == (order.delivery_minor, f"orders.guarantee:{order.pk}")
    scan(parcel, "delivered", first.breaks_at + timedelta(hours=9))
    assert RefundGrant.objects.count() == 1
    assert our_breaches() == []


def test_a_guaranteed_order_is_looked_at_when_its_day_ends(now: datetime) -> None:
    order = placed_order(at=now)
    Order.objects.filter(pk=order.pk).update(guaranteed=True)
    parcel = handed_over(order, now)
    scan(parcel, "out_for_delivery", now + timedelta(days=3, hours=1))
    first = Promise.objects.get(order=order)

    note_delay(order_id=order.pk, at=first.breaks_at - timedelta(hours=4, minutes=-1))

    order.refresh_from_db()
    assert order.watch_at is not None
    assert order.watch_at <= first.breaks_at


# -- Outcome --------------------------------------------------------------------------------------------------------


def test_a_delivery_is_kept_against_the_first_and_the_last_told(now: datetime) -> None:
    order, parcel = late_parcel(now)
    note_delay(order_id=order.pk, at=now + timedelta(days=2))
    Promise.objects.filter(order=order, version=2).update(told_at=now + timedelta(days=2, minutes=1))

    scan(parcel, "delivered", now + timedelta(days=5))

    outcome = PromiseOutcome.objects.get()
    assert (outcome.kept_first, outcome.late_days, outcome.kept_told, outcome.cause) == (False, 2, True, "weather")
    assert (outcome.stage, outcome.told_in_time, outcome.country) == ("road", True, "PT")


# -- Her page -------------------------------------------------------------------------------------------------------


@pytest.fixture
def late_page() -> tuple[Order, str, Client]:
    """A late order with its secret link."""
    at = timezone.now()
    order = placed_order(at=at - timedelta(days=3), number="KP-1")
    note_delay(order_id=order.pk, at=at - timedelta(days=1))
    return order, issue_link(order=order, at=at), Client()


def test_her_page_offers_what_is_possible(late_page: tuple[Order, str, Client]) -> None:
    order, token, client = late_page
    VariantFactory(product=order.lines.get().variant.product, label="Moss")
    text = client.get(reverse("orders:track", args=[token])).text

    assert re.findall(r'name="choice" value="(\w+)"', text) == ["keep", "cancel"]
    assert reverse("orders:instead", args=[token]) in text
    assert text.count(reverse("orders:delivery", args=[token])) == 2


def test_her_choice_is_kept_and_shown(late_page: tuple[Order, str, Client]) -> None:
    order, token, client = late_page

    answer = client.post(reverse("orders:choose", args=[token]), {"choice": "keep"}, follow=True)

    assert order.delays.get().decision == "keep"
    assert "You wait for the new date. Thank you; we keep it for you." in words(answer)
    again = client.post(reverse("orders:choose", args=[token]), {"choice": "cancel"}, follow=True)
    assert "That was settled before" in again.text
    assert Order.objects.get(pk=order.pk).status == "placed"


@pytest.mark.parametrize("choice", ["", "nonsense", "keep\x00"])
def test_a_choice_nobody_offered_changes_nothing(late_page: tuple[Order, str, Client], choice: str) -> None:
    order, token, client = late_page

    answer = client.post(reverse("orders:choose", args=[token]), {"choice": choice}, follow=True)

    assert "Choose one of the ways below" in answer.text
    assert order.delays.get().decision == ""


@pytest.mark.parametrize("instead", ["", "7", "7-", "x-y", "²-1", "9" * 40 + "-1"])
def test_nonsense_instead_is_refused_in_words(late_page: tuple[Order, str, Client], instead: str) -> None:
    order, token, client = late_page

    answer = client.post(reverse("orders:instead", args=[token]), {"instead": instead}, follow=True)

    assert "That is not possible any more." in answer.text
    assert order.delays.get().decision == ""


def test_the_address_form_keeps_what_was_typed_and_says_what_is_wrong(late_page: tuple[Order, str, Client]) -> None:
    order, token, client = late_page
    url = reverse("orders:delivery", args=[token])
    typed = {"street": "Rua Nova 3", "postcode": "12", "city": "Porto", "phone": "abc", "action": "choose"}

    answer = know(client, order).post(url, typed)

    assert answer.status_code == 422
    assert "Enter a postcode like 4050-262." in answer.text
    assert 'value="Rua Nova 3"' in answer.text
    shown = client.post(url, typed | {"postcode": "4000-100", "phone": ""}, follow=True)
    saved = client.post(url, hidden(shown) | {"action": "confirm"}, follow=True)
    assert "It is changed." in saved.text
    order.refresh_from_db()
    assert (order.street, order.delays.get().decision) == ("Rua Nova 3", "change")
