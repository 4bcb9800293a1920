"""The contact and help pages."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from orders.operations.access import issue_link
from support.models import Conversation, Message
from support.operations.opening import FORM_BUDGET
from tests.factories.orders import placed_order
from tests.factories.shop import UserFactory
from tests.factories.support import support_desk

pytestmark = pytest.mark.django_db
CONTACT = "/help/contact/"


@pytest.fixture(autouse=True)
def _desk() -> None:
    support_desk()


def form(**changes: str) -> dict[str, str]:
    return {
        "topic": "fit",
        "message": "Does it come in a longer cut?",
        "name": "Ana Costa",
        "email": "ana@example.com",
        "token": str(uuid.uuid4()),
    } | changes


def test_help_shows_channels_with_hours_and_an_honest_time(client: Client) -> None:
    page = client.get("/help/").text

    assert page.index("mailto:") < page.index("tel:") < page.index(CONTACT, page.index("tel:"))
    assert "Monday to Friday" in page
    assert "9:00 to 18:00" in page
    assert "at the latest" in page


def test_a_message_is_confirmed_with_reference_and_time(client: Client) -> None:
    answer = client.post(CONTACT, form())
    page = client.get(answer.url).text

    conversation = Conversation.objects.get()
    assert (answer.status_code, conversation.kind, conversation.email) == (302, "question", "ana@example.com")
    assert conversation.number in page
    assert "at the latest" in page


def test_errors_keep_what_was_typed(client: Client) -> None:
    page = client.post(CONTACT, form(email="nonsense", topic="", order_number="KP-1"))

    assert page.status_code == 422
    assert "Does it come in a longer cut?</textarea>" in page.text
    assert 'value="KP-1"' in page.text
    assert "Enter an e-mail address, like ana@example.com." in page.text
    assert Conversation.objects.count() == 0


def test_a_message_that_is_too_long_gets_a_sentence(client: Client) -> None:
    page = client.post(CONTACT, form(message="x" * 8001))

    assert (page.status_code, "8001 letters" in page.text, "x" * 8001 in page.text) == (422, True, True)
    assert Conversation.objects.count() == 0


def test_control_signs_and_line_breaks_never_reach_a_header(client: Client) -> None:
    client.post(CONTACT, form(name="Ana\r\nBcc: all@example.com", message="Hello\x07 there"))

    message = Message.objects.get()
    assert (message.author_name, message.text) == ("Ana Bcc: all@example.com", "Hello there")


def test_an_order_is_attached_by_its_link_and_shown(client: Client) -> None:
    order = placed_order(at=datetime.now(UTC))
    token = issue_link(order=order, at=datetime.now(UTC))

    page = client.get(CONTACT, {"order": token}).text
    client.post(CONTACT, form(order=token))

    assert f"About order {order.number}" in page
    assert 'value="ana@example.com"' in page
    assert Conversation.objects.get().order == order


@pytest.mark.parametrize("token", ["forged", "A" * 43, "x" * 5000])
def test_a_forged_link_attaches_nothing_and_says_so(client: Client, token: str) -> None:
    placed_order(at=datetime.now(UTC))

    page = client.get(CONTACT, {"order": token})

    assert (page.status_code, "No order is attached" in page.text) == (200, True)
    assert "KP-2041-7736</h2>" not in page.text


def test_an_ended_link_attaches_nothing(client: Client) -> None:
    order = placed_order(at=datetime.now(UTC))
    token = issue_link(order=order, at=datetime.now(UTC) - timedelta(days=400))

    client.post(CONTACT, form(order=token))

    assert Conversation.objects.get().order is None


def test_a_number_attaches_an_order_only_with_its_own_address(client: Client) -> None:
    order = placed_order(at=datetime.now(UTC))

    client.post(CONTACT, form(order_number=order.number.lower()))
    client.post(CONTACT, form(order_number=order.number, email="eva@example.com"))

    hers, foreign = Conversation.objects.order_by("id")
    assert (hers.order, foreign.order, foreign.order_said) == (order, None, order.number)


def test_too_many_messages_get_a_sentence_and_keep_the_words(client: Client) -> None:
    for _ in range(FORM_BUDGET):
        client.post(CONTACT, form())

    page = client.post(CONTACT, form(message="One more."))

    assert (page.status_code, "One more.</textarea>" in page.text) == (429, True)
    assert Conversation.objects.count() == FORM_BUDGET


def test_a_customer_with_an_account_need_not_introduce_herself(client: Client) -> None:
    ana = UserFactory(email="ana@example.com")
    client.force_login(ana)

    page = client.get(CONTACT).text
    client.post(CONTACT, form())

    assert 'value="ana@example.com"' in page
    assert Conversation.objects.get().customer == ana


@pytest.mark.parametrize("ticket", ["1", "MQ:forged:signature", "x" * 500])
def test_a_forged_confirmation_is_not_found(client: Client, ticket: str) -> None:
    client.post(CONTACT, form())

    assert client.get(reverse("support:sent", args=[ticket])).status_code == 404


def test_many_addresses_from_one_place_share_a_budget(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("support.views.contact._VISITOR_BUDGET", 2)

    codes = [client.post(CONTACT, form(email=f"p{number}@example.com")).status_code for number in range(3)]

    assert (codes, Conversation.objects.count()) == ([302, 302, 429], 2)
