"""The desk in the admin: the queue, the screen, and its buttons."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from orders.models import Order
from support.models import Conversation, Message
from support.operations import handling
from tests.factories.orders import placed_order
from tests.factories.support import agent, asked

pytestmark = pytest.mark.django_db

LIST = "admin:support_conversation_changelist"
RIGHTS = ("view_conversation", "answer_conversation", "close_conversation", "waive_answer", "assign_conversation")


@pytest.fixture
def desk(client: Client) -> Client:
    client.force_login(agent(*RIGHTS))
    return client


def screen(conversation: Conversation) -> str:
    return reverse("admin:support_conversation_change", args=[conversation.pk])


def verb(conversation: Conversation, name: str) -> str:
    return reverse(f"admin:support_conversation_{name}", args=[conversation.pk])


def written(conversation: Conversation, text: str = "Yes.") -> dict[str, object]:
    conversation.refresh_from_db()
    return {"text": text, "seen_version": conversation.version, "token": str(uuid.uuid4())}


def test_queue_shows_what_is_due_first_and_says_so_in_words(desk: Client) -> None:
    now = timezone.now()
    calm = asked(at=now, text="Is it wool?").conversation
    late = asked(at=now - timedelta(days=9), text="Where is it?", email="rui@example.com").conversation

    page = desk.get(reverse(LIST)).text

    assert page.index(late.number) < page.index(calm.number)
    assert "late by" in page
    assert "due in" in page


def test_queue_views_are_links_with_counts(desk: Client, now: datetime) -> None:
    mine, theirs = asked(at=now).conversation, asked(at=now, email="rui@example.com").conversation
    me = desk.get(reverse(LIST)).context["user"]
    handling.take(conversation_id=mine.pk, by=me, at=now)

    page = desk.get(reverse(LIST), {"desk": "mine"})

    counts = {view["href"]: view["count"] for view in page.context["desk_views"]}
    assert counts == {
        "?": "2",
        "?desk=mine": "1",
        "?desk=unassigned": "1",
        "?desk=late": "2",
        "?desk=waiting": "0",
        "?desk=closed": "",
        "?desk=all": "",
    }
    assert (mine.number in page.text, theirs.number in page.text) == (True, False)


@pytest.mark.parametrize("rows", [1, 3])
def test_queue_asks_as_much_for_three_as_for_one(
    desk: Client, rows: int, now: datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(rows):
        order = placed_order(at=now, number=f"KP-1000-000{number}", email=f"ana{number}@example.com")
        asked(at=now, email=order.email, order=order)
    desk.get(reverse(LIST))

    with django_assert_num_queries(11):
        desk.get(reverse(LIST))


@pytest.mark.parametrize("rows", [1, 3])
def test_screen_asks_as_much_for_three_as_for_one(
    desk: Client, rows: int, now: datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    order = placed_order(at=now)
    conversation = asked(at=now, order=order).conversation
    for _ in range(rows):
        asked(at=now, order=order)
        handling.write_note(conversation_id=conversation.pk, text="Hm.", by=agent(), at=now)
    desk.get(screen(conversation))

    with django_assert_num_queries(12):
        desk.get(screen(conversation))


def test_search_finds_by_reference_order_and_address(desk: Client, now: datetime) -> None:
    order = placed_order(at=now)
    asked(at=now, order=order)
    other = asked(at=now, email="rui@example.com").conversation

    for term in (other.number.lower(), "RUI@example.com"):
        assert [row.pk for row in desk.get(reverse(LIST), {"q": term}).context["cl"].result_list] == [other.pk]
    found = desk.get(reverse(LIST), {"q": order.number}).context["cl"].result_list
    assert [row.order for row in found] == [order]


def test_screen_shows_customers_words_as_text(desk: Client, now: datetime) -> None:
    conversation = asked(at=now, text="<script>alert(1)</script> <b>bold</b>").conversation

    page = desk.get(screen(conversation)).text

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &lt;b&gt;bold&lt;/b&gt;" in page


def test_answer_goes_out_once_and_a_stale_one_is_kept(desk: Client, now: datetime) -> None:
    order = placed_order(at=now)
    conversation = asked(at=now, order=order).conversation
    stale = written(conversation, "My long answer.")
    sent = written(conversation)
    assert [desk.post(verb(conversation, "reply"), sent).status_code for _ in range(2)] == [302, 302]

    page = desk.post(verb(conversation, "reply"), stale)

    assert (page.status_code, "My long answer.</textarea>" in page.text) == (409, True)
    assert [message.text for message in conversation.messages.filter(kind="out")] == ["Yes."]


def test_incomplete_answers_change_nothing(desk: Client, now: datetime) -> None:
    conversation = asked(at=now).conversation
    good = written(conversation)

    for broken in ({}, good | {"text": " "}, good | {"token": "x"}, good | {"seen_version": ""}):
        assert desk.post(verb(conversation, "reply"), broken).status_code in (409, 422)

    assert Message.objects.filter(kind="out").count() == 0


def test_every_button_does_its_one_thing(desk: Client, now: datetime) -> None:
    conversation = asked(at=now).conversation

    desk.post(verb(conversation, "take"))
    desk.post(verb(conversation, "note"), {"text": "A regular."})
    refused = desk.post(verb(conversation, "close"))
    desk.post(verb(conversation, "waive"), {"reason": "a thank-you"})
    desk.post(verb(conversation, "close"))

    conversation.refresh_from_db()
    assert (refused.status_code, conversation.status) == (409, "closed")
    assert conversation.assignee == refused.context["user"]
    assert conversation.messages.get(kind="note").text == "A regular."
    assert conversation.waived.get().reason == "a thank-you"


def test_who_may_only_look_changes_nothing(client: Client, now: datetime) -> None:
    conversation = asked(at=now).conversation
    client.force_login(agent("view_conversation"))

    assert client.get(screen(conversation)).status_code == 200
    for name in ("reply", "note", "take", "assign", "waive", "close"):
        assert client.post(verb(conversation, name), written(conversation)).status_code == 403
    assert conversation.messages.count() == 1


def test_strangers_and_colleagues_without_the_right_see_nothing(client: Client, now: datetime) -> None:
    conversation = asked(at=now).conversation
    assert client.get(screen(conversation)).status_code == 302

    client.force_login(agent())

    assert client.get(screen(conversation)).status_code == 403
    assert client.get(reverse(LIST)).status_code == 403


def test_screen_of_a_case_shows_old_and_new_promise(desk: Client, now: datetime) -> None:
    from support.operations.opening import open_case

    order: Order = placed_order(at=now)
    case = open_case(case_key="x", kind="delay", subject="Late", text="Snow.", order=order, at=now)

    page = desk.get(screen(case)).text

    assert "First promised" in page
    assert order.number in page


@pytest.mark.parametrize("number", ["²", "٣", "9" * 5000, "\x00", "-1", "1e3"])
def test_numbers_nobody_has_are_refused_and_break_nothing(client: Client, now: datetime, number: str) -> None:
    conversation = asked(at=now).conversation
    client.force_login(agent(*RIGHTS))
    client.raise_request_exception = False

    opened = client.get(f"/admin/support/conversation/{quote(number)}/change/")
    assigned = client.post(verb(conversation, "assign"), {"to": number})
    answered = client.post(verb(conversation, "reply"), written(conversation) | {"seen_version": number})

    assert (opened.status_code, assigned.status_code, answered.status_code) == (404, 422, 409)
    conversation.refresh_from_db()
    assert (conversation.assignee, conversation.messages.count()) == (None, 1)
