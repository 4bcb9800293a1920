"""Twenty people ask about one piece at the same moment: no question is lost, and nobody asks more than is fair."""

from __future__ import annotations

import uuid
from datetime import datetime
from threading import Barrier
from typing import Any

import pytest
from django.test import Client

from shop.models import Event, ProductQuestion, RateLimit
from shop.operations import questions
from shop.operations.events import relay_events
from shop.operations.limits import TooOften
from shop.queries.audit import breaches
from support.models import Conversation
from tests.crowds import at_once
from tests.factories.catalogue import tee
from tests.factories.support import support_desk

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

CROWD = 20


def ask(number: int, **said: str) -> int:
    """Somebody sends the form of the page, from a network of her own unless told; return the answer's status."""
    network = said.pop("network", f"192.0.2.{number}")
    form = {"text": f"Question {number}?", "email": f"b{number}@example.com", "token": str(uuid.uuid4())} | said
    return Client(REMOTE_ADDR=network).post("/p/tee/questions/", form).status_code


def kept() -> tuple[int, int, int]:
    """How many questions there are, how many were told, and how many conversations came of them."""
    while relay_events(ProductQuestion.objects.order_by("-id")[0].asked_at):
        pass
    return (
        ProductQuestion.objects.count(),
        Event.objects.filter(name="shop.question.asked").count(),
        Conversation.objects.exclude(question=None).count(),
    )


def test_twenty_people_ask_at_once_and_every_question_is_taken_up() -> None:
    tee()
    support_desk()

    assert at_once(ask, CROWD) == [302] * CROWD

    assert kept() == (CROWD, CROWD, CROWD)
    assert set(ProductQuestion.objects.values_list("text", flat=True)) == {f"Question {n}?" for n in range(CROWD)}
    assert [breach for breach in breaches() if breach.code[0] == "U"] == []


def test_one_form_pressed_at_once_by_two_hands_is_one_question() -> None:
    tee()
    support_desk()
    form = {"token": str(uuid.uuid4()), "email": "ana@example.com", "text": "Is it warm?"}

    assert at_once(lambda number: ask(number, **form), questions.ADDRESS_BUDGET) == [302] * questions.ADDRESS_BUDGET

    assert kept() == (1, 1, 1)


@pytest.mark.parametrize("guarded", [True, False])
def test_one_address_asks_no_more_than_its_budget_however_many_windows_it_opens(
    guarded: bool, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the one statement that counts and refuses, everybody reads the same number and everybody is let in."""
    product = tee()
    gate = Barrier(CROWD, timeout=30)

    def reads_then_writes(*, purpose: str, who: str, budget: int, at: datetime, **_: Any) -> None:
        if purpose != "question":
            return
        used = RateLimit.objects.filter(key=who).count()
        gate.wait()
        if used >= budget:
            raise TooOften(at)
        RateLimit.objects.get_or_create(key=who, window_start=at)

    if not guarded:
        monkeypatch.setattr(questions, "spend", reads_then_writes)

    def write(number: int) -> str:
        asked = questions.Asked("ana@example.com", f"Question {number}?")
        visitor = f"192.0.2.{number}"
        row = questions.ask_question(
            token=uuid.uuid4(), product_id=product.pk, asked=asked, customer=None, visitor=visitor, at=now
        )
        return row.text

    results = at_once(write, CROWD)

    taken = questions.ADDRESS_BUDGET if guarded else CROWD
    assert results.count(TooOften) == CROWD - taken
    assert sorted(ProductQuestion.objects.values_list("text", flat=True)) == sorted(
        text for text in results if text is not TooOften
    )
    assert ProductQuestion.objects.count() == taken
