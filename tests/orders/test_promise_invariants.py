"""The audit of promises finds what was planted; O50 is planted in test_choices.py, where its guard is switched off."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests.breaches import sql
from tests.factories.orders import placed_order
from tests.orders.test_operations_fulfilment import handed_over, our_breaches, scan

pytestmark = pytest.mark.django_db

O50 = "O50"  # "O50" is asserted by name in test_choices.py


def test_an_outcome_that_says_something_else_is_found(now: datetime) -> None:
    parcel = handed_over(placed_order(at=now), now)
    scan(parcel, "delivered", now + timedelta(days=2))
    assert our_breaches() == []

    sql("DELETE FROM orders_promiseoutcome")

    assert [breach.code for breach in our_breaches()] == ["O51"]


def test_a_guaranteed_day_that_was_missed_without_its_fee_is_found(now: datetime) -> None:
    placed_order(at=now)
    assert our_breaches() == []

    sql("UPDATE orders_order SET guaranteed = true")

    assert "O52" in [breach.code for breach in our_breaches()]
