"""The day an order is to be paid by: only while something is open, told only then, and never the end of a paid one.

Source: commerce reference b-4; reliability reference T02.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from orders.models import Order, Payment
from orders.operations import cancelling, ledger, unpaid
from orders.operations.cancelling import TooLate, expire_order
from orders.operations.paying import note_payment_received
from orders.operations.unpaid import watch_payments
from orders.rules.payment import pay_by
from shop.models import Event, StockLevel, Variant
from shop.queries.audit import breaches
from tests.factories.bags import for_everybody, ordered
from tests.factories.shop import StaffFactory, UserFactory
from tests.orders.test_changing import confirm, sizes, stage
from tests.orders.test_missing_pieces import choosing, lose, who
from tests.orders.test_paying_with_credit import MAIL, bought, credit_of

WAIT = timedelta(days=settings.TRANSFER_WAIT_DAYS)
MONDAY = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
TRANSFER = {"provider": "bank_transfer", "payment_token": ""}


def deadline(order: Order) -> datetime | None:
    return Payment.objects.get(order=order).expires_at


def overdue(order: Order, at: datetime) -> None:
    """A deadline that stayed behind, as older releases left it."""
    Payment.objects.filter(order=order).update(expires_at=at)


def status(order: Order) -> str:
    return str(Order.objects.values_list("status", flat=True).get(pk=order.pk))


def reminded() -> list[str]:
    told = Event.objects.filter(name="orders.payment.reminded").order_by("id")
    return list(told.values_list("order_number", flat=True))


@given(provider=st.sampled_from(Payment.Provider.values), open_minor=st.integers(0, 10**6), days=st.integers(1, 30))
def test_only_a_transfer_that_is_still_to_come_has_a_deadline(provider: str, open_minor: int, days: int) -> None:
    ends = pay_by(provider=provider, open_minor=open_minor, wait=timedelta(days=days), at=MONDAY)

    waits = provider == "bank_transfer" and open_minor > 0
    assert ends == (MONDAY + timedelta(days=days) if waits else None)


def credit_covers_the_smaller_size(now: datetime) -> tuple[Order, Variant]:
    """An order of 19.90 paid with 14.90 of credit, the rest by transfer; the size that costs 14.90 in all."""
    small, large = sizes(1000, 1500)
    credit_of(1490, now)
    order = bought(UserFactory(email=MAIL), now, shown_credit=1490, piece=large, provider="bank_transfer")
    assert deadline(order) == now + WAIT
    return order, small


@pytest.mark.django_db
def test_what_promotions_paid_for_in_full_is_never_let_go(now: datetime) -> None:
    for_everybody(amount_minor=2400)
    for_everybody(kind="free_delivery", amount_minor=0, name="Free delivery")
    order = ordered(at=now, **TRANSFER)

    watch_payments(now + 60 * timedelta(days=1))

    assert (order.total_minor, deadline(order), status(order)) == (0, None, "placed")
    assert breaches() == []


@pytest.mark.django_db
def test_a_change_after_which_nothing_is_open_ends_the_deadline(now: datetime) -> None:
    order, small = credit_covers_the_smaller_size(now)

    confirm(stage(order, now, (small, 1)), now)
    watch_payments(now + WAIT - timedelta(days=1))
    watch_payments(now + 2 * WAIT)

    payment = Payment.objects.get()
    assert (payment.open_minor, payment.expires_at, status(order)) == (0, None, "placed")
    assert (Order.objects.get().payment_status, reminded()) == ("paid", [])
    assert breaches() == []


@pytest.mark.django_db
def test_a_missing_piece_after_which_nothing_is_open_ends_the_deadline(now: datetime) -> None:
    small, _large = sizes(1000, 1500)
    credit_of(1490, now)
    order = bought(UserFactory(email=MAIL), now, shown_credit=1490, piece=small, pieces=2, provider="bank_transfer")
    (case,) = lose(small, 1, now)

    choosing.choose_rest(**who(case, now))  # type: ignore[arg-type]
    watch_payments(now + 2 * WAIT)

    payment = Payment.objects.get()
    assert (payment.open_minor, payment.expires_at, status(order)) == (0, None, "placed")
    assert breaches() == []


@pytest.mark.django_db
def test_what_becomes_open_again_is_waited_for_from_then_on(now: datetime) -> None:
    order, small = credit_covers_the_smaller_size(now)
    large = order.lines.get().variant
    confirm(stage(order, now, (small, 1)), now)
    later = now + timedelta(hours=5)

    confirm(stage(order, later, (large, 1)), later)
    assert deadline(order) == later + WAIT
    watch_payments(later + WAIT)

    assert status(order) == "cancelled"
    assert StockLevel.objects.filter(allocated__gt=0).count() == 0
    assert breaches() == []


@pytest.mark.django_db
def test_a_change_that_leaves_something_open_moves_no_deadline(now: datetime) -> None:
    small, large = sizes(1000, 1500)
    order = ordered((small, 1), at=now, **TRANSFER)
    later = now + timedelta(hours=5)

    confirm(stage(order, later, (large, 1)), later)

    assert (Payment.objects.get().open_minor, deadline(order)) == (1990, now + WAIT)
    assert breaches() == []


@pytest.mark.django_db
def test_an_order_with_nothing_open_does_not_expire_whatever_its_deadline_says(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    order, small = credit_covers_the_smaller_size(now)
    confirm(stage(order, now, (small, 1)), now)
    overdue(order, now)

    with pytest.raises(TooLate):
        expire_order(order_id=order.pk, at=now)
    watch_payments(now)

    assert (status(order), deadline(order)) == ("placed", None)

    overdue(order, now)  # the control: who looks only at money from outside lets a paid order go
    monkeypatch.setattr(cancelling, "_waits_for_money", lambda payment: payment.captured_minor <= payment.credit_minor)
    assert expire_order(order_id=order.pk, at=now).status == "cancelled"


@pytest.mark.django_db
def test_reminded_is_who_has_something_open_and_nobody_else(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    part, paid = ordered(at=now, **TRANSFER), ordered(at=now, **TRANSFER)
    for order, amount in ((part, 1000), (paid, 2890)):
        note_payment_received(order_id=order.pk, amount_minor=amount, reference="E2E", by=StaffFactory(), at=now)
    overdue(paid, now + WAIT)
    soon = now + WAIT - timedelta(days=2)

    assert watch_payments(soon) == 1
    assert reminded() == [part.number]

    everybody: Any = Payment.objects.all  # the control: without the look at what is open
    monkeypatch.setattr(unpaid, "_open", lambda: everybody())
    assert watch_payments(soon) == 1
    assert reminded() == [part.number, paid.number]


@pytest.mark.django_db
def test_without_the_ledger_looking_the_deadline_stays_and_the_audit_says_so(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control of what `owe` clears."""
    order, small = credit_covers_the_smaller_size(now)
    monkeypatch.setattr(ledger, "_deadline", lambda payment, at: payment.expires_at)

    confirm(stage(order, now, (small, 1)), now)

    assert [(breach.code, breach.what) for breach in breaches()] == [("M08", f"order {order.number}")]
