"""The audit of promises finds what was planted."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from orders.operations.packing import pack_parcel
from orders.operations.shipping import hand_over_parcel
from tests.breaches import sql
from tests.factories.orders import placed_order
from tests.orders.test_choices import late_in_the_workshop
from tests.orders.test_operations_fulfilment import handed_over, our_breaches, scan
from tests.orders.test_refitting import LATER, arrived, refit

pytestmark = pytest.mark.django_db


def test_without_the_guard_the_audit_finds_what_left_without_her_word(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = late_in_the_workshop(now, rounds=2)
    parcel, at = order.parcels.get(), now + timedelta(days=9)
    pack_parcel(parcel_id=parcel.pk, by=None, at=at)

    monkeypatch.setattr("orders.operations.shipping.waits_for_word", lambda order_id: False)
    hand_over_parcel(parcel_id=parcel.pk, carrier="own", tracking_number="HP-1", by=None, at=at)

    assert [breach.code for breach in our_breaches()] == ["O50"]


def test_an_outcome_that_says_something_else_is_found(now: datetime) -> None:
    parcel = handed_over(placed_order(at=now), now)
    scan(parcel, "delivered", now + timedelta(days=2))
    assert our_breaches() == []

    sql("DELETE FROM orders_promiseoutcome")

    assert [breach.code for breach in our_breaches()] == ["O51"]


def test_an_arrival_nobody_noticed_is_found(now: datetime) -> None:
    scan(handed_over(placed_order(at=now), now), "delivered", now + timedelta(days=2))
    assert our_breaches() == []

    sql("UPDATE orders_order SET delivered_at = NULL, watch_at = now()")

    assert [breach.code for breach in our_breaches()] == ["O54"]


def test_a_guaranteed_day_that_was_missed_without_its_fee_is_found(now: datetime) -> None:
    placed_order(at=now)
    assert our_breaches() == []

    sql("UPDATE orders_order SET guaranteed = true")

    assert [breach.code for breach in our_breaches()] == ["O52"]


def test_the_audit_finds_a_service_that_says_something_else(now: datetime) -> None:
    arrived(2, at=now)
    refit(now + LATER)
    assert our_breaches() == []

    sql("UPDATE orders_servicelevel SET learned = jsonb_set(learned, '{by_days}', '1')")

    assert [breach.code for breach in our_breaches()] == ["O53"]
