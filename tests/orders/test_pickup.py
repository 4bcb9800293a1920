"""Pick-up at the studio: no address, a day it is ready, one press when it is collected."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.test import Client

from notifications.models import Message
from orders.models import Order, ServiceLevel
from orders.operations.collecting import note_collected
from orders.operations.delays import note_delay
from orders.operations.packing import pack_parcel
from orders.operations.shipping import NotPaidYet, hand_over_parcel
from orders.rules.states import Impossible
from shop.models import StockLevel
from shop.operations.events import relay_events
from tests.factories.bags import filled_bag, ordered
from tests.factories.orders import service_level
from tests.factories.shop import StaffFactory
from tests.orders.test_checkout_page import FILLED, hidden
from tests.orders.test_operations_fulfilment import our_breaches
from tests.pages import words

pytestmark = pytest.mark.django_db

COLLECTS = {"service_code": "pickup-pt", "street": "", "postcode": "", "city": ""}


@pytest.fixture(autouse=True)
def _monday(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)


@pytest.fixture
def counter() -> ServiceLevel:
    """The studio's counter, open when the studio is."""
    door = service_level()
    return ServiceLevel.objects.create(
        code="pickup-pt",
        kind=ServiceLevel.Kind.PICKUP,
        name="Collect it at the studio",
        country="PT",
        workshop=door.workshop,
        carrier_calendar=door.workshop.calendar,
        destination_calendar=door.workshop.calendar,
        transit_min_days=0,
        transit_max_days=0,
        price_minor=0,
        position=9,
    )


@pytest.mark.usefixtures("counter")
def test_who_collects_is_asked_for_no_address(client: Client, now: datetime) -> None:
    _cart, client.cookies["bag"] = filled_bag(at=now)
    page = client.get("/checkout/")
    assert "Collect it from Tuesday 3 March on" in words(page)
    chosen = client.post("/checkout/", {"action": "refresh", "service": "pickup-pt", "country": "PT"} | hidden(page))
    said = words(chosen)
    assert "You collect it here, so we need no address:" in said
    assert "Street and number" not in said

    typed = {name: value for name, value in FILLED.items() if name not in {"street", "extra", "postcode", "city"}}
    done = client.post("/checkout/", typed | hidden(chosen) | {"service": "pickup-pt"}, follow=True)

    order = Order.objects.get()
    assert (order.pickup, order.street, order.postcode, order.delivery_minor) == (True, "", "", 0)
    assert "You can collect it from Tuesday 3 March" in words(done)
    assert "You collect it at" in words(done)
    track = done.context["track_url"]
    assert "Ready for you from Tuesday 3 March" in words(client.get(track))


@pytest.mark.usefixtures("counter")
def test_it_is_packed_told_of_and_collected(now: datetime) -> None:
    order = ordered(at=now, **COLLECTS)
    parcel = order.parcels.get()
    with pytest.raises(Impossible):
        note_collected(parcel_id=parcel.pk, by=None, at=now)
    pack_parcel(parcel_id=parcel.pk, by=None, at=now)
    order.refresh_from_db()
    assert (order.next_due_at, order.fulfilment_status) == (None, "packed")
    with pytest.raises(Impossible):
        hand_over_parcel(parcel_id=parcel.pk, carrier="demo", tracking_number="HP-1000", by=None, at=now)
    assert note_delay(order_id=order.pk, at=now + timedelta(days=9)) is None

    note_collected(parcel_id=parcel.pk, by=StaffFactory(), at=now + timedelta(days=9))

    order.refresh_from_db()
    level = StockLevel.objects.get()
    assert (order.fulfilment_status, level.on_hand, level.allocated) == ("delivered", 19, 0)
    assert our_breaches() == []
    relay_events(now)
    told = dict(Message.objects.values_list("kind", "state"))
    assert (told["ready_to_collect"], told["parcel_handed_over"], told["parcel_delivered"]) == (
        "queued",
        "suppressed",
        "suppressed",
    )
    assert "order_packed" not in told


@pytest.mark.usefixtures("counter")
def test_what_waits_at_the_counter_needs_nobody_to_look_what_is_not_packed_does(now: datetime) -> None:
    order = ordered(at=now, **COLLECTS)
    Order.objects.update(watch_at=None)
    assert [breach.code for breach in our_breaches()] == ["O27"]

    pack_parcel(parcel_id=order.parcels.get().pk, by=None, at=now)

    assert Order.objects.get().watch_at is None
    assert our_breaches() == []


@pytest.mark.usefixtures("counter")
def test_nothing_is_handed_out_before_the_transfer_is_here(now: datetime) -> None:
    order = ordered(at=now, **COLLECTS, provider="bank_transfer", payment_token="")
    parcel = order.parcels.get()
    pack_parcel(parcel_id=parcel.pk, by=None, at=now)

    with pytest.raises(NotPaidYet):
        note_collected(parcel_id=parcel.pk, by=None, at=now)

    assert StockLevel.objects.get().on_hand == 20


@pytest.mark.usefixtures("counter")
def test_a_parcel_that_is_brought_is_not_collected(now: datetime) -> None:
    order = ordered(at=now)
    parcel = order.parcels.get()
    pack_parcel(parcel_id=parcel.pk, by=None, at=now)

    with pytest.raises(Impossible):
        note_collected(parcel_id=parcel.pk, by=None, at=now)
