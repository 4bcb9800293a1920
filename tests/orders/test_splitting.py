"""A part of an order goes first: two parcels, one promise, nothing lost."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.test import Client
from django.utils import timezone

from orders.models import Order, Parcel, ParcelLine
from orders.operations.packing import pack_parcel
from orders.operations.splitting import split_parcel
from orders.rules.parcels import BadSplit
from orders.rules.states import Impossible
from shop.models import Event
from shop.queries.audit import breaches
from tests.factories.orders import placed_order
from tests.orders.test_admin_desk import order_page, signed_in, staff
from tests.orders.test_operations_fulfilment import handed_over, parcel_of

pytestmark = pytest.mark.django_db


def boxes(order: Order) -> list[tuple[int, int]]:
    rows = ParcelLine.objects.filter(parcel__order=order).order_by("parcel__number", "id")
    return list(rows.values_list("parcel__number", "quantity"))


def test_what_is_ready_goes_first_and_the_rest_follows(now: datetime) -> None:
    order = placed_order(at=now, quantity=3)
    parcel = parcel_of(order)
    line_id = parcel.lines.get().line_id

    later = split_parcel(parcel_id=parcel.pk, first={line_id: 1}, by=None, at=now)

    assert boxes(order) == [(1, 1), (2, 2)]
    assert (later.status, later.number) == (Parcel.Status.PLANNED, 2)
    event = Event.objects.get(name="orders.parcel.split")
    assert event.payload == {"order_id": order.pk, "parcel_id": parcel.pk, "later_parcel_id": later.pk}
    assert breaches() == []


def test_the_first_part_travels_while_the_rest_waits(now: datetime) -> None:
    order = placed_order(at=now, quantity=2)
    parcel = parcel_of(order)
    split_parcel(parcel_id=parcel.pk, first={parcel.lines.get().line_id: 1}, by=None, at=now)

    handed_over(order, now)

    order.refresh_from_db()
    assert list(order.parcels.order_by("number").values_list("status", flat=True)) == ["handed_over", "planned"]
    assert order.delivered_at is None
    assert breaches() == []


def test_a_packed_parcel_and_a_bad_split_change_nothing(now: datetime) -> None:
    order = placed_order(at=now, quantity=2)
    parcel = parcel_of(order)
    line_id = parcel.lines.get().line_id

    with pytest.raises(BadSplit):
        split_parcel(parcel_id=parcel.pk, first={line_id: 2}, by=None, at=now)
    pack_parcel(parcel_id=parcel.pk, by=None, at=now)
    with pytest.raises(Impossible):
        split_parcel(parcel_id=parcel.pk, first={line_id: 1}, by=None, at=now)

    assert boxes(order) == [(1, 2)]
    assert not Event.objects.filter(name="orders.parcel.split").exists()


class TestPage:
    """The page at the packing table."""

    @pytest.fixture
    def packer(self) -> Client:
        return signed_in(staff("pack_parcel"))

    def test_order_page_leads_to_it_and_it_splits(self, packer: Client) -> None:
        order = placed_order(at=timezone.now(), quantity=2)
        parcel = parcel_of(order)
        url = f"/admin/orders/parcel/{parcel.pk}/split/"
        field = f"line_{parcel.lines.get().line_id}"

        assert f'href="{url}"' in packer.get(order_page(order)).content.decode()
        answer = packer.post(url, {field: "1"})

        assert (answer.status_code, answer.headers["Location"]) == (303, order_page(order))
        assert boxes(order) == [(1, 1), (2, 1)]

    @pytest.mark.parametrize(
        ("typed", "sentence"),
        [
            ("2", "Something has to go first, and something has to stay for later."),
            ("", "Enter a number; 0 leaves all of it for later"),
            ("3", "There are only 2 in the parcel"),
        ],
    )
    def test_bad_input_is_said_and_changes_nothing(self, packer: Client, typed: str, sentence: str) -> None:
        order = placed_order(at=timezone.now(), quantity=2)
        parcel = parcel_of(order)

        answer = packer.post(f"/admin/orders/parcel/{parcel.pk}/split/", {f"line_{parcel.lines.get().line_id}": typed})

        assert (answer.status_code, sentence in answer.content.decode()) == (422, True)
        assert boxes(order) == [(1, 2)]

    def test_a_single_piece_offers_nothing(self, packer: Client) -> None:
        order = placed_order(at=timezone.now())

        assert "/split/" not in packer.get(order_page(order)).content.decode()
