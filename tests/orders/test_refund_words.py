"""Staff read in one sentence what can go back and where a refund is, and pay out nothing a bank has taken back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from orders.admin.refund_words import what_can_go_back, where_it_is
from orders.gateways.payments import Declined, OutcomeUnknown
from orders.gateways.payments.test_card import TestCard
from orders.models import Order, Payment, PaymentEvent, RefundGrant, StoreCredit
from orders.operations import paying_out
from orders.operations.paying_out import BankHasIt, execute_refunds, note_bounced, settle_by_hand
from orders.operations.provider_news import hear_of_dispute
from orders.operations.refunding import grant_refund
from orders.queries.attention import count_refunds_by_hand
from shop.queries.audit import breaches
from tests.accounts import said_again
from tests.factories.bags import ordered
from tests.factories.shop import StaffFactory
from tests.orders.test_all_goes_back import dispute
from tests.orders.test_money import note, transfer

pytestmark = pytest.mark.django_db
NOW_WITH_HER = "was taken back by the shopper's bank and is with her"


def give(order: Order, minor: int, now: datetime, origin: str = "t:1", **more: Any) -> RefundGrant:
    known = {"reason": "Sorry", "by": None} | more
    return grant_refund(order_id=order.pk, amount_minor=minor, origin=origin, at=now, **known)


def can(order: Order) -> str:
    return what_can_go_back(Payment.objects.get(order=order))


def now_of(grant: RefundGrant) -> str:
    return where_it_is(RefundGrant.objects.select_related("payment").get(pk=grant.pk))


def test_before_anything_came_in_it_says_so(now: datetime) -> None:
    assert can(transfer(now)) == "Nothing: no money has come in for this order yet."
    at_the_door = ordered(at=now, provider="cash_on_delivery", payment_token="")
    assert can(at_the_door) == "Nothing: it is paid at the door, and the money is not noted yet."


def test_of_an_order_that_is_paid_in_part_what_is_here_can_go_back(now: datetime) -> None:
    order = transfer(now)
    note(order, 1000, "E2E 1", now)

    assert can(order) == "€10.00 of €10.00."


def test_after_refunds_it_says_where_the_rest_went(now: datetime, settings: Any) -> None:
    order = ordered(at=now)
    give(order, 1000, now)
    execute_refunds(now)
    give(order, 500, now, "t:2")
    settings.REFUND_APPROVAL_FROM_MINOR = 1
    give(order, 390, now, "t:3", by=StaffFactory())

    assert can(order) == (
        "€10.00 of €28.90: €10.00 went back; €5.00 is decided and on its way back; €3.90 waits for a second person,"
        " under Refunds."
    )


def test_in_a_dispute_it_says_that_her_bank_has_it(now: datetime) -> None:
    order = ordered(at=now)
    dispute(order, won=False, at=now)
    assert can(order) == f"Nothing of €28.90: €28.90 {NOW_WITH_HER}."

    dispute(order, won=True, at=now)
    assert can(order) == "€28.90 of €28.90."


def press(client: Client, order: Order, amount: str) -> str:
    payment = Payment.objects.get(order=order)
    url = reverse("admin:orders_payment_refund", args=[payment.pk])
    data = {"amount": amount, "reason": "Sorry", "key": "0b9f6c0e-6a55-4c05-9b2b-1c1d1b6a7a10"}
    answer = client.post(url, data)
    assert answer.status_code == 303
    return [str(message) for message in get_messages(answer.wsgi_request)][-1]


def test_a_second_refund_that_is_too_much_is_refused_with_what_is_left(now: datetime, client: Client) -> None:
    order = ordered(at=now)
    give(order, 2000, now)
    execute_refunds(now)
    client.force_login(StaffFactory(is_superuser=True))
    said_again(client)

    assert press(client, order, "10") == "Nothing was changed. What can go back: €8.90 of €28.90: €20.00 went back."
    assert (RefundGrant.objects.count(), Payment.objects.get().granted_minor) == (1, 2000)


def test_where_a_bank_has_all_of_it_nothing_is_offered(now: datetime, client: Client) -> None:
    order = ordered(at=now)
    dispute(order, won=False, at=now)
    client.force_login(StaffFactory(is_superuser=True))

    page = client.get(reverse("admin:orders_payment_change", args=[order.payment.pk])).content.decode()

    assert "Give money back" not in page
    assert "is with her" in page


@pytest.mark.parametrize("guarded", [True, False])
def test_what_her_bank_took_back_meanwhile_is_not_paid_out_a_second_time(
    now: datetime, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """The control pays it out: then she has it twice."""
    order = ordered(at=now)
    grant = give(order, 2890, now)
    dispute(order, won=False, at=now)
    if not guarded:
        monkeypatch.setattr(paying_out, "bank_has", lambda payment, grant: False)
        execute_refunds(now)
        settle_by_hand(grant_id=grant.pk, reference="OUT", by=StaffFactory(), at=now)
        payment = Payment.objects.get()
        assert payment.refunded_minor + payment.charged_back_minor == 2 * payment.captured_minor
        return

    execute_refunds(now)
    grant.refresh_from_db()
    assert grant.state == "disputed"
    assert now_of(grant).startswith("Do not pay it out: the shopper's bank has taken this money back")
    assert count_refunds_by_hand(now) == 0
    with pytest.raises(BankHasIt):
        settle_by_hand(grant_id=grant.pk, reference="OUT", by=StaffFactory(), at=now)
    assert Payment.objects.get().refunded_minor == 0

    dispute(order, won=True, at=now)
    execute_refunds(now)
    assert Payment.objects.get().refunded_minor == 2890
    assert breaches() == []


def test_what_waited_for_a_person_waits_for_the_bank_and_then_for_the_person_again(now: datetime) -> None:
    order = ordered(at=now)
    grant = give(order, 2890, now, destination="bank")
    execute_refunds(now)
    states = []
    for won in (False, True):
        dispute(order, won=won, at=now)
        execute_refunds(now)
        grant.refresh_from_db()
        states.append((grant.state, count_refunds_by_hand(now)))

    assert states == [("disputed", 0), ("by_hand", 1)]
    assert breaches() == []


@pytest.mark.parametrize("guarded", [True, False])
def test_store_credit_is_not_given_for_what_her_bank_took_back(
    now: datetime, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """The control gives it: then she has the money and the credit."""
    order = ordered(at=now)
    give(order, 2890, now, destination="store_credit")
    dispute(order, won=False, at=now)
    if not guarded:
        monkeypatch.setattr(paying_out, "bank_has", lambda payment, grant: False)

    execute_refunds(now)

    assert [account.balance_minor for account in StoreCredit.objects.all()] == ([] if guarded else [2890])
    if guarded:
        dispute(order, won=True, at=now)
        execute_refunds(now)
        assert StoreCredit.objects.get().balance_minor == 2890
        assert breaches() == []


def test_a_refund_that_came_back_is_held_while_her_bank_has_the_money(now: datetime) -> None:
    order = ordered(at=now)
    grant = give(order, 2890, now)
    execute_refunds(now)
    sent = PaymentEvent.objects.get(kind="refund", phase="succeeded")
    dispute(order, won=False, at=now)

    note_bounced(grant_id=grant.pk, reference=sent.provider_ref, at=now)
    grant.refresh_from_db()
    assert (grant.state, grant.error) == ("disputed", "Bounced")

    dispute(order, won=True, at=now)
    grant.refresh_from_db()
    assert grant.state == "failed"  # the card is closed: a person transfers it


def test_what_a_bank_took_back_of_a_part_leaves_the_rest_to_be_paid_out(now: datetime) -> None:
    order = ordered(at=now)
    grant = give(order, 1000, now, destination="bank")
    execute_refunds(now)
    charge = order.payment.events.get(kind="capture")
    hear_of_dispute(
        reference="dp_2", charge_reference=charge.provider_ref, amount_minor=1890, won=False, taken=True, at=now
    )

    settle_by_hand(grant_id=grant.pk, reference="OUT", by=StaffFactory(), at=now)

    assert Payment.objects.get().refunded_minor == 1000


@pytest.mark.parametrize(
    ("problem", "said"),
    [
        (Declined, "The card provider refuses it: the payment is too old, disputed or given back there."),
        (OutcomeUnknown, "The card provider did not answer. Look in its dashboard whether it was sent;"),
    ],
)
def test_a_refund_the_provider_would_not_take_says_what_to_do(
    now: datetime, monkeypatch: pytest.MonkeyPatch, problem: type[Exception], said: str
) -> None:
    order = ordered(at=now)
    grant = give(order, 1000, now)
    assert now_of(grant) == "The worker sends it. Nobody has to do anything."

    def no(self: TestCard, **_: object) -> str:
        raise problem

    monkeypatch.setattr(TestCard, "refund", no)
    execute_refunds(now)
    assert now_of(grant).startswith("The card provider did not take it at the first try.")
    RefundGrant.objects.update(attempts=paying_out.MAX_ATTEMPTS - 1, due_at=now)
    execute_refunds(now)

    assert RefundGrant.objects.get().state == "failed"
    assert now_of(grant).startswith(said)


def test_a_refund_that_came_back_says_whom_to_ask(now: datetime) -> None:
    order = ordered(at=now)
    grant = give(order, 1000, now)
    execute_refunds(now)
    assert now_of(grant) == "It was sent. With a card it takes her bank some days to show it."
    sent = order.payment.events.get(kind="refund", phase="succeeded")

    note_bounced(grant_id=grant.pk, reference=sent.provider_ref, at=now)

    assert now_of(grant).startswith("Her bank sent it back: the card or account is closed.")
