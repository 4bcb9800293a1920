"""Many workers, one month's budget: what is given never passes it, and each fault gets one letter."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.db.models import Sum

from shop.models import Event
from shop.queries.audit import breaches
from support.models import Gesture, GestureBudget
from support.operations import regretting
from support.operations.regretting import write_regrets
from tests.crowds import at_once
from tests.factories.orders import placed_order
from tests.factories.regret import a_fault, budget

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.faults]
FAULTS, WORKERS = 24, 8


def _crowd(now: datetime) -> tuple[int, int, int]:
    """Let workers settle faults of five euro, fifty in the budget; return spent, given and how many were regretted."""
    budget(now.date(), minor=5_000)
    for number in range(FAULTS):
        a_fault(placed_order(at=now, number=f"KP-1000-{number:04d}"), at=now)

    at_once(lambda _number: write_regrets(now), WORKERS)
    write_regrets(now)

    given = Gesture.objects.aggregate(sum=Sum("amount_minor"))["sum"]
    regretted = Event.objects.filter(name="support.fault.regretted").count()
    return GestureBudget.objects.get().spent_minor, given, regretted


def test_a_crowd_of_workers_gives_no_more_than_the_month_has_and_writes_each_letter_once(now: datetime) -> None:
    assert _crowd(now) == (5_000, 5_000, FAULTS)
    assert [breach for breach in breaches() if breach.code in ("U10", "U11")] == []


@pytest.mark.unaudited("the control gives more than there is, on purpose")
def test_without_the_guarded_update_the_same_crowd_gives_more(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: read, look, write."""

    def read_and_write(row: GestureBudget, amount_minor: int) -> bool:
        if row.spent_minor + amount_minor > row.budget_minor:
            return False
        GestureBudget.objects.filter(pk=row.pk).update(spent_minor=row.spent_minor + amount_minor)
        return True

    monkeypatch.setattr(regretting, "take", read_and_write)

    spent, given, _regretted = _crowd(now)
    assert given > spent
    assert "U10" in {breach.code for breach in breaches()}
