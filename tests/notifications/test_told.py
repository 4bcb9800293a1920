"""What we told stands on the page of the order and before staff who may read it."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from notifications.models import Message
from orders.operations.access import issue_link
from tests.factories.notifications import event_for, queued, told
from tests.factories.orders import placed_order
from tests.notifications.test_admin import colleague

pytestmark = pytest.mark.django_db


def page_of(client: Client, order: object, now: datetime) -> str:
    from django.utils import timezone

    return client.get(f"/orders/{issue_link(order=order, at=timezone.now())}/").content.decode()  # type: ignore[arg-type]


def test_the_page_of_an_order_shows_what_reached_her_without_its_links(client: Client, now: datetime) -> None:
    from shop.operations.events import relay_events

    order = placed_order(at=now)
    event_for("order_placed", at=now, order=order)
    relay_events(now)
    assert "What we wrote to you" not in page_of(client, order, now)  # it waits yet
    Message.objects.update(state="sent", sent_at=now.replace(microsecond=273_243))

    page = page_of(client, order, now)

    assert "What we wrote to you" in page
    message = Message.objects.get()
    assert message.subject in page
    secret = message.text.split("/orders/")[1].split("/")[0]
    assert secret not in page
    assert "Mail" in page
    assert ".273243" not in page  # HTML allows no microseconds


def test_conversations_and_other_readers_stay_out(client: Client, now: datetime) -> None:
    order = placed_order(at=now)
    event = told(order, "orders.order.placed", at=now)
    for kind, recipient in (("support_answer", "ana@example.com"), ("order_placed", "rui@example.com")):
        queued(event, kind=kind, recipient=recipient, state="sent", sent_at=now, subject=f"secret {kind}")

    assert "secret" not in page_of(client, order, now)


@pytest.mark.parametrize(("right", "seen"), [("view_message", True), ("view_parcel", False)])
def test_staff_see_every_message_of_an_order_when_they_may(
    client: Client, now: datetime, right: str, seen: bool
) -> None:
    order = placed_order(at=now)
    queued(told(order, "orders.order.placed", at=now), state="suppressed", reason="The order was cancelled meanwhile.")
    colleague(client, "view_order", right)

    page = client.get(f"/admin/orders/order/{order.pk}/change/").content.decode()

    assert ("The order was cancelled meanwhile." in page) is seen


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_costs_one_query_more_for_any_number_of_messages(
    now: datetime, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    from notifications.templatetags.told import told_about_order

    order = placed_order(at=now)
    for _row in range(rows):
        queued(told(order, "orders.order.placed", at=now), state="sent", sent_at=now)

    with django_assert_num_queries(1):
        assert len(told_about_order(order)["told"]) == rows
