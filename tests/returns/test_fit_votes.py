from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from orders.models import Order
from returns.models import ReturnCase
from returns.operations.withdrawing import withdraw_return
from returns.queries.fit import months_of_returns
from shop.models import FitAlarm, FitVote, Voices
from shop.operations.events import relay_events
from shop.operations.fit_refit import refit_fit
from shop.rules.fit_alarm import Cell
from tests.factories.catalogue import tee
from tests.factories.returns import asked, delivered_order, requested

pytestmark = pytest.mark.django_db


def _relay(at: datetime) -> None:
    while relay_events(at):
        pass


def _back(order: Order, reason: str, at: datetime) -> ReturnCase:
    case = requested(order, asked(order.lines.order_by("id")[0], reason=reason), at=at)
    _relay(at)
    return case


def test_a_return_for_its_size_is_a_vote_until_she_keeps_it(now: datetime) -> None:
    later = now + timedelta(days=5)
    variant = tee().variants.order_by("position", "id")[0]
    order = delivered_order(at=now, variants=(variant,))

    case = _back(order, "too-short", later)

    vote = FitVote.objects.get()
    assert (vote.verdict, vote.area, vote.source, vote.ordered_on) == ("small", "length", "return", now.date())
    assert vote.key == f"orders.line:{order.lines.get().pk}"
    assert Voices.objects.get().fit_by_size == {"S": [1, 0, 0]}

    withdraw_return(case_id=case.pk, at=later)
    _relay(later)

    assert Voices.objects.get().fit_small == 0


def test_a_return_for_another_reason_says_nothing_about_the_fit(now: datetime) -> None:
    variant = tee().variants.order_by("position", "id")[0]

    _back(delivered_order(at=now, variants=(variant,)), "changed-mind", now + timedelta(days=5))

    assert FitVote.objects.count() == 0


def test_returns_are_counted_by_size_and_month_of_the_order(now: datetime) -> None:
    small, medium = tee().variants.order_by("position", "id")[:2]
    order = delivered_order(at=now, pieces=(3, 2), variants=(small, medium))
    requested(order, asked(order.lines.order_by("id")[0], 2, "too-small"), at=now + timedelta(days=5))

    months = months_of_returns((now + timedelta(days=40)).date())

    assert list(months) == [now.date().replace(day=1)]
    assert sorted(months[now.date().replace(day=1)], key=lambda cell: (cell.variant_id, cell.verdict)) == [
        Cell(small.pk, "large", 0, 3),
        Cell(small.pk, "small", 2, 3),
        Cell(medium.pk, "large", 0, 2),
        Cell(medium.pk, "small", 0, 2),
    ]


def test_a_size_that_comes_back_too_often_raises_an_alarm_at_night(now: datetime) -> None:
    small, medium = tee().variants.order_by("position", "id")[:2]
    order = delivered_order(at=now, pieces=(6, 18), variants=(small, medium))
    later = now + timedelta(days=5)
    requested(order, asked(order.lines.order_by("id")[0], 5, "too-small"), at=later)

    refit_fit(later)
    _relay(later)

    alarm = FitAlarm.objects.get()
    assert (alarm.variant, alarm.kind, alarm.verdict, alarm.misfits, alarm.pieces) == (small, "returns", "small", 5, 6)
    assert small.product.voices.hints[0]["misfits"] == 5
