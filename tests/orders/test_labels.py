"""A parcel's label: to whom, until when, and the number to scan."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from orders.messages.label import label
from orders.rules.numbers import parcel_number
from shop.gateways.typesetting import typeset
from tests.factories.orders import placed_order
from tests.orders.test_admin_desk import order_page, signed_in, staff
from tests.orders.test_operations_fulfilment import handed_over, parcel_of

pytestmark = pytest.mark.django_db


def values(**more: Any) -> dict[str, Any]:
    parcel = parcel_of(placed_order(at=datetime.fromisoformat("2026-03-02T09:30:00+00:00"), **more))
    return label(parcel, total=1, promise=parcel.order.promises.get())


def test_label_says_to_whom_until_when_and_when_somebody_is_at_home() -> None:
    found = values(home_weekdays=[1, 3], courier_note="Ring twice")

    assert found["to"] == ["Ana Costa", "Rua das Flores 12", "4050-262 Porto"]
    assert (found["country"], found["number"]) == ("Portugal", "KP20417736-1")
    assert found["by"] == "Deliver by Thursday 5 March. Leaves us by Tuesday 3 March."
    assert found["note"] == "Somebody is at home on Tuesday, Thursday. Ring twice"
    assert found["qr"].startswith("<svg")


def test_label_of_a_parcel_on_its_way_has_the_carriers_number(now: datetime) -> None:
    parcel = handed_over(placed_order(at=now), now)

    assert label(parcel, total=2, promise=None)["number"] == "HP-1001"
    assert label(parcel, total=2, promise=None)["parcel"] == "Parcel 1 of 2"


def test_no_word_of_a_shopper_is_markup() -> None:
    hostile = values(courier_note='#read("/etc/passwd")')

    pdf = typeset("label", hostile | {"to": ["#panic() $ * _ <b> \\"]})

    assert pdf.startswith(b"%PDF-")
    assert b"/MarkInfo" in pdf  # tagged: a screen reader finds its way


@pytest.mark.parametrize(("order", "parcel", "number"), [("KP-2041-7736", 1, "KP20417736-1"), ("X-1", 12, "X1-12")])
def test_parcel_numbers_follow_the_order(order: str, parcel: int, number: str) -> None:
    assert parcel_number(order, parcel) == number


def test_packing_table_prints_it_from_the_order_page() -> None:
    client: Client = signed_in(staff("hand_over_parcel"))
    order = placed_order(at=timezone.now())
    url = f"/admin/orders/parcel/{parcel_of(order).pk}/label/"

    assert f'href="{url}"' in client.get(order_page(order)).content.decode()
    answer = client.get(url)

    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/pdf")
    assert answer.headers["Content-Disposition"] == 'inline; filename="label-KP-2041-7736-1.pdf"'


def test_a_cancelled_or_unknown_parcel_has_none() -> None:
    client = signed_in(staff("hand_over_parcel"))
    parcel = parcel_of(placed_order(at=timezone.now()))
    type(parcel).objects.update(status="cancelled")

    assert client.get(f"/admin/orders/parcel/{parcel.pk}/label/").status_code == 404
    assert client.get("/admin/orders/parcel/999/label/").status_code == 404
