"""Two people, one return: real threads on the real database."""

from __future__ import annotations

from datetime import datetime, timedelta
from threading import Barrier
from uuid import uuid4

import pytest

from orders.models import RefundGrant
from returns.models import Inspection, ReturnCase
from returns.operations import requesting
from returns.operations.deciding import approve_return, decline_return
from returns.operations.receiving import Finding, receive_return
from returns.operations.requesting import request_return
from returns.operations.settling import settle_return
from returns.rules.states import NotNow
from shop.models import StockLevel
from shop.queries.audit import breaches
from tests.crowds import kinds, together
from tests.factories.returns import asked, delivered_order, requested
from tests.factories.shop import StaffFactory

pytestmark = pytest.mark.django_db(transaction=True)


def test_eight_presses_of_one_form_open_one_return(now: datetime) -> None:
    order, key, later = delivered_order(at=now), uuid4(), now + timedelta(days=4)
    line = order.lines.get()

    results = together(
        *[lambda: request_return(order_id=order.pk, lines=[asked(line)], submission_key=key, at=later)] * 8
    )

    assert kinds(results) == ["ReturnCase"] * 8
    assert ReturnCase.objects.count() == 1
    assert breaches() == []


def test_two_windows_cannot_ask_for_the_same_piece(now: datetime) -> None:
    order, later = delivered_order(at=now), now + timedelta(days=4)
    line = order.lines.get()

    results = together(
        *[lambda: request_return(order_id=order.pk, lines=[asked(line)], submission_key=uuid4(), at=later)] * 4
    )

    assert kinds(results) == ["NotReturnable"] * 3 + ["ReturnCase"]
    assert breaches() == []


def test_the_same_piece_is_asked_for_twice_without_the_lock(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: with the order unlocked, both windows get through and the audit cries."""
    order, later = delivered_order(at=now), now + timedelta(days=4)
    line = order.lines.get()
    both_looked = Barrier(2)
    look = requesting.offer_of

    def look_together(**fields: object) -> object:
        offer = look(**fields)  # type: ignore[arg-type]
        both_looked.wait(timeout=20)
        return offer

    monkeypatch.setattr(requesting, "offer_of", look_together)
    monkeypatch.setattr("django.db.models.query.QuerySet.select_for_update", lambda rows, **how: rows)
    numbers = iter("ab")
    monkeypatch.setattr(requesting, "case_number", lambda order: f"{order.number}-R{next(numbers)}")
    results = together(
        *[lambda: request_return(order_id=order.pk, lines=[asked(line)], submission_key=uuid4(), at=later)] * 2
    )
    monkeypatch.undo()

    assert kinds(results) == ["ReturnCase"] * 2
    assert [breach.code for breach in breaches()] == ["R01"]


def test_two_staff_deciding_decide_once(now: datetime) -> None:
    later, dilini, ruwan = now + timedelta(days=4), StaffFactory(), StaffFactory()
    case = requested(delivered_order(at=now), at=later)

    results = together(
        lambda: approve_return(case_id=case.pk, by=dilini, at=later),
        lambda: decline_return(case_id=case.pk, reason="Too late", by=ruwan, at=later),
    )

    assert kinds(results) == ["NotNow", "ReturnCase"]
    assert breaches() == []


def test_two_staff_unpacking_move_stock_and_money_once(now: datetime) -> None:
    later, dilini = now + timedelta(days=4), StaffFactory()
    case = requested(delivered_order(at=now, pieces=(2,)), at=later)
    approve_return(case_id=case.pk, by=dilini, at=later)
    found = {case.lines.get().pk: Finding(2)}

    results = together(*[lambda: receive_return(case_id=case.pk, findings=found, by=dilini, at=later)] * 4)

    assert kinds(results) == ["NotNow"] * 3 + ["ReturnCase"]
    assert Inspection.objects.count() == 1
    assert StockLevel.objects.get().on_hand == 20
    assert RefundGrant.objects.get().amount_minor == 5290
    assert breaches() == []


def test_two_staff_settling_pay_once(now: datetime) -> None:
    later, dilini = now + timedelta(days=4), StaffFactory()
    case = requested(delivered_order(at=now), at=later)
    approve_return(case_id=case.pk, by=dilini, at=later)
    receive_return(case_id=case.pk, findings={case.lines.get().pk: Finding(1, "used")}, by=dilini, at=later)

    results = together(*[lambda: settle_return(case_id=case.pk, by=dilini, at=later)] * 4)

    assert kinds(results) == [NotNow.__name__] * 3 + ["ReturnCase"]
    assert RefundGrant.objects.get().amount_minor == 2890
    assert breaches() == []
