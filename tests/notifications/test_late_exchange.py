"""A later day of an exchange is told as one of her exchange: in the letter of the watch, in a crisis, on the page."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from notifications.models import Message
from orders.models import Order, Parcel, ParcelPlan
from orders.operations.access import issue_link
from orders.operations.coming_back import send_again
from orders.operations.delays import note_delay
from orders.operations.exchanging import add_exchange
from orders.operations.packing import pack_parcel
from orders.operations.shipping import hand_over_parcel
from orders.operations.splitting import split_parcel
from orders.operations.telling import tell_of_incidents
from orders.queries.plans import open_exchanges
from shop.operations.events import relay_events
from tests.factories.incidents import declared
from tests.factories.orders import placed_order
from tests.factories.returns import delivered_order
from tests.factories.shop import StaffFactory, VariantFactory
from tests.orders.test_coming_back import sent
from tests.orders.test_operations_fulfilment import handed_over, scan
from tests.pages import words

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def exchanging(now: datetime, locale: str = "en") -> tuple[Order, ParcelPlan]:
    """An order that arrived, and a piece that goes out in exchange for one of it."""
    order = delivered_order(at=now - 10 * DAY, locale=locale)
    line = order.lines.order_by("id")[0]
    other = VariantFactory(label="Large").pk
    add_exchange(order_id=order.pk, exchange_of_id=line.pk, variant_id=other, quantity=1, key="x", by=None, at=now)
    return order, ParcelPlan.objects.get(parcel=Parcel.objects.latest("number"))


def letter(kind: str, at: datetime) -> Message:
    while relay_events(at):
        pass
    return Message.objects.filter(kind=kind).latest("id")


@pytest.mark.parametrize(
    ("locale", "subject", "first"),
    [
        ("en", "{}: your exchange will be later, it arrives ", "Your exchange for order {} was to arrive "),
        ("de", "{}: Ihr Umtausch verspätet sich, Ankunft ", "Ihr Umtausch zur Bestellung {} sollte "),
    ],
)
def test_the_watch_writes_of_an_exchange(now: datetime, locale: str, subject: str, first: str, client: Client) -> None:
    order, plan = exchanging(now, locale)
    late_at = plan.hand_over_by_at + timedelta(hours=1)
    note_delay(order_id=order.pk, at=late_at)

    told = letter("parcel_delayed", late_at)

    assert told.subject.startswith(subject.format(order.number))
    assert first.format(order.number) in words(told.text)
    assert first.format(order.number) in words(told.html)
    spoken = f"{told.subject} {words(told.text)} {words(told.html)}"
    assert [word for word in ("ne parcel", "Paket", "Whatever else", "Was sonst") if word in spoken] == []

    link = reverse("orders:track", args=[issue_link(order=order, at=timezone.now())])
    page = client.get(link, headers={"accept-language": locale})
    said = "We had said " if locale == "en" else "Zuerst hatten wir "
    assert said in words(page.content.decode())


def test_a_crisis_that_hits_the_exchange_alone_speaks_of_it(now: datetime) -> None:
    """One of two mugs came and is exchanged; the other is still to come, before the crisis begins."""
    order = placed_order(at=now, quantity=2)
    first = Parcel.objects.get()
    line = order.lines.get()
    split_parcel(parcel_id=first.pk, first={line.pk: 1}, by=None, at=now)
    scan(handed_over(order, now), "delivered", now + DAY)
    other = VariantFactory(label="Large", making_days=6).pk
    add_exchange(
        order_id=order.pk, exchange_of_id=line.pk, variant_id=other, quantity=1, key="x", by=None, at=now + DAY
    )  # fmt: skip
    plan = ParcelPlan.objects.get()
    starts_on = order.promises.get().deliver_by_on + DAY
    declared(at=now + DAY, starts_on=starts_on, ends_on=plan.deliver_by_on + 7 * DAY)
    while tell_of_incidents(now + DAY):
        pass

    told = letter("incident_declared", now + DAY)

    assert told.subject.startswith(f"{order.number}: your exchange will be later, it arrives ")
    assert f"Your exchange for order {order.number} was to arrive " in words(told.text)
    assert f"Your exchange for order {order.number} was to arrive " in words(told.html)
    assert "ne parcel" not in f"{words(told.text)} {words(told.html)}"


def test_both_parts_of_a_split_exchange_keep_its_days_and_are_watched(now: datetime) -> None:
    order = delivered_order(at=now - 10 * DAY, pieces=(2,))
    line = order.lines.order_by("id")[0]
    other = VariantFactory(label="Large").pk
    add_exchange(order_id=order.pk, exchange_of_id=line.pk, variant_id=other, quantity=2, key="x", by=None, at=now)
    parcel = Parcel.objects.latest("number")
    first = {parcel.lines.get().line_id: 1}

    rest = split_parcel(parcel_id=parcel.pk, first=first, by=None, at=now)

    said, kept = ParcelPlan.objects.get(parcel=parcel), ParcelPlan.objects.get(parcel=rest)
    assert (kept.deliver_by_on, kept.hand_over_by_at, kept.version) == (said.deliver_by_on, said.hand_over_by_at, 1)
    sent(order, now, 2)
    late_at = said.hand_over_by_at + timedelta(hours=1)
    note_delay(order_id=order.pk, at=late_at)
    assert ParcelPlan.objects.filter(parcel=rest).latest("version").deliver_by_on > kept.deliver_by_on
    assert letter("parcel_delayed", late_at).subject.startswith(f"{order.number}: your exchange will be later")


def test_an_exchange_that_is_sent_again_stays_one(now: datetime) -> None:
    order, plan = exchanging(now)
    scan(sent(order, now, 2), "returned", now + 3 * DAY)
    arrived_at = order.delivered_at

    again = send_again(parcel_id=plan.parcel_id, by=StaffFactory(), at=now + 3 * DAY)

    assert again.due_at == plan.parcel.due_at
    assert list(open_exchanges()) == [again]
    order.refresh_from_db()
    assert (order.delivered_at, order.fulfilment_status) == (arrived_at, "open")


@pytest.mark.parametrize(("locale", "said"), [("en", "to our own courier."), ("de", "an: unser eigener Kurier.")])
def test_letters_and_page_call_a_courier_by_its_name(now: datetime, locale: str, said: str, client: Client) -> None:
    order = placed_order(at=now, locale=locale)
    pack_parcel(parcel_id=order.parcels.get().pk, by=None, at=now)
    parcel = order.parcels.get()
    hand_over_parcel(parcel_id=parcel.pk, carrier="own", tracking_number="HT-1001", by=None, at=now)

    told = letter("parcel_handed_over", now)

    assert said in words(told.text)
    assert said in words(told.html)
    link = reverse("orders:track", args=[issue_link(order=order, at=timezone.now())])
    page = words(client.get(link, headers={"accept-language": locale}).content.decode())
    assert said.removeprefix("to ").removeprefix("an: ").removesuffix(".") in page
