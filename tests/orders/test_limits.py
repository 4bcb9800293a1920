"""What one person gives away is added up by order and by day, however small the sums and whatever they are given as."""

from __future__ import annotations

from datetime import datetime, timedelta
from threading import Barrier
from typing import Any

import pytest

from orders.models import CreditEntry, Order, RefundGrant
from orders.operations import limits
from orders.operations.credit import TooGenerous, give_gift
from orders.operations.refunding import grant_refund
from shop.models import User
from tests.crowds import together
from tests.factories.bags import ordered
from tests.factories.shop import StaffFactory

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _small(settings: Any) -> None:
    settings.REFUND_APPROVAL_FROM_MINOR, settings.REFUND_APPROVAL_PER_DAY_MINOR = 1000, 1500


def refunded(order: Order, minor: int, by: User, at: datetime, *, origin: str = "test") -> str:
    return grant_refund(
        order_id=order.pk,
        amount_minor=minor,
        reason="Sorry",
        origin=f"{origin}:{RefundGrant.objects.count()}:{order.pk}",
        by=by,
        at=at,
    ).state


@pytest.mark.django_db
def test_a_refund_and_a_gift_for_one_order_are_one_sum(now: datetime) -> None:
    first, second, by = ordered(at=now), ordered(at=now), StaffFactory()
    give_gift(order_id=first.pk, amount_minor=600, reason="Sorry", key="a", by=by, at=now)

    assert refunded(first, 401, StaffFactory(), now) == "asked"
    assert refunded(second, 500, StaffFactory(), now) == "granted"
    with pytest.raises(TooGenerous):
        give_gift(order_id=second.pk, amount_minor=501, reason="Sorry", key="b", by=by, at=now)
    again = give_gift(order_id=first.pk, amount_minor=600, reason="Sorry", key="a", by=by, at=now)
    assert (CreditEntry.objects.count(), again.amount_minor) == (1, 600)


@pytest.mark.django_db
def test_small_sums_for_many_orders_are_one_sum_of_a_day(now: datetime, settings: Any) -> None:
    by, orders = StaffFactory(), [ordered(at=now) for _ in range(4)]

    assert [refunded(order, 700, by, now) for order in orders[:3]] == ["granted", "granted", "asked"]
    assert refunded(orders[3], 700, StaffFactory(), now) == "granted"
    with pytest.raises(TooGenerous):
        give_gift(order_id=orders[3].pk, amount_minor=200, reason="Sorry", key="a", by=by, at=now + HOUR)
    assert give_gift(order_id=orders[3].pk, amount_minor=200, reason="Sorry", key="a", by=by, at=now + 25 * HOUR)

    settings.REFUND_APPROVAL_PER_DAY_MINOR = 0  # the control: nobody asks
    assert refunded(ordered(at=now), 700, by, now) == "granted"


@pytest.mark.django_db
def test_what_returns_are_worth_is_owed_and_fills_nobodys_day(now: datetime) -> None:
    by, orders = StaffFactory(), [ordered(at=now) for _ in range(4)]

    owed = [refunded(order, 900, by, now, origin="returns.case") for order in orders[:3]]

    assert owed == ["granted", "granted", "granted"]
    assert refunded(orders[3], 900, by, now) == "granted"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("guarded", "states"), [(True, ["asked", "granted"]), (False, ["granted", "granted"])])
def test_two_decisions_of_one_person_at_once_do_not_both_find_room(
    now: datetime, monkeypatch: pytest.MonkeyPatch, guarded: bool, states: list[str]
) -> None:
    by, orders = StaffFactory(), [ordered(at=now) for _ in range(2)]
    if not guarded:  # the control: her row is not locked, and each looks before the other is written
        gate, look = Barrier(2), limits.given_by

        def look_together(person: User, *, at: datetime) -> int:
            found = look(person, at=at)
            gate.wait(timeout=20)
            return found

        monkeypatch.setattr(limits, "_one_at_a_time", lambda person: None)
        monkeypatch.setattr(limits, "given_by", look_together)

    found = together(*(lambda order=order: refunded(order, 900, by, now) for order in orders))

    assert sorted(found) == states
