"""Sizes and pieces changed on the page of the order and at the desk: choose, look, pay, and every refusal in words."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from orders.models import Order, OrderChange, Submission
from orders.operations.access import address_of_change, issue_link
from orders.operations.changing import finish_changes
from orders.operations.finishing import finish_placements
from orders.operations.packing import pack_parcel
from orders.operations.paying_out import execute_refunds
from orders.operations.provider_news import look_at_page
from shop.models import Event, Inbound, Variant
from shop.operations.inbound import process_inbound
from shop.queries.audit import breaches
from tests.factories.bags import ordered
from tests.factories.shop import StaffFactory, VariantFactory
from tests.orders.test_changing import confirm, sizes, stage, sums
from tests.orders.test_stripe import tell
from tests.owners import OwnersClient, know
from tests.pages import words
from tests.stripe_peer import StripePeer
from tests.stripe_shapes import declined

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    """The browser of whoever ordered."""
    return OwnersClient()


def hidden(page: Any) -> dict[str, str]:
    """What a preview carries: the change, its total and its last day."""
    found = re.findall(r'type="hidden" name="(change|total|by_on)" value="([^"]*)"', page.content.decode())
    return dict(found)


@pytest.fixture
def ana(client: Client, now: datetime) -> tuple[Client, str, Order, list[Variant]]:
    """Ana's browser on the page of her order, one small jumper."""
    forms = sizes(1000, 1300, 700)
    order = ordered((forms[0], 1), at=now)
    return client, f"/orders/{issue_link(order=order, at=timezone.now())}/pieces/", order, forms


def choice(order: Order, variant: Variant, pieces: int) -> dict[str, object]:
    line = order.lines.get()
    return {f"form_{line.pk}": variant.pk, f"pieces_{line.pk}": pieces, "action": "choose"}


def test_she_chooses_looks_and_pays_the_difference(ana: tuple[Client, str, Order, list[Variant]]) -> None:
    client, page, order, (_small, large, _third) = ana
    assert "Change sizes or pieces" in words(client.get(page.replace("pieces/", "")))
    assert "€3.00 more" in words(client.get(page))

    preview = client.post(page, choice(order, large, 2), follow=True)
    said = words(preview)
    assert "You pay €16.00 more, by card." in said
    assert "New total €30.90" in said
    assert "It arrives as promised" in said
    declined = client.post(page, hidden(preview) | {"action": "confirm", "card_number": "4000 0000 0000 0002"})
    assert (declined.status_code, "Your card was declined" in words(declined)) == (402, True)
    empty = client.post(page, hidden(preview) | {"action": "confirm"})
    assert (empty.status_code, "Enter the number of the card that pays." in words(empty)) == (422, True)
    done = client.post(page, hidden(preview) | {"action": "confirm", "card_number": "4242424242424242"}, follow=True)

    assert "It is changed." in words(done)
    assert order.lines.get().variant_id == large.pk
    again = client.post(page, hidden(preview) | {"action": "confirm"}, follow=True)
    assert "That was settled before" in words(again)
    assert breaches() == []


def test_a_price_that_rose_while_she_looked_is_shown_again(ana: tuple[Client, str, Order, list[Variant]]) -> None:
    client, page, order, (_small, large, _third) = ana
    preview = client.post(page, choice(order, large, 1), follow=True)
    Variant.objects.filter(pk=large.pk).update(price_minor=1500)

    answer = client.post(page, hidden(preview) | {"action": "confirm", "card_number": "4242424242424242"})

    assert answer.status_code == 409
    assert "The new total was €17.90 and is now €19.90." in words(answer)
    assert order.lines.get().quantity == 1
    assert client.post(page, hidden(answer) | {"action": "leave"}, follow=True).status_code == 200
    assert OrderChange.objects.get().state == "withdrawn"


def test_what_cannot_be_is_said_in_words(ana: tuple[Client, str, Order, list[Variant]], now: datetime) -> None:
    client, page, order, (small, large, _third) = ana

    for wish, sentence in (
        (choice(order, small, 1), "Nothing is different from what you ordered."),
        (choice(order, small, 0), "Something has to stay."),
        (choice(order, large, 9), "Only 5 more of"),
        (choice(order, large, 99), "At most 20 of one thing."),
    ):
        answer = client.post(page, wish)
        assert (answer.status_code, sentence in words(answer)) == (422, True), words(answer)
    pack_parcel(parcel_id=order.parcels.get().pk, by=None, at=now)
    assert "We have begun to pack" in words(client.get(page))
    assert OrderChange.objects.count() == 0


def test_the_page_asks_the_same_number_of_questions_for_three_lines(
    now: datetime, django_assert_num_queries: Any
) -> None:
    for count in (1, 3):
        order = ordered(*((VariantFactory(), 1) for _ in range(count)), at=now)
        page = f"/orders/{issue_link(order=order, at=timezone.now())}/pieces/"
        browser = know(Client(), order)
        with django_assert_num_queries(8):
            browser.get(page)


def test_staff_change_for_her_and_send_what_costs_more(
    ana: tuple[Client, str, Order, list[Variant]], now: datetime
) -> None:
    _client, _page, order, (_small, large, third) = ana
    clerk = StaffFactory()
    clerk.user_permissions.set(Permission.objects.filter(codename__in=["view_order", "change_pieces"]))
    desk = Client()
    desk.force_login(clerk)
    url = f"/admin/orders/order/{order.pk}/pieces/"
    assert url in desk.get(f"/admin/orders/order/{order.pk}/change/").content.decode()

    desk.post(url, choice(order, third, 1))
    preview = desk.get(url)
    assert "You get €3.00 back" in words(preview)
    assert desk.post(url, hidden(preview) | {"action": "confirm"}).status_code == 303
    assert (order.lines.get().variant_id, sums(order)) == (third.pk, (1190, 1190, 1490, 300))
    assert Event.objects.get(name="orders.order.changed").actor == clerk

    desk.post(url, choice(order, large, 1))
    assert "Send her the link to pay" in words(desk.get(url))
    desk.post(url, {"action": "offer"})
    assert Event.objects.filter(name="orders.change.offered").count() == 1
    hers = Client()
    link = address_of_change(OrderChange.objects.get(state="staged")).partition("/orders/")[2]
    offered = hers.get(f"/orders/{link}")
    assert "You pay €6.00 more, by card." in words(offered)
    hers.post(f"/orders/{link}", hidden(offered) | {"action": "confirm", "card_number": "4242424242424242"})

    assert (order.lines.get().variant_id, sums(order)) == (large.pk, (1790, 1790, 2090, 300))
    assert breaches() == []


def test_a_change_is_paid_on_stripes_page(client: Client, peer: StripePeer, now: datetime) -> None:
    small, large = sizes(1000, 1300)
    order = ordered((small, 1), at=now, provider="stripe", payment_token="")
    peer.pay(order.payment.session_ref)
    finish_placements(now)
    Submission.objects.update(lease_until=now - timedelta(days=365))
    finish_placements(now)
    page = f"/orders/{issue_link(order=order, at=timezone.now())}/pieces/"
    preview = client.post(page, choice(order, large, 1), follow=True)

    away = client.post(page, hidden(preview) | {"action": "confirm"})

    change = OrderChange.objects.get()
    assert (away.status_code, away.headers["Location"]) == (302, change.session_url)
    assert "Not paid yet" in words(client.get(page))
    tried = peer.refuse(change.session_ref, declined("insufficient_funds"))
    older = tried | {"metadata": tried["metadata"] | {"charge": "charge:of-the-order"}}
    for thing, ident in ((older, "evt_older"), (tried, "evt_1")):
        assert tell(client, peer.notice("payment_intent.payment_failed", thing, ident=ident)) == 202
    process_inbound(now)
    assert list(Inbound.objects.order_by("id").values_list("state", flat=True)) == ["ignored", "processed"]
    said = words(client.get(page))
    assert "The payment did not go through Your bank says that this card does not cover the amount" in said
    assert "Nothing was charged. The pieces are held for you." in said
    assert sums(order) == (1490, 1490, 1490, 0)
    peer.pay(change.session_ref)
    look_at_page(reference=change.session_ref, order_number=order.number)
    assert finish_changes(now) == 1
    assert (order.lines.get().variant_id, sums(order)) == (large.pk, (1790, 1790, 1790, 0))
    confirm(stage(order, now, (small, 1)), now)
    execute_refunds(now)
    assert [refund["amount"] for refund in peer.refunds.values()] == [300]
    assert breaches() == []
