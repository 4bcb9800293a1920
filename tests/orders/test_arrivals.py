"""Arrived and happy: asked once, answered by one press, taken up by people, and no invitation while a case is open."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.core import signing
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from orders.models import ArrivalQuestion, Order
from orders.operations.access import issue_link
from orders.operations.arrivals import (
    LinkUnknown,
    ask_arrivals,
    invite_reviews,
    link_of,
    question_of_link,
    say_all_is_well,
    say_not_quite,
)
from orders.rules.states import Impossible
from shop import open_cases
from shop.models import Event
from shop.operations.events import relay_events
from support.models import Conversation
from support.operations.policies import seed_policies
from tests.factories.notifications import conversation, said
from tests.factories.orders import placed_order
from tests.orders.test_operations_fulfilment import events_of, handed_over, our_breaches, scan
from tests.pages import words

pytestmark = pytest.mark.django_db


def arrived(now: datetime, number: str = "KP-2041-7736") -> ArrivalQuestion:
    """An order that was delivered at `now`, by the courier's word."""
    order = placed_order(at=now - timedelta(days=2), number=number)
    parcel = handed_over(order, now - timedelta(days=1), number=f"HP-{number}")
    scan(parcel, "delivered", now)
    return ArrivalQuestion.objects.select_related("order").get(order=order)


def asked(order: Order) -> list[str]:
    return [name for name in events_of(order) if "arrival" in name or "review" in name]


def test_she_is_asked_once_a_working_day_after_everything_arrived(now: datetime) -> None:
    question = arrived(now)
    assert question.ask_at == (now + timedelta(days=1)).replace(hour=10, minute=0)
    assert ask_arrivals(question.ask_at - timedelta(seconds=1)) == 0

    assert [ask_arrivals(question.ask_at + timedelta(days=days)) for days in range(5)] == [1, 0, 0, 0, 0]

    question.refresh_from_db()
    assert (question.state, question.asked_at) == ("asked", question.ask_at)
    assert question.closes_at is not None
    assert asked(question.order) == ["orders.arrival.asked"]
    assert invite_reviews(now + timedelta(days=60)) == 0  # silence is no answer
    assert our_breaches() == []


@pytest.mark.parametrize("reason", ["talks", "long-ago", "cancelled"])
def test_who_talks_with_us_already_or_whose_arrival_is_long_ago_is_not_asked(now: datetime, reason: str) -> None:
    question = arrived(now)
    at = question.ask_at
    if reason == "talks":
        conversation(at=now, order=question.order)
    elif reason == "long-ago":
        at += timedelta(days=20)
    else:
        Order.objects.filter(pk=question.order_id).update(status="cancelled")

    assert ask_arrivals(at) == 1

    question.refresh_from_db()
    assert question.state == "left_out"
    assert asked(question.order) == []


@pytest.mark.parametrize(
    ("wrote", "state"), [("", "asked"), ("note", "asked"), ("in", "left_out"), ("out", "left_out")]
)
def test_after_a_delay_she_is_asked_unless_somebody_wrote_in_the_case_we_opened(
    now: datetime, wrote: str, state: str
) -> None:
    question = arrived(now)
    task = {"origin": "system", "kind": "delay", "waiting_since": None, "next_due_kind": "task"}
    case = conversation(at=now, order=question.order, **task)
    said(case, "system", at=now)
    if wrote:
        said(case, wrote, at=now)

    ask_arrivals(question.ask_at)

    question.refresh_from_db()
    assert question.state == state


def test_happy_is_thanked_and_asked_for_a_review_later_unless_a_case_is_open(now: datetime) -> None:
    question = arrived(now)

    for _twice in range(2):
        say_all_is_well(order_id=question.order_id, at=now)
    later = now + timedelta(days=7)
    case = conversation(at=now, order=question.order)

    assert invite_reviews(later - timedelta(seconds=1)) == 0
    assert invite_reviews(later) == 1
    question.refresh_from_db()
    assert (question.invited_at, question.invite_at) == (None, later + timedelta(days=1))
    Conversation.objects.filter(pk=case.pk).update(status="closed", closed_at=later, waiting_since=None)
    assert invite_reviews(later + timedelta(days=1)) == 1
    assert invite_reviews(later + timedelta(days=9)) == 0
    assert asked(question.order) == ["orders.arrival.happy", "orders.review.invited"]


def test_without_the_register_of_open_cases_she_is_invited_in_the_middle_of_one(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    question = arrived(now)
    say_all_is_well(order_id=question.order_id, at=now)
    conversation(at=now, order=question.order)
    monkeypatch.setattr(open_cases, "_judges", {})

    invite_reviews(now + timedelta(days=7))

    assert asked(question.order) == ["orders.arrival.happy", "orders.review.invited"]


def test_not_quite_becomes_a_case_with_the_order_and_her_words_and_ends_the_invitation(now: datetime) -> None:
    seed_policies(now)
    question = arrived(now)
    say_all_is_well(order_id=question.order_id, at=now)

    say_not_quite(order_id=question.order_id, what="broken", words="The handle came off.", at=now)
    while relay_events(timezone.now()):
        pass

    case = Conversation.objects.get(case_key=f"arrival:{question.order.number}")
    assert (case.order, case.kind, case.origin) == (question.order, "problem", "system")
    assert "The handle came off." in case.messages.get().text
    assert invite_reviews(now + timedelta(days=60)) == 0
    with pytest.raises(Impossible):
        say_all_is_well(order_id=question.order_id, at=now)
    with pytest.raises(Impossible):
        say_not_quite(order_id=question.order_id, what="fit", words="", at=now)
    assert Event.objects.filter(name="orders.arrival.not-quite").count() == 1


def test_the_link_opens_this_question_only_and_ends(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    question = arrived(now)
    token = link_of(question)

    assert question_of_link(token) == question
    forged = [token[:-1], f"{question.pk}", signing.TimestampSigner(salt="orders.other", sep="~").sign(question.pk)]
    for each in forged:
        with pytest.raises(LinkUnknown):
            question_of_link(str(each))
    monkeypatch.setattr("orders.operations.arrivals.LASTS", timedelta(seconds=-1))
    with pytest.raises(LinkUnknown):
        question_of_link(token)


def page_of(question: ArrivalQuestion) -> str:
    return reverse("orders:arrived", args=[link_of(question)])


def test_looking_answers_nothing_a_press_does(client: Client) -> None:
    question = arrived(timezone.now())
    path = page_of(question)

    for address in (path, f"{path}?not-quite"):
        assert "Is everything right?" in words(client.get(address))
    question.refresh_from_db()
    assert question.state == "waiting"

    assert client.post(path, {"answer": "well"}).status_code == 302
    assert "Thank you, that makes our day" in words(client.get(path))
    question.refresh_from_db()
    assert question.state == "happy"


def test_not_quite_needs_to_say_what_and_the_page_says_that_we_have_it(client: Client) -> None:
    question = arrived(timezone.now())
    path = page_of(question)

    refused = client.post(path, {"answer": "not-quite"})
    assert refused.status_code == 422
    assert "Choose what it is." in words(refused)
    client.post(path, {"answer": "not-quite", "what": "wrong", "words": "A blue one came."})
    client.post(path, {"answer": "well"})  # too late, nothing changes

    shown = words(client.get(path))
    assert "Thank you for telling us; we put it right" in shown
    assert "A blue one came." in shown
    question.refresh_from_db()
    assert (question.state, question.what) == ("not_quite", "wrong")


def test_the_page_of_the_order_asks_once_it_has_arrived(client: Client) -> None:
    now = timezone.now()
    waiting = placed_order(at=now, number="KP-2")
    question = arrived(now)
    pages = [f"/orders/{issue_link(order=order, at=now)}/" for order in (question.order, waiting)]

    assert ["Is everything right?" in words(client.get(page)) for page in pages] == [True, False]
    say_all_is_well(order_id=question.order_id, at=now)
    assert "You said that all is well. Thank you." in words(client.get(pages[0]))
