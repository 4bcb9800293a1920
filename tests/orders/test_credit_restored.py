"""Credit that goes back: to the account that paid no more than it paid, the rest to whoever ordered."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from threading import Barrier, BrokenBarrierError
from uuid import uuid4

import pytest
from django.db import transaction
from django.db.models import Sum
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from orders.gateways.payments import Bill, OutcomeUnknown, Paid
from orders.gateways.payments.test_card import TestCard
from orders.models import Cart, CreditEntry, Order, Payment, RefundGrant, StoreCredit, Submission
from orders.operations import credit, paying_out
from orders.operations.cancelling import cancel_order
from orders.operations.credit import give_credit, restore
from orders.operations.finishing import finalize, let_go
from orders.operations.paying_out import execute_refunds
from orders.operations.placing import place_order
from orders.operations.refunding import NothingToRefund, grant_refund
from shop.models import User
from shop.queries.audit import breaches
from shop.rules.money import Money
from tests.crowds import at_once
from tests.factories.bags import ANA, filled_bag, ordered, shown_to
from tests.factories.shop import UserFactory
from tests.pages import words

RUI = "rui@example.com"  # whose code Ana types
PRICE = 2890


def with_code(
    at: datetime, *, minor: int = 1000, whose: str = RUI, customer: User | None = None, **wanted: object
) -> Order:
    """An order of one mug (28.90) that Ana placed and paid with Rui's code, as far as it reaches, and her card."""
    key = f"gift:{uuid4()}"
    entry = give_credit(email=whose, amount_minor=minor, currency="EUR", reason="x", key=key, by=None, at=at)
    cart, _token = filled_bag(at=at)
    Cart.objects.filter(pk=cart.pk).update(credit=entry.account)
    request = replace(ANA, use_credit=True, **wanted)  # type: ignore[arg-type]
    shown = replace(shown_to(cart, request, at=at), credit_minor=min(minor, PRICE))
    return place_order(key=uuid4(), cart_id=cart.pk, request=request, shown=shown, customer=customer, at=at)


def give(order: Order, minor: int, at: datetime, *, to: str, origin: str = "tests:1") -> RefundGrant:
    return grant_refund(
        order_id=order.pk, amount_minor=minor, reason="x", origin=origin, by=None, at=at, destination=to
    )


def came_back(order: Order) -> dict[str, int]:
    """What went back as store credit, by the address it went to."""
    rows = CreditEntry.objects.filter(order=order, kind="restore").values("account__email")
    found = rows.annotate(sum=Sum("amount_minor")).order_by("account__email")
    return {row["account__email"]: row["sum"] for row in found}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("refunds", "expected"),
    [
        ([(2890, "store_credit")], {RUI: 1000, ANA.email: 1890}),
        ([(600, "store_credit")], {RUI: 600}),
        ([(600, "store_credit"), (600, "store_credit"), (600, "store_credit")], {RUI: 1000, ANA.email: 800}),
        ([(1890, "original"), (600, "original")], {RUI: 600}),
        ([(1890, "original"), (600, "store_credit"), (400, "original")], {RUI: 1000}),
        ([(2000, "original"), (890, "store_credit")], {RUI: 1000}),
        ([(1890, "store_credit"), (1000, "original")], {RUI: 1000, ANA.email: 890}),
        ([(2890, "bank")], {}),
    ],
)
def test_the_account_that_paid_gets_back_what_it_paid_and_whoever_ordered_the_rest(
    now: datetime, refunds: list[tuple[int, str]], expected: dict[str, int]
) -> None:
    order = with_code(now)

    for number, (minor, to) in enumerate(refunds):
        give(order, minor, now, to=to, origin=f"tests:{number}")
        execute_refunds(now)

    assert came_back(order) == expected
    assert breaches() == []


@pytest.mark.django_db
def test_what_is_hers_is_noted_apart_and_once(now: datetime) -> None:
    order = with_code(now)

    for _twice in range(2):
        with transaction.atomic():
            restore(order=order, amount_minor=1500, key="tests:1", by=None, at=now)

    entries = CreditEntry.objects.filter(kind="restore").order_by("id")
    assert list(entries.values_list("key", "amount_minor", "account__email", "order", "expires_on")) == [
        ("restore:tests:1", 1000, RUI, order.pk, None),
        ("restore:tests:1:own", 500, ANA.email, order.pk, None),
    ]


@pytest.mark.django_db
def test_nobody_gets_anything_from_an_order_that_was_paid_with_her_code_alone(now: datetime) -> None:
    """The whole price was Rui's: nothing is left for whoever ordered."""
    order = with_code(now, minor=5000)

    cancel_order(order_id=order.pk, by=None, at=now)
    execute_refunds(now)

    assert came_back(order) == {RUI: PRICE}
    assert StoreCredit.objects.get(email=RUI).balance_minor == 5000
    assert breaches() == []


@pytest.mark.django_db
@pytest.mark.parametrize("proved", [True, False])
def test_whoever_is_signed_in_gets_it_where_she_can_spend_it(now: datetime, proved: bool) -> None:
    """She typed another address than her own: it may be anybody's."""
    mia = UserFactory(email="mia@example.com", proved=proved)
    order = with_code(now, customer=mia)

    give(order, PRICE, now, to="store_credit")
    execute_refunds(now)

    assert came_back(order) == {RUI: 1000, mia.email if proved else ANA.email: 1890}


@pytest.mark.django_db
def test_an_order_without_credit_gives_credit_to_whoever_ordered(now: datetime) -> None:
    order = ordered(at=now)

    give(order, PRICE, now, to="store_credit")
    execute_refunds(now)

    assert came_back(order) == {ANA.email: PRICE}
    assert breaches() == []


@pytest.mark.django_db
def test_money_of_the_card_that_comes_too_late_goes_back_to_the_card_alone(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The credit went back when the order was let go; it is not given a second time in place of the card's money."""
    with monkeypatch.context() as silent:
        silent.setattr(TestCard, "charge", _no_answer)
        order = with_code(now)
    submission_id = Submission.objects.get(order=order).pk
    let_go(submission_id=submission_id, at=now)
    bill = Bill("late", Money(1890, "EUR"), "test:pays", "", "", "", "en", "", "", now)
    paid = TestCard().charge(bill)
    assert isinstance(paid, Paid)

    finalize(submission_id=submission_id, reference=paid.reference, at=now)
    execute_refunds(now)

    grant = RefundGrant.objects.get(payment__order=order)
    assert (grant.amount_minor, grant.credit_minor, grant.state) == (1890, 0, "sent")
    assert came_back(order) == {RUI: 1000}
    assert breaches() == []


def _no_answer(self: TestCard, bill: Bill) -> str:
    raise OutcomeUnknown


@pytest.mark.django_db
def test_the_owner_of_the_code_sees_what_went_and_came_and_nothing_of_the_order(client: Client, now: datetime) -> None:
    rui = UserFactory(email=RUI)
    order = with_code(now)
    give(order, PRICE, now, to="store_credit")
    execute_refunds(now)
    client.force_login(rui)

    page = client.get("/account/credit/")

    said = words(page)
    assert "You have €10.00 to spend." in said
    assert ("Spent by code" in said, "Given back by code" in said) == (True, True)
    assert order.number not in page.content.decode()


STEPS = st.lists(
    st.tuples(st.sampled_from(["original", "store_credit", "bank"]), st.integers(1, 2000)), min_size=1, max_size=6
)


@pytest.mark.django_db
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
@given(steps=STEPS, minor=st.integers(1, 4000))
def test_whatever_goes_back_in_parts_nobody_gets_what_she_did_not_pay(
    now: datetime, steps: list[tuple[str, int]], minor: int
) -> None:
    rui = f"{uuid4()}@example.com"
    order = with_code(now, minor=minor, whose=rui)
    for number, (to, amount) in enumerate(steps):
        with suppress(NothingToRefund):
            give(order, amount, now, to=to, origin=f"tests:{order.pk}:{number}")
        if number % 2:
            execute_refunds(now)
    cancel_order(order_id=order.pk, by=None, at=now)
    execute_refunds(now)

    back = came_back(order)
    granted = RefundGrant.objects.filter(payment__order=order).aggregate(sum=Sum("amount_minor"), c=Sum("credit_minor"))
    assert set(back) <= {rui, ANA.email}
    assert sum(back.values()) == granted["c"]
    assert granted["sum"] == PRICE
    assert back.get(rui, 0) == min(granted["c"], Payment.objects.get(order=order).credit_minor)
    assert breaches(("M01", "M03", "M06")) == []


def _parts_back_at_once(order: Order, now: datetime, monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """Seven workers, each with a refund of four euro to store credit of the same order; Rui had paid ten."""
    monkeypatch.setattr(paying_out, "BATCH", 1)
    for number in range(7):
        give(order, 400, now, to="store_credit", origin=f"tests:{number}")
    at_once(lambda _number: execute_refunds(now), 7)
    return came_back(order)


@pytest.mark.faults
@pytest.mark.django_db(transaction=True)
def test_parts_that_go_back_at_once_give_the_account_no_more_than_it_paid(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _parts_back_at_once(with_code(now), now, monkeypatch) == {RUI: 1000, ANA.email: 1800}
    assert breaches() == []


@pytest.mark.faults
@pytest.mark.django_db(transaction=True)
@pytest.mark.unaudited("the control gives a code more than it paid, on purpose")
def test_without_the_lock_of_the_order_the_same_parts_give_it_more(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: each reads what the account had back before the others have written."""
    looked, kept = Barrier(7), credit.room_of

    def reads(account: StoreCredit, order: Order) -> int:
        found = kept(account, order)
        with suppress(BrokenBarrierError):
            looked.wait(timeout=20)
        return found

    def unlocked(grant_id: int) -> tuple[Order, Payment, RefundGrant]:
        grant = RefundGrant.objects.select_related("payment__order__customer").get(pk=grant_id)
        return grant.payment.order, grant.payment, grant

    monkeypatch.setattr(credit, "room_of", reads)
    monkeypatch.setattr(paying_out, "_lock", unlocked)

    assert _parts_back_at_once(with_code(now), now, monkeypatch) == {RUI: 2800}
    assert "M03" in {found.code for found in breaches()}
