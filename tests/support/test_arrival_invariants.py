"""The audit finds who said that something is not right and was not heard, and who was invited amid a case."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from orders.operations.arrivals import invite_reviews, say_all_is_well, say_not_quite
from shop import open_cases
from shop.models import Event
from shop.queries.audit import breaches
from tests.breaches import sql, without_triggers
from tests.factories.notifications import conversation, said
from tests.orders.test_arrivals import arrived

pytestmark = pytest.mark.django_db


def codes() -> list[str]:
    return [breach.code for breach in breaches() if breach.code in {"U08", "U09"}]


def test_who_said_so_without_a_case_is_found(now: datetime) -> None:
    question = arrived(now)
    say_not_quite(order_id=question.order_id, what="fit", words="", at=now)
    assert codes() == []  # the news is a moment old

    without_triggers("shop_event")
    sql("UPDATE shop_event SET recorded_at = recorded_at - interval '1 hour'")

    assert codes() == ["U08"]


def test_an_invitation_in_the_middle_of_a_case_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    at = timezone.now() - timedelta(days=9)
    question = arrived(at)
    say_all_is_well(order_id=question.order_id, at=at)
    conversation(at=at, order=question.order)
    invite_reviews(at + timedelta(days=8))
    assert codes() == []

    monkeypatch.setattr(open_cases, "_judges", {})
    invite_reviews(at + timedelta(days=30))

    assert Event.objects.filter(name="orders.review.invited").count() == 1
    assert codes() == ["U09"]


def test_an_invitation_while_our_own_task_about_a_delay_is_open_is_none(now: datetime) -> None:
    at = timezone.now() - timedelta(days=9)
    question = arrived(at)
    say_all_is_well(order_id=question.order_id, at=at)
    case = conversation(at=at, order=question.order, origin="system", kind="delay", waiting_since=None)

    invite_reviews(at + timedelta(days=8))

    assert Event.objects.filter(name="orders.review.invited").count() == 1
    assert codes() == []
    said(case, "in", at=at + timedelta(days=1))  # as though she had written before
    assert codes() == ["U09"]
