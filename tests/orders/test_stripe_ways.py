"""Ways to pay that settle days after the page is done: refused before the shop opens, and never taken for money.

The peer is ours, over real HTTP (tests/stripe_peer.py).  Source: docs.stripe.com/payments/dashboard-payment-methods
(delayed notification).
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from stripe.params.checkout import _session_create_params

from orders.checks import orders_fit_for_the_public
from orders.gateways.payments import stripe_checkout
from orders.gateways.payments.protocol import Paid
from orders.models import Order, Payment
from orders.operations.unpaid import watch_payments
from orders.rules.payment_page import AT_ONCE, LATER
from shop.models import Event, StockLevel
from shop.queries.audit import breaches
from tests.orders.test_stripe import place, sweep
from tests.orders.test_stripe_refusals import pages
from tests.pages import words
from tests.stripe_peer import StripePeer


@pytest.fixture(autouse=True)
def _monday(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)


UNDECIDED = {"bizum", "paypay", "payto", "scalapay", "sequra", "sunbit", "upi"}  # in the SDK, and we do not know


@pytest.mark.parametrize(
    ("ways", "found"),
    [
        (["card"], []),
        (["card", "ideal", "klarna", "paypal", "twint"], []),
        (["card", "sepa_debit"], ["orders.E001"]),
        (["customer_balance"], ["orders.E001"]),
        (["card", "us_bank_account", "sepa-debit"], ["orders.E001", "orders.E002"]),
        (["card", "upi"], ["orders.E002"]),
        ([], ["orders.E002"]),
    ],
)
def test_only_ways_to_pay_that_settle_at_once_are_fit_for_the_public(
    settings: Any, ways: list[str], found: list[str]
) -> None:
    settings.STRIPE_SECRET_KEY, settings.STRIPE_PAYMENT_METHODS = "sk_live_1", ways

    assert [message.id for message in orders_fit_for_the_public(None)] == found

    settings.STRIPE_SECRET_KEY = ""  # nobody pays there
    assert orders_fit_for_the_public(None) == []


def test_what_is_wrong_is_named(settings: Any) -> None:
    settings.STRIPE_SECRET_KEY, settings.STRIPE_PAYMENT_METHODS = "sk_live_1", ["card", "sepa_debit", "boleto"]

    [error] = orders_fit_for_the_public(None)

    assert error.msg == (
        "STRIPE_PAYMENT_METHODS names ways to pay that settle days after the page is done: sepa_debit, boleto."
    )


def test_every_way_to_pay_of_the_sdk_is_known_or_refused() -> None:
    """A new one of a new SDK is found here, and refused until somebody has looked when it settles."""
    with open(_session_create_params.__file__, encoding="utf-8") as file:
        found = re.search(r"allowed_payment_method_types.*?Literal\[(.*?)\]", file.read(), re.DOTALL)
    assert found is not None
    of_the_sdk = set(re.findall(r'"(\w+)"', found[1]))

    assert (AT_ONCE | LATER) - of_the_sdk == set()
    assert of_the_sdk - AT_ONCE - LATER == UNDECIDED
    assert set() == AT_ONCE & LATER


@pytest.mark.django_db
def test_a_finished_page_without_money_is_no_payment(client: Client, peer: StripePeer, now: datetime) -> None:
    order = place(now)
    peer.debit(order.payment.session_ref)

    order = sweep(now)
    assert (order.status, order.payment.captured_minor, order.payment.expires_at) == ("placing", 0, None)
    assert watch_payments(now + timedelta(minutes=30)) == 0  # nobody asks her to pay what she did
    assert "we are waiting for your bank" in words(client.get(pages(peer, order)[1]))

    peer.settle(order.payment.session_ref, arrived=True)
    order = sweep(now)
    assert (order.status, order.payment.captured_minor) == ("placed", 2890)
    assert breaches() == []


@pytest.mark.django_db
def test_a_debit_that_came_to_nothing_frees_the_pieces(peer: StripePeer, now: datetime) -> None:
    order = place(now)
    peer.debit(order.payment.session_ref)
    sweep(now)

    peer.settle(order.payment.session_ref, arrived=False)
    order = sweep(now)

    assert (order.status, order.payment.captured_minor, StockLevel.objects.get().allocated) == ("declined", 0, 0)
    assert Event.objects.values_list("name", flat=True).get() == "orders.order.expired"
    assert breaches() == []


@pytest.mark.django_db
def test_who_takes_a_finished_page_for_money_sends_goods_for_nothing(
    peer: StripePeer,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The control: the same page, read by its status instead of its payment status."""
    order = place(now)
    peer.debit(order.payment.session_ref)
    real = stripe_checkout._read
    monkeypatch.setattr(stripe_checkout, "_read", lambda page: Paid("x") if page.status == "complete" else real(page))

    assert sweep(now).status == "placed"
    assert (Order.objects.get().payment_status, Payment.objects.get().captured_minor) == ("paid", 2890)
