"""What one customer is given is added up over a time, whoever gives it, for whatever order and as whatever."""

from __future__ import annotations

from datetime import datetime, timedelta
from threading import Barrier
from typing import Any

import pytest

from orders.models import Order
from orders.operations import limits
from orders.operations.credit import TooGenerous, give_gift
from shop.personal import Person
from tests.crowds import together
from tests.factories.bags import ordered
from tests.factories.shop import StaffFactory, UserFactory
from tests.orders.test_limits import refunded

DAYS = 30


@pytest.fixture(autouse=True)
def _small(settings: Any) -> None:
    settings.REFUND_APPROVAL_FROM_MINOR, settings.REFUND_APPROVAL_PER_DAY_MINOR = 1000, 1500
    settings.REFUND_APPROVAL_PER_CUSTOMER_MINOR, settings.REFUND_APPROVAL_CUSTOMER_DAYS = 2000, DAYS


def gifted(order: Order, minor: int, at: datetime) -> str:
    """Store credit of somebody who gave nothing before."""
    try:
        give_gift(order_id=order.pk, amount_minor=minor, reason="Sorry", key=at.isoformat(), by=StaffFactory(), at=at)
    except TooGenerous:
        return "too much"
    return "given"


@pytest.mark.django_db
def test_small_sums_of_many_people_for_many_orders_are_one_sum_of_her(now: datetime, settings: Any) -> None:
    first, second, third = (ordered(at=now) for _ in range(3))

    assert refunded(first, 900, StaffFactory(), now) == "granted"
    assert gifted(second, 900, now + timedelta(days=1)) == "given"
    assert refunded(third, 201, StaffFactory(), now + timedelta(days=2)) == "asked"
    assert gifted(third, 1, now + timedelta(days=2)) == "too much"  # what waits for a second person is in the sum

    settings.REFUND_APPROVAL_PER_CUSTOMER_MINOR = 0  # the control: nobody adds up
    assert gifted(third, 200, now + timedelta(days=3)) == "given"


@pytest.mark.django_db
def test_the_sum_forgets_what_is_older_than_the_time(now: datetime) -> None:
    orders = [ordered(at=now) for _ in range(3)]
    for order in orders[:2]:
        refunded(order, 1000, StaffFactory(), now)

    assert gifted(orders[2], 1, now + timedelta(days=DAYS) - timedelta(minutes=1)) == "too much"
    assert gifted(orders[2], 900, now + timedelta(days=DAYS)) == "given"


@pytest.mark.django_db
def test_somebody_else_begins_at_nothing(now: datetime) -> None:
    for _ in range(2):
        refunded(ordered(at=now), 1000, StaffFactory(), now)

    assert refunded(ordered(at=now, email="bea@example.com"), 1000, StaffFactory(), now) == "granted"


@pytest.mark.django_db
def test_capitals_an_account_and_a_proved_address_are_the_same_person(now: datetime) -> None:
    ana = UserFactory(email="ana@example.com")
    guest, capitals, account = ordered(at=now), ordered(at=now, email="Ana@Example.com"), ordered(at=now)
    Order.objects.filter(pk=account.pk).update(customer=ana, email="work@example.com")

    assert refunded(account, 1000, StaffFactory(), now) == "granted"
    assert refunded(capitals, 1000, StaffFactory(), now) == "granted"
    assert refunded(guest, 1, StaffFactory(), now) == "asked"
    at_work = [ordered(at=now, email="work@example.com") for _ in range(2)]
    assert [refunded(order, 1000, StaffFactory(), now) for order in at_work] == ["granted", "asked"]


@pytest.mark.django_db
@pytest.mark.parametrize("origin", ["returns.case", "orders.cancel", "orders.unavailability", "orders.came-back"])
def test_what_is_hers_anyway_fills_no_room(now: datetime, settings: Any, origin: str) -> None:
    settings.REFUND_APPROVAL_FROM_MINOR = settings.REFUND_APPROVAL_PER_DAY_MINOR = 0
    settings.REFUND_APPROVAL_PER_CUSTOMER_MINOR = 10_000
    for _ in range(3):
        refunded(ordered(at=now), 2800, StaffFactory(), now, origin=origin)

    settings.REFUND_APPROVAL_PER_CUSTOMER_MINOR = 2000
    assert gifted(ordered(at=now), 2000, now) == "given"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("guarded", "states"), [(True, ["asked", "granted"]), (False, ["granted", "granted"])])
def test_two_people_at_once_do_not_both_find_room_for_her(
    now: datetime, monkeypatch: pytest.MonkeyPatch, settings: Any, guarded: bool, states: list[str]
) -> None:
    settings.REFUND_APPROVAL_PER_CUSTOMER_MINOR = 1500
    orders, people = [ordered(at=now) for _ in range(2)], [StaffFactory() for _ in range(2)]
    if not guarded:  # the control: her turn is not taken, and each looks before the other is written
        gate, look = Barrier(2), limits.given_to

        def look_together(customer: Person, *, since: datetime) -> int:
            found = look(customer, since=since)
            gate.wait(timeout=20)
            return found

        monkeypatch.setattr(limits, "_one_at_a_time_for", lambda customer: None)
        monkeypatch.setattr(limits, "given_to", look_together)

    found = together(
        *(lambda order=order, by=by: refunded(order, 900, by, now) for order, by in zip(orders, people, strict=True))
    )

    assert sorted(found) == states
