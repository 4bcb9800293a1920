"""Journey: a parcel arrived, one mug comes back, and the money reaches her card; each step writes to her."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from notifications.models import Message
from orders.models import Payment, PaymentEvent, RefundGrant
from orders.operations.access import issue_link
from orders.operations.paying_out import execute_refunds
from returns.models import ReturnCase
from shop.models import StockLevel
from shop.operations.events import relay_events
from shop.queries.audit import breaches
from tests.factories.returns import delivered_order
from tests.factories.shop import StaffFactory
from tests.owners import OwnersClient

LOOK = ("view_returncase", "view_caseline", "view_inspection")


@pytest.fixture
def client() -> Client:
    """The browser of whoever ordered."""
    return OwnersClient()


def desk(*rights: str) -> Client:
    person, client = StaffFactory(), Client()
    person.user_permissions.set(Permission.objects.filter(content_type__app_label="returns", codename__in=rights))
    client.force_login(person)
    return client


def hidden(page: str) -> dict[str, list[str]]:
    """Return what the hidden fields of a page carry to the next step."""
    found: dict[str, list[str]] = {}
    for field in re.findall(r"<input[^>]*type=\"hidden\"[^>]*>", page):
        name, value = re.search(r'name="([^"]*)"', field), re.search(r'value="([^"]*)"', field)
        if name and value:
            found.setdefault(name[1], []).append(value[1])
    return found


@pytest.mark.django_db(transaction=True)
def test_one_of_two_mugs_comes_back_and_the_money_is_sent(client: Client) -> None:
    order = delivered_order(at=datetime.now(UTC) - timedelta(days=5), pieces=(2,))
    token = issue_link(order=order, at=datetime.now(UTC))
    line = order.lines.get()

    track = client.get(reverse("orders:track", args=[token])).text
    ask = reverse("returns:request", args=[token])
    assert f'href="{ask}"' in track
    typed = {
        f"line-{line.pk}-quantity": "1",
        f"line-{line.pk}-reason": "colour-differs",
        f"line-{line.pk}-detail": "Greener than in the pictures",
        f"line-{line.pk}-outcome": "refund",
    }
    review = client.post(ask, hidden(client.get(ask).text) | typed | {"step": "review"}).text
    assert "€24.00" in review
    assert "Delivery fee" not in review
    sent = client.post(ask, hidden(review) | {"step": "send"})
    case = ReturnCase.objects.get()
    assert (sent.status_code, sent.headers["Location"]) == (302, reverse("returns:case", args=[token, case.number]))

    agent, warehouse = desk(*LOOK, "decide_return"), desk(*LOOK, "receive_return")
    assert case.number in agent.get(reverse("admin:returns_returncase_changelist")).text
    agent.post(reverse("admin:returns_returncase_approve", args=[case.pk]))
    assert "Rua do Almada 210" in client.get(sent.headers["Location"]).text
    found = case.lines.get().pk
    finding = {"quantity": "1", "condition": "like_new", "disposition": "restock", "note": ""}
    unpack = reverse("admin:returns_returncase_receive", args=[case.pk])
    for _ in range(2):
        warehouse.post(unpack, {f"line-{found}-{name}": value for name, value in finding.items()})

    level = StockLevel.objects.get()
    assert (level.on_hand, level.allocated) == (19, 0)
    grant = RefundGrant.objects.get()
    assert (grant.origin, grant.amount_minor, grant.state) == (f"returns.case:{case.pk}", 2400, "granted")
    for _ in range(2):
        execute_refunds(datetime.now(UTC))
    grant.refresh_from_db()
    payment = Payment.objects.get(order=order)
    assert (grant.state, payment.refunded_minor, payment.granted_minor) == ("sent", 2400, 2400)
    assert PaymentEvent.objects.filter(kind="refund", phase="succeeded", amount_minor=2400).count() == 1
    last = client.get(sent.headers["Location"]).text
    assert "€24.00 sent to the card you paid with" in last

    while relay_events(datetime.now(UTC)):
        pass
    kinds = Message.objects.filter(order_number=order.number).order_by("id").values_list("kind", flat=True)
    told = [kind for kind in kinds if kind.startswith(("return_", "refund_"))]
    assert told == [
        "return_requested",
        "return_approved",
        "return_received",
        "refund_granted",
        "return_settled",
        "refund_sent",
    ]
    assert breaches() == []
