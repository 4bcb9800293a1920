"""Of an order that is over nothing stays here, whatever was asked, disputed or paid late."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError

from orders.models import Order, Parcel, Payment, Promise, Promotion, RefundGrant, ServiceLevel, StoreCredit, Submission
from orders.operations import cancelling, paying, refunding
from orders.operations.approving import NotAsked, approve_refund, refuse_refund
from orders.operations.cancelling import cancel_order
from orders.operations.credit import give_credit
from orders.operations.finishing import finalize, let_go
from orders.operations.packing import pack_parcel
from orders.operations.paying import note_payment_received
from orders.operations.paying_out import execute_refunds
from orders.operations.placing import place_order
from orders.operations.provider_news import hear_of_dispute
from orders.operations.refunding import grant_refund
from orders.operations.shipping import hand_over_parcel
from shop.models import User
from shop.queries.audit import breaches
from tests.factories.bags import ANA, filled_bag, ordered, shown_to
from tests.factories.orders import service_level
from tests.factories.shop import StaffFactory, UserFactory, VariantFactory
from tests.orders.test_choices import scan
from tests.orders.test_drafting import draft_for

pytestmark = pytest.mark.django_db
CASH = {"provider": "cash_on_delivery", "payment_token": ""}


def balances(order: Order) -> tuple[int, int, int]:
    payment = Payment.objects.get(order=order)
    return payment.captured_minor, payment.granted_minor, payment.refunded_minor


def asked(order: Order, settings: Any, at: datetime) -> tuple[RefundGrant, User]:
    """A gesture that waits for a second person, and that person."""
    settings.REFUND_APPROVAL_FROM_MINOR = 1000
    grant = grant_refund(
        order_id=order.pk, amount_minor=1500, reason="Sorry", origin="test:1", by=StaffFactory(), at=at
    )
    assert grant.state == RefundGrant.State.ASKED
    return grant, StaffFactory(is_superuser=True)


def dispute(order: Order, *, won: bool, at: datetime) -> None:
    charge = order.payment.events.get(kind="capture")
    hear_of_dispute(
        reference="dp_1",
        charge_reference=charge.provider_ref,
        amount_minor=charge.amount_minor,
        won=won,
        taken=True,
        at=at,
    )


def test_what_waits_for_a_second_person_goes_back_with_the_rest_of_a_cancelled_order(
    now: datetime, settings: Any
) -> None:
    order = ordered(at=now)
    grant, second = asked(order, settings, now)

    cancel_order(order_id=order.pk, by=None, at=now)
    execute_refunds(now)

    assert balances(order) == (2890, 2890, 2890)
    assert list(RefundGrant.objects.order_by("id").values_list("state", "amount_minor")) == [
        ("refused", 1500),
        ("sent", 2890),
    ]
    with pytest.raises(NotAsked):
        approve_refund(grant_id=grant.pk, by=second, at=now)
    assert breaches() == []


def test_refused_after_the_order_was_cancelled_all_goes_back(
    now: datetime, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = ordered(at=now)
    grant, second = asked(order, settings, now)
    with monkeypatch.context() as patch:  # as it was cancelled before what waits was withdrawn
        patch.setattr(cancelling, "give_back_rest", lambda **kwargs: None)
        cancel_order(order_id=order.pk, by=None, at=now)
        assert [breach.code for breach in breaches()] == ["M09"]

    refuse_refund(grant_id=grant.pk, by=second, at=now)
    execute_refunds(now)

    assert balances(order) == (2890, 2890, 2890)
    assert breaches() == []


def test_money_a_bank_gives_back_after_the_order_was_cancelled_goes_to_her(now: datetime) -> None:
    order = ordered(at=now)
    dispute(order, won=False, at=now)
    cancel_order(order_id=order.pk, by=None, at=now)
    assert balances(order) == (2890, 0, 0)

    for _ in range(2):
        dispute(order, won=True, at=now)
    execute_refunds(now)

    assert balances(order) == (2890, 2890, 2890)
    assert breaches() == []


def test_credit_that_went_back_when_it_was_let_go_does_not_go_back_with_a_late_payment(now: datetime) -> None:
    give_credit(email="ana@example.com", amount_minor=1000, currency="EUR", reason="Sorry", key="k", by=None, at=now)
    cart, _token = filled_bag(at=now)
    request = replace(ANA, use_credit=True, payment_token="test:answers-late")
    shown = replace(shown_to(cart, request, at=now), credit_minor=1000)
    ana = UserFactory(email="ana@example.com")
    order = place_order(key=uuid4(), cart_id=cart.pk, request=request, shown=shown, customer=ana, at=now)
    submission = Submission.objects.get(order=order)

    let_go(submission_id=submission.pk, at=now)
    finalize(submission_id=submission.pk, reference="test-charge-1", at=now)

    grant = RefundGrant.objects.get()
    assert (grant.amount_minor, grant.credit_minor) == (1890, 0)
    assert StoreCredit.objects.get().balance_minor == 1000
    assert breaches() == []


# -- A guaranteed date that was missed --------------------------------------------------------------------------------


def arrived_late(order: Order, at: datetime) -> datetime:
    """Bring a guaranteed order five hours after its day; return when."""
    Order.objects.filter(pk=order.pk).update(guaranteed=True)
    parcel = order.parcels.get()
    pack_parcel(parcel_id=parcel.pk, by=None, at=at)
    hand_over_parcel(parcel_id=parcel.pk, carrier="demo", tracking_number="D123456", by=StaffFactory(), at=at)
    late = Promise.objects.get(order=order).breaks_at + timedelta(hours=5)
    scan(Parcel.objects.get(pk=parcel.pk), "delivered", late)
    return late


@pytest.mark.parametrize(("kept", "back", "found"), [(True, [490], []), (False, [], ["O52"])])
def test_the_fee_of_an_order_paid_at_the_door_goes_back_when_its_money_is_noted(
    now: datetime, monkeypatch: pytest.MonkeyPatch, kept: bool, back: list[int], found: list[str]
) -> None:
    order = ordered(at=now, **CASH)
    late = arrived_late(order, now)
    assert not RefundGrant.objects.exists()
    if not kept:  # the control
        monkeypatch.setattr(paying, "keep_guarantee", lambda order, at: None)

    note_payment_received(
        order_id=order.pk, amount_minor=2890, reference="E1", by=StaffFactory(), at=late + timedelta(days=1)
    )

    origin = f"orders.guarantee:{order.pk}"
    assert list(RefundGrant.objects.values_list("origin", "amount_minor")) == [(origin, minor) for minor in back]
    assert [breach.code for breach in breaches()] == found


def test_what_the_bank_took_back_does_not_stop_the_scan_and_the_fee_follows_when_it_is_given_back(
    now: datetime,
) -> None:
    order = ordered(at=now)
    dispute(order, won=False, at=now)

    late = arrived_late(order, now)

    assert order.parcels.get().status == Parcel.Status.DELIVERED
    assert not RefundGrant.objects.exists()
    assert breaches() == []
    dispute(order, won=True, at=late)
    assert RefundGrant.objects.get().amount_minor == 490
    assert breaches() == []


# -- On the phone, and what is typed ----------------------------------------------------------------------------------


def test_a_discount_agreed_on_the_phone_counts_after_an_earlier_one_was_switched_off(now: datetime) -> None:
    draft_for(now, discount_bp=1000)
    Promotion.objects.update(active=False)

    for _ in range(2):
        draft_for(now, discount_bp=1000)

    assert list(Promotion.objects.order_by("id").values_list("active", flat=True)) == [False, True]


def test_no_price_is_taken_in_another_currency(now: datetime) -> None:
    service_level()
    service = ServiceLevel.objects.order_by("id")[0]
    service.currency = "USD"

    for row in (service, VariantFactory.build(currency="USD")):
        with pytest.raises(ValidationError, match="This shop sells in EUR"):
            row.clean()


def test_withdrawn_is_what_waits_and_nothing_else(now: datetime, settings: Any) -> None:
    order = ordered(at=now)
    settings.REFUND_APPROVAL_FROM_MINOR = 100_000
    grant = grant_refund(order_id=order.pk, amount_minor=300, reason="Sorry", origin="test:0", by=None, at=now)
    asked(order, settings, now)

    payment = Payment.objects.select_for_update().get(order=order)
    refunding.give_back_rest(order=order, payment=payment, origin="test:2", by=None, at=now)

    grant.refresh_from_db()
    assert grant.state == RefundGrant.State.GRANTED
    assert balances(order) == (2890, 2890, 0)
