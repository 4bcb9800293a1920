"""The desk: sorted by what breaks first, buttons that call operations, nothing for who may not."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from orders.admin.wording import Due, due
from orders.models import Order, Parcel
from orders.operations.packing import pack_parcel
from orders.operations.promising import note_told
from shop.models import Event, User
from tests.factories.orders import placed_order
from tests.factories.shop import StaffFactory, UserFactory
from tests.orders.test_operations_fulfilment import handed_over, parcel_of

pytestmark = pytest.mark.django_db

DESK = "/admin/orders/order/"


def staff(*codenames: str) -> User:
    person = StaffFactory()
    wanted = ["view_order", "view_parcel", *codenames]
    person.user_permissions.set(Permission.objects.filter(content_type__app_label="orders", codename__in=wanted))
    return person


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def packer() -> Client:
    """Somebody at the packing table."""
    return signed_in(staff("pack_parcel", "hand_over_parcel"))


def order_page(order: Order) -> str:
    return f"{DESK}{order.pk}/change/"


@pytest.mark.parametrize(
    ("kind", "left", "expected"),
    [
        ("pack", timedelta(hours=2, minutes=5), Due("warn", "box", "pack within 2 h")),
        ("hand_over", timedelta(hours=32, minutes=30), Due("ok", "hand", "hand over by tomorrow 18:00")),
        ("deliver", timedelta(days=3), Due("ok", "truck", "arrives by Thursday 5 March")),
        ("pack", timedelta(days=-2), Due("bad", "warning", "packing: 2 days late")),
        ("deliver", timedelta(minutes=-5), Due("bad", "warning", "arrival: 1 hour late")),
    ],
)
def test_due_speaks_in_words_icon_and_colour(now: datetime, kind: str, left: timedelta, expected: Due) -> None:
    assert due(kind=kind, due_at=now + left, at=now) == expected


def test_desk_shows_what_breaks_first_first(packer: Client) -> None:
    at = timezone.now()
    placed_order(at=at - timedelta(days=1), number="KP-SOON")
    placed_order(at=at - timedelta(days=9), number="KP-MISSED")
    handed_over(placed_order(at=at, number="KP-AWAY"), at)
    done = placed_order(at=at, number="KP-DONE")
    Order.objects.filter(pk=done.pk).update(next_due_at=None)

    html = packer.get(DESK).content.decode()

    assert re.findall(r"KP-[A-Z]+", html) == ["KP-MISSED", "KP-SOON", "KP-AWAY"]
    assert "packing: 8 days late" in html


@pytest.mark.parametrize(
    ("desk", "expected"),
    [
        ("pack", ["KP-E"]),
        ("hand-over", ["KP-C"]),
        ("on-the-way", ["KP-D"]),
        ("late", ["KP-E"]),
        ("unpaid", ["KP-B"]),
        ("all", ["KP-B", "KP-C", "KP-D", "KP-E"]),
    ],
)
def test_desk_has_its_views_as_links(
    packer: Client, now: datetime, monkeypatch: pytest.MonkeyPatch, desk: str, expected: list[str]
) -> None:
    at = now  # a Monday morning: late in the week three days are too few for what the stages need
    monkeypatch.setattr("django.utils.timezone.now", lambda: at)
    placed_order(at=at, number="KP-B", paid=False)
    packed = placed_order(at=at, number="KP-C")
    pack_parcel(parcel_id=parcel_of(packed).pk, by=None, at=at)
    handed_over(placed_order(at=at, number="KP-D"), at)
    placed_order(at=at - timedelta(days=9), number="KP-E")

    html = packer.get(f"{DESK}?desk={desk}").content.decode()

    assert sorted(re.findall(r"KP-[A-Z]\b", html)) == expected
    assert re.findall(r'href="\?desk=([a-z-]+)"\s+aria-current="page"', html) == [desk]


@pytest.mark.parametrize("orders", [1, 3])
def test_desk_costs_the_same_for_each_order(packer: Client, orders: int) -> None:
    for number in range(orders):
        placed_order(at=timezone.now(), number=f"KP-{number}")
    packer.get(DESK)

    with CaptureQueriesContext(connection) as queries:
        packer.get(DESK)

    assert len(queries) == 7


def test_packer_packs_and_hands_over_from_the_order_page(packer: Client, now: datetime) -> None:
    order = placed_order(at=now)
    pack, hand_over = (f"/admin/orders/parcel/{parcel_of(order).pk}/{name}/" for name in ("pack", "hand-over"))
    assert pack in packer.get(order_page(order)).content.decode()

    packed = packer.post(pack)
    assert (packed.status_code, packed.headers["Location"]) == (303, order_page(order))
    assert hand_over in packer.get(order_page(order)).content.decode()
    packer.post(hand_over, {"carrier": "demo", "tracking_number": "HP-1001"})

    parcel = parcel_of(order)
    assert (parcel.status, parcel.tracking_number) == ("handed_over", "HP-1001")
    assert parcel.packed_by is not None
    names = Event.objects.filter(order_number=order.number).order_by("id").values_list("name", flat=True)
    assert list(names) == ["orders.parcel.packed", "orders.parcel.handed-over"]


def test_hand_over_of_an_unpaid_order_is_refused_in_a_sentence(packer: Client, now: datetime) -> None:
    order = placed_order(at=now, paid=False)
    pack_parcel(parcel_id=parcel_of(order).pk, by=None, at=now)

    url = f"/admin/orders/parcel/{parcel_of(order).pk}/hand-over/"

    packer.post(url, {"carrier": "demo", "tracking_number": "H 1"})
    assert "A tracking number has 4 to 60" in packer.get(order_page(order)).content.decode()
    packer.post(url, {"carrier": "demo", "tracking_number": "HP-1001"})
    assert "The bank transfer has not arrived." in packer.get(order_page(order)).content.decode()

    assert parcel_of(order).status == "packed"


def test_hand_over_without_a_number_keeps_the_form(packer: Client, now: datetime) -> None:
    order = placed_order(at=now)
    pack_parcel(parcel_id=parcel_of(order).pk, by=None, at=now)

    answer = packer.post(
        f"/admin/orders/parcel/{parcel_of(order).pk}/hand-over/", {"carrier": "own", "tracking_number": ""}
    )

    assert answer.status_code == 422
    assert "Enter the tracking number from the label" in answer.content.decode()
    assert '<option value="own" selected>' in answer.content.decode()


def test_who_may_only_look_sees_no_button_and_moves_nothing(now: datetime) -> None:
    order, client = placed_order(at=now), signed_in(staff())
    url = f"/admin/orders/parcel/{parcel_of(order).pk}/pack/"

    assert url not in client.get(order_page(order)).content.decode()
    assert client.post(url).status_code == 403
    assert parcel_of(order).status == "planned"


def test_strangers_do_not_get_in(now: datetime) -> None:
    order = placed_order(at=now)
    urls = [DESK, order_page(order), f"{DESK}{order.pk}/slip/"]

    for person in (UserFactory(), StaffFactory()):
        answers = [signed_in(person).get(url) for url in urls]
        assert {answer.status_code for answer in answers} <= {302, 403}
    assert [Client().get(url).status_code for url in urls] == [302] * 3


def test_nothing_is_edited_added_or_deleted_by_hand(packer: Client, now: datetime) -> None:
    order = placed_order(at=now)

    assert packer.get(f"{DESK}add/").status_code == 403
    assert packer.get(f"{DESK}{order.pk}/delete/").status_code == 403
    assert packer.post(order_page(order), {"email": "eve@example.com"}).status_code == 403
    order.refresh_from_db()
    assert order.email == "ana@example.com"


def test_slip_lists_what_goes_in_and_no_price(packer: Client, now: datetime) -> None:
    order = placed_order(at=now, quantity=2, courier_note="Second bell")

    html = packer.get(f"{DESK}{order.pk}/slip/").content.decode()

    assert "Rua das Flores 12" in html
    assert "Second bell" in html
    assert "€" not in html
    assert "48.00" not in html


def test_order_page_tells_promises_and_events(packer: Client, now: datetime) -> None:
    order = placed_order(at=now)
    handed_over(order, now)

    html = packer.get(order_page(order)).content.decode()

    assert "Wed 4 – Thu 5 March" in html
    assert "A parcel was handed over" in html
    assert "Heron Parcels" in html
    assert Parcel.objects.get().tracking_number in html
    assert " style=" not in html


def test_the_page_of_an_order_says_when_a_promise_was_told(now: datetime) -> None:
    order = placed_order(at=now)
    page = order_page(order)
    assert "told on" not in signed_in(staff()).get(page).text

    assert note_told(promise_id=order.promises.get().pk, at=now + timedelta(minutes=1)) is True
    assert note_told(promise_id=order.promises.get().pk, at=now + timedelta(hours=9)) is False  # the first stands

    assert "told on Monday 2 March, 09:31" in " ".join(signed_in(staff()).get(page).text.split())
