"""After the order: the day, the money, the calendar file, the way out; and nothing for a stranger."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.test import Client

from orders.models import Order, Parcel, RefundGrant
from orders.operations.access import issue_link
from shop.models import Event, StockLevel
from shop.queries.audit import breaches
from tests.factories.bags import ordered
from tests.owners import OwnersClient
from tests.pages import words

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    """The browser of whoever ordered."""
    return OwnersClient()


@pytest.fixture(autouse=True)
def _monday(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)


def test_a_transfer_is_told_where_to_go(client: Client, now: datetime, settings: object) -> None:
    settings.SHOP_IBAN = "PT50 1111"  # type: ignore[attr-defined]
    order = ordered(at=now, provider="bank_transfer", payment_token="")
    token = issue_link(order=order, at=now)

    page = client.get(f"/orders/{token}/thanks/")

    assert "Please transfer the money" in words(page)
    assert "PT50 1111" in words(page)
    assert f"Reference {order.number}" in words(page)
    assert "€28.90" in words(page)
    assert page["Referrer-Policy"] == "same-origin"
    assert page["Cache-Control"] == "private, no-store"
    assert page["X-Robots-Tag"] == "noindex, nofollow"


def test_reloading_changes_nothing(client: Client, now: datetime) -> None:
    token = issue_link(order=ordered(at=now), at=now)

    first, second = (client.get(f"/orders/{token}/thanks/") for _ in range(2))

    assert (first.status_code, second.status_code) == (200, 200)
    assert Order.objects.count() == 1


def test_a_stranger_finds_nothing(client: Client, now: datetime) -> None:
    order = ordered(at=now)
    expired = issue_link(order=order, at=now - timedelta(days=200))
    for token in ("forged", "x" * 500, order.number, expired):
        assert client.get(f"/orders/{token}/thanks/").status_code == 404
        assert client.get(f"/orders/{token}/arrival.ics").status_code == 404
        assert client.post(f"/orders/{token}/cancellation/").status_code == 404

    order.refresh_from_db()
    assert order.status == "placed"


def test_the_calendar_file_marks_the_promised_days(client: Client, now: datetime) -> None:
    order = ordered(at=now)
    token = issue_link(order=order, at=now)

    response = client.get(f"/orders/{token}/arrival.ics")

    text = response.content.decode()
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert "DTSTART;VALUE=DATE:20260305\r\nDTEND;VALUE=DATE:20260307\r\n" in text
    assert f"UID:{order.number}@" in text
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))


def test_she_cancels_until_packing_starts(client: Client, now: datetime) -> None:
    order = ordered(at=now)
    token = issue_link(order=order, at=now)
    assert "Cancel the whole order" in words(client.get(f"/orders/{token}/thanks/"))
    assert client.get(f"/orders/{token}/cancellation/").status_code == 405

    client.post(f"/orders/{token}/cancellation/")
    page = client.get(f"/orders/{token}/thanks/")

    order.refresh_from_db()
    assert order.status == "cancelled"
    assert "Your order is cancelled" in words(page)
    assert "€28.90 goes back to you the way you paid." in words(page)
    assert StockLevel.objects.values_list("allocated", flat=True).get() == 0
    assert Parcel.objects.values_list("status", flat=True).get() == "cancelled"
    assert RefundGrant.objects.values_list("amount_minor", "origin").get() == (2890, f"orders.cancel:{order.pk}")
    assert Event.objects.filter(name="orders.order.cancelled").values_list("payload", flat=True).get() == {
        "order_id": order.pk,
        "by": "customer",
    }
    client.post(f"/orders/{token}/cancellation/")
    assert RefundGrant.objects.count() == 1
    assert breaches() == []


def test_after_packing_it_is_too_late_and_nothing_changes(client: Client, now: datetime) -> None:
    order = ordered(at=now)
    Parcel.objects.update(status="packed")
    token = issue_link(order=order, at=now)

    response = client.post(f"/orders/{token}/cancellation/", follow=True)

    order.refresh_from_db()
    assert "We have started packing" in words(response)
    assert "Cancel the whole order" not in words(response)
    assert (order.status, RefundGrant.objects.count()) == ("placed", 0)
