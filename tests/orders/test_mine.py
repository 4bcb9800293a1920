"""Orders and addresses of an account: hers when the address is proved, and nobody else's."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from orders.models import Order, OrderAccess, SavedAddress
from orders.operations.access import OWN_LIFETIME, LinkUnknown, order_of_link, own_link
from orders.operations.addresses import TooMany
from orders.queries.mine import prefill_for
from orders.rules import address_book
from shop.models import Event, User
from shop.operations.accounts import end_sign_ins, note_address_proved
from shop.operations.events import record_event, relay_events
from tests.factories.orders import placed_order, saved_address, service_level
from tests.factories.shop import StaffFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana() -> User:
    return UserFactory(email="ana@example.com")


@pytest.fixture
def hers(ana: User) -> Client:
    client = Client()
    client.force_login(ana)
    return client


@pytest.fixture
def his() -> Client:
    """A stranger's browser, signed in."""
    client = Client()
    client.force_login(UserFactory(email="rui@example.com"))
    return client


def prove(user: User, at: datetime) -> None:
    note_address_proved(user_id=user.pk, signed_up_here=True, at=at)
    relay_events(at)


# -- Adoption --------------------------------------------------------------------------------------------------------


def test_guest_orders_become_hers_once_the_address_is_proved(ana: User, now: datetime) -> None:
    guest = placed_order(at=now, email="Ana@Example.com")
    others = placed_order(at=now, number="KP-2", email="rui@example.com")

    prove(ana, now)

    assert list(Order.objects.filter(customer=ana)) == [guest]
    assert Order.objects.get(pk=others.pk).customer is None
    assert Event.objects.get(name="orders.order.adopted").payload == {"order_id": guest.pk}


def test_an_unproved_address_gets_nothing(now: datetime) -> None:
    """The negative control of the proof."""
    eve = UserFactory(email="ana@example.com", proved=False)
    EmailAddress.objects.create(user=eve, email="ana@example.com", verified=False)
    order = placed_order(at=now)

    prove(eve, now)

    assert Order.objects.get(pk=order.pk).customer is None


def test_order_placed_signed_out_follows_by_itself(ana: User, now: datetime) -> None:
    order = placed_order(at=now)
    with transaction.atomic():
        record_event(
            name="orders.order.placed",
            subject=f"orders.order:{order.pk}",
            order_number=order.number,
            payload={"order_id": order.pk, "promise_id": order.promises.get().pk},
            at=now,
        )

    relay_events(now)

    assert Order.objects.get(pk=order.pk).customer == ana


def test_orders_never_change_hands(ana: User, now: datetime) -> None:
    rui = UserFactory(email="rui@example.com")
    order = placed_order(at=now, customer=rui)

    prove(ana, now)

    assert Order.objects.get(pk=order.pk).customer == rui


def test_staff_adopt_no_shoppers_orders(now: datetime) -> None:
    StaffFactory(email="ana@example.com")
    order = placed_order(at=now)
    with transaction.atomic():
        record_event(
            name="orders.order.placed",
            subject="x",
            payload={"order_id": order.pk, "promise_id": order.promises.get().pk},
            at=now,
        )

    relay_events(now)

    assert Order.objects.get(pk=order.pk).customer is None


# -- Orders ----------------------------------------------------------------------------------------------------------


def test_what_is_to_come_stands_first(hers: Client, ana: User, now: datetime) -> None:
    placed_order(at=now - timedelta(days=2), number="KP-COMING", customer=ana)
    Order.objects.filter(pk=placed_order(at=now, number="KP-HERE", customer=ana).pk).update(delivered_at=now)
    Order.objects.filter(pk=placed_order(at=now, number="KP-GONE", customer=ana).pk).update(status="cancelled")
    Order.objects.filter(pk=placed_order(at=now, number="KP-HALF", customer=ana).pk).update(status="placing")
    placed_order(at=now, number="KP-RUI", email="rui@example.com")

    page = hers.get("/account/orders/").content.decode()

    assert list(dict.fromkeys(re.findall(r"KP-[A-Z]+", page))) == ["KP-COMING", "KP-GONE", "KP-HERE"]
    assert "Arrives Mon 2 – Tue 3 March" in page
    assert "Arrived on Monday 2 March" in page


@pytest.mark.parametrize("orders", [1, 3])
def test_list_costs_the_same_for_each_order(hers: Client, ana: User, orders: int) -> None:
    for number in range(orders):
        placed_order(at=timezone.now(), number=f"KP-{number}", customer=ana)
    hers.get("/account/orders/")

    with CaptureQueriesContext(connection) as asked:
        hers.get("/account/orders/")

    assert len(asked) == 7


def test_order_opens_the_page_of_its_link_without_writing(hers: Client, ana: User) -> None:
    placed_order(at=timezone.now(), customer=ana)

    answer = hers.get("/account/orders/KP-2041-7736/")

    assert answer.status_code == 302
    assert "KP-2041-7736" in hers.get(answer.headers["Location"]).content.decode()
    assert OrderAccess.objects.count() == 0


def test_strangers_meet_the_same_404(his: Client, ana: User, now: datetime) -> None:
    placed_order(at=now, customer=ana)

    answers = [his.get(f"/account/orders/{number}/") for number in ("KP-2041-7736", "KP-0000-0000")]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert "KP-2041-7736" not in his.get("/account/orders/").content.decode()


def test_own_link_ends(ana: User, now: datetime) -> None:
    order = placed_order(at=now, customer=ana)
    token = own_link(order=order, at=now)
    assert order_of_link(token=token, at=now) == order

    for later, spoiled in (
        (now + OWN_LIFETIME + timedelta(minutes=1), token),
        (now, token[:-2] + "AA"),
        (now, "own.x"),
    ):
        with pytest.raises(LinkUnknown):
            order_of_link(token=spoiled, at=later)
    end_sign_ins(user_id=ana.pk, at=now)
    with pytest.raises(LinkUnknown):
        order_of_link(token=token, at=now)


def test_own_link_ends_when_the_order_is_no_longer_hers(ana: User, now: datetime) -> None:
    order = placed_order(at=now, customer=ana)
    token = own_link(order=order, at=now)

    Order.objects.filter(pk=order.pk).update(customer=UserFactory())

    with pytest.raises(LinkUnknown):
        order_of_link(token=token, at=now)


def test_first_page_shows_three_orders_and_the_way_to_the_rest(hers: Client, ana: User) -> None:
    for number in range(4):
        placed_order(at=timezone.now(), number=f"KP-{number}", customer=ana)

    page = hers.get("/account/").content.decode()

    assert len(set(re.findall(r"KP-\d", page))) == 3
    assert "All orders" in page


# -- Addresses -------------------------------------------------------------------------------------------------------

HOME = {
    "full_name": "Ana Costa", "street": "Rua das Flores 12", "postcode": "4050262", "city": "Porto", "country": "PT",
    "phone": "912 345 678",
}  # fmt: skip


@pytest.fixture
def _served() -> None:
    service_level()


@pytest.mark.usefixtures("_served")
def test_first_address_is_used_first_and_the_next_when_asked(hers: Client) -> None:
    hers.post("/account/addresses/", HOME)
    hers.post("/account/addresses/", HOME | {"street": "Rua Direita 7"})
    hers.post("/account/addresses/", HOME | {"street": "Rua Nova 1", "first": "on"})

    rows = SavedAddress.objects.order_by("id").values_list("street", "postcode", "phone", "is_default")
    assert list(rows) == [
        ("Rua das Flores 12", "4050-262", "+351912345678", False),
        ("Rua Direita 7", "4050-262", "+351912345678", False),
        ("Rua Nova 1", "4050-262", "+351912345678", True),
    ]


@pytest.mark.usefixtures("_served")
@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"postcode": "12"}, "Enter a postcode like"),
        ({"phone": "12"}, "Enter a phone number the courier can call"),
        ({"country": "XX"}, "We do not deliver there yet."),
        ({"street": ""}, "Enter the street and the number of the house."),
    ],
)
def test_wrong_address_comes_back_with_what_was_typed(hers: Client, wrong: dict[str, str], sentence: str) -> None:
    answer = hers.post("/account/addresses/", HOME | wrong)

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert 'value="Porto"' in answer.content.decode()
    assert SavedAddress.objects.count() == 0


@pytest.mark.usefixtures("_served")
def test_address_is_changed_and_thrown_away(hers: Client, ana: User, now: datetime) -> None:
    first, second = (saved_address(ana, at=now, street=street) for street in ("Rua A 1", "Rua B 2"))

    hers.post(f"/account/addresses/{second.pk}/", HOME | {"street": "Rua C 3"})
    hers.post(f"/account/addresses/{first.pk}/removal/")

    assert list(SavedAddress.objects.values_list("street", "is_default")) == [("Rua C 3", True)]


@pytest.mark.usefixtures("_served")
def test_strangers_change_and_throw_away_nothing(his: Client, ana: User, now: datetime) -> None:
    row = saved_address(ana, at=now)

    answers = [
        his.get(f"/account/addresses/{row.pk}/"),
        his.post(f"/account/addresses/{row.pk}/", HOME | {"street": "Rua C 3"}),
        his.post(f"/account/addresses/{row.pk}/removal/"),
    ]

    assert [answer.status_code for answer in answers] == [404] * 3
    assert SavedAddress.objects.get().street == "Rua das Flores 12"


@pytest.mark.usefixtures("_served")
def test_full_address_book_says_so(hers: Client, ana: User, monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    monkeypatch.setattr("orders.operations.addresses.MOST_ADDRESSES", 1)
    saved_address(ana, at=now)

    answer = hers.post("/account/addresses/", HOME)

    assert answer.status_code == 422
    assert "Your address book is full." in answer.content.decode()
    assert address_book.MOST_ADDRESSES == 20
    with pytest.raises(TooMany):
        saved_address(ana, at=now)


def test_checkout_begins_with_the_address_used_first(ana: User, now: datetime) -> None:
    assert prefill_for(ana.pk, country="PT") == {}
    placed_order(at=now, customer=ana)
    assert prefill_for(ana.pk, country="PT")["street"] == "Rua das Flores 12"
    saved_address(ana, at=now, street="Lindenweg 8", country="DE")
    saved_address(ana, at=now, street="Rua Nova 1")

    assert prefill_for(ana.pk, country="PT")["street"] == "Rua Nova 1"
    assert prefill_for(ana.pk, country="FR") == {"full_name": "Ana Costa"}


def test_checkout_page_is_filled_for_who_is_signed_in(hers: Client, ana: User, now: datetime, settings: Any) -> None:
    service_level()
    order = placed_order(at=timezone.now(), customer=ana)
    saved_address(ana, at=now, street="Rua Nova 1")
    hers.post("/bag/add/", {"variant": order.lines.get().variant_id, "quantity": 1})

    page = hers.get("/checkout/").content.decode()

    assert 'value="Rua Nova 1"' in page
    assert 'value="ana@example.com"' in page
