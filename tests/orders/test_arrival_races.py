"""The parcel is scanned at the door while somebody writes that it comes later: no delay stays open (O26).

Whoever opens a delay and whoever notes an arrival hold the order, so that one of them sees what the other did.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Event, get_ident
from typing import Any

import pytest
from django.db.models import QuerySet

from orders.models import DelayCase, Order
from orders.operations import delays, telling
from orders.operations.delays import note_delay
from orders.operations.telling import tell_of_incidents
from tests.crowds import together
from tests.factories.incidents import declared
from tests.orders.test_operations_delays import late_parcel
from tests.orders.test_operations_fulfilment import our_breaches, scan

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

DAY = timedelta(days=1)


def watched(order: Order, at: datetime) -> object:
    return note_delay(order_id=order.pk, at=at)


def told_of_a_crisis(order: Order, at: datetime) -> object:
    return tell_of_incidents(at)


@pytest.mark.parametrize("held", [True, False], ids=["held", "not held"])
@pytest.mark.parametrize(
    ("tells", "module", "step"), [(watched, delays, "renew"), (told_of_a_crisis, telling, "judge")]
)
def test_an_arrival_between_the_look_and_the_delay_leaves_no_delay_open(
    tells: Callable[..., object], module: Any, step: str, held: bool, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    order, parcel = late_parcel(now)
    at = now + 2 * DAY + timedelta(minutes=1)
    if tells is told_of_a_crisis:
        declared(at=now, hits="road", extra_days=9)
    looked, arrived = Event(), Event()
    honest, lock, teller = getattr(module, step), QuerySet.select_for_update, []

    def then_it_arrives(*values: Any, **named: Any) -> object:
        looked.set()
        arrived.wait(1)  # while the order is held it cannot, and the delay is written first
        return honest(*values, **named)

    def tell() -> object:
        teller.append(get_ident())
        return tells(order, at)

    def arrive() -> None:
        looked.wait(10)
        scan(parcel, "delivered", at, external_id="door")
        arrived.set()

    def lock_unless_told(rows: Any, **how: Any) -> Any:
        return rows if get_ident() in teller else lock(rows, **how)

    monkeypatch.setattr(module, step, then_it_arrives)
    if not held:
        monkeypatch.setattr(QuerySet, "select_for_update", lock_unless_told)
    refusals = [told for told in together(tell, arrive) if isinstance(told, Exception)]

    assert refusals == []
    assert Order.objects.get().delivered_at is not None
    assert [case.settled_at is not None for case in DelayCase.objects.all()] == [held]
    assert ("O26" in {breach.code for breach in our_breaches()}) is not held
    DelayCase.objects.update(settled_at=at)
