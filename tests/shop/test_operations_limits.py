"""Rate limits that hold for the whole shop, without Redis."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from shop.models import RateLimit
from shop.operations.limits import FORGET_AFTER, TooOften, forget_limits, spend

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def ask(at: datetime, who: str = "ana@example.com", purpose: str = "link") -> None:
    spend(purpose=purpose, who=who, budget=3, window=HOUR, at=at)


def test_spend_refuses_after_the_budget_and_says_when_to_come_back(now: datetime) -> None:
    for _ in range(3):
        ask(now)

    with pytest.raises(TooOften) as refused:
        ask(now)

    assert refused.value.retry_at == now.replace(hour=10, minute=0)
    assert RateLimit.objects.get().used == 3


def test_spend_starts_anew_with_the_next_window(now: datetime) -> None:
    for _ in range(3):
        ask(now)

    ask(now + HOUR)

    assert sorted(RateLimit.objects.values_list("used", flat=True)) == [1, 3]


def test_spend_counts_people_and_purposes_apart(now: datetime) -> None:
    for _ in range(3):
        ask(now)

    ask(now, who="rui@example.com")
    ask(now, purpose="contact")

    assert RateLimit.objects.count() == 3


def test_spend_keeps_no_address(now: datetime) -> None:
    ask(now)

    assert "ana" not in RateLimit.objects.get().key


def test_forget_deletes_windows_long_over_and_no_other(now: datetime) -> None:
    ask(now - FORGET_AFTER - HOUR)
    ask(now)

    assert [forget_limits(now), forget_limits(now)] == [1, 0]
    assert RateLimit.objects.get().window_start == now.replace(minute=0)
