"""Stripe's hosted Checkout against a peer over real HTTP: every way it can go ends at one order or at none.

localstripe knows neither payment pages nor disputes, so the peer is ours (tests/stripe_peer.py).
Source: reliability reference 1.1, T02, T04, T11, T43.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import permutations
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from orders.models import Order, OrderAccess, Payment, PaymentEvent, RefundGrant, Submission
from orders.operations import finishing
from orders.operations.finishing import NoAnswer, finish_placements, finish_submission, give_up
from orders.operations.paying_out import execute_refunds, settle_by_hand
from orders.operations.placing import place_order
from orders.operations.refunding import grant_refund
from orders.operations.unpaid import watch_payments
from shop.models import Event, Inbound, StockLevel
from shop.operations.inbound import process_inbound
from shop.queries.audit import breaches
from tests.factories.bags import ANA, filled_bag, shown_to
from tests.factories.shop import StaffFactory
from tests.stripe_peer import StripePeer, signed

pytestmark = pytest.mark.django_db
CARD = replace(ANA, provider="stripe", payment_token="")
HOOK = "/hooks/stripe/"


def place(now: datetime) -> Order:
    cart, _token = filled_bag(at=now)
    return place_order(key=uuid4(), cart_id=cart.pk, request=CARD, shown=shown_to(cart, CARD, at=now), at=now)


def sweep(now: datetime) -> Order:
    """What the sweep finds once the pause between two looks is over."""
    Submission.objects.update(lease_until=now - timedelta(days=1))
    finish_placements(now)
    return Order.objects.select_related("payment").get()


def tell(client: Client, body: bytes, *, header: str | None = None) -> int:
    return client.post(
        HOOK, body, content_type="application/json", headers={"Stripe-Signature": header or signed(body)}
    ).status_code


def refunds_due(now: datetime) -> None:
    RefundGrant.objects.update(due_at=now - timedelta(days=1), lease_until=None)
    execute_refunds(now)


def test_the_order_waits_on_the_page_and_stands_once_it_is_paid(peer: StripePeer, now: datetime) -> None:
    order = place(now)
    page = peer.sessions[order.payment.session_ref]
    assert (order.status, StockLevel.objects.get().allocated) == ("placing", 1)
    assert (page["amount_total"], page["currency"], page["client_reference_id"]) == (2890, "eur", order.number)
    assert page["success_url"] == page["cancel_url"] + "?paid=1"
    assert sweep(now).status == "placing"  # redirect never, card declined, 3-D Secure broken off: the page stays open

    peer.pay(page["id"])
    order = sweep(now)

    assert (order.status, order.payment_status, order.payment.captured_minor) == ("placed", "paid", 2890)
    assert PaymentEvent.objects.values_list("kind", "provider_ref").get() == ("capture", f"pi_{page['id']}")
    assert order.payment.expires_at is None
    assert breaches() == []


@pytest.mark.parametrize("trouble", ["lost", "500", "down", "busy"])
def test_an_answer_that_gets_lost_opens_one_page_and_charges_once(
    peer: StripePeer, now: datetime, trouble: str
) -> None:
    peer.trouble = trouble
    order = place(now)
    assert (order.status, order.payment.session_ref) == ("placing", "")
    peer.trouble = ""

    order = sweep(now)
    assert (order.payment.session_ref, len(peer.sessions)) == ("cs_test_1", 1)
    peer.pay("cs_test_1")
    peer.trouble = trouble
    assert sweep(now).status == "placing"
    peer.trouble = ""

    assert (sweep(now).status, PaymentEvent.objects.count(), OrderAccess.objects.count()) == ("placed", 1, 1)
    assert breaches() == []


def test_without_the_key_two_pages_would_be_open(
    peer: StripePeer, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the same story with a fresh key for each call."""
    real = finishing._bill
    monkeypatch.setattr(finishing, "_bill", lambda *known: replace(real(*known), key=str(uuid4())))
    peer.trouble = "lost"
    place(now)
    peer.trouble = ""

    sweep(now)

    assert len(peer.sessions) == 2


def test_a_page_nobody_paid_on_is_told_then_let_go(peer: StripePeer, now: datetime) -> None:
    order = place(now)

    assert watch_payments(now + timedelta(minutes=19)) == 0
    assert [watch_payments(now + timedelta(minutes=21)) for _twice in range(2)] == [1, 0]
    peer.let_expire(order.payment.session_ref)
    order = sweep(now)

    assert (order.status, order.cart, StockLevel.objects.get().allocated) == ("declined", None, 0)
    assert list(Event.objects.order_by("id").values_list("name", flat=True)) == [
        "orders.payment.reminded",
        "orders.order.expired",
    ]
    assert breaches() == []


def test_changing_the_order_closes_the_page_first(peer: StripePeer, now: datetime) -> None:
    order = place(now)

    peer.trouble = "down"
    with pytest.raises(NoAnswer):
        give_up(order_id=order.pk, at=now)
    assert Order.objects.get().status == "placing"
    peer.trouble = ""
    assert give_up(order_id=order.pk, at=now).status == "declined"

    assert peer.sessions[order.payment.session_ref]["status"] == "expired"
    assert (Event.objects.count(), StockLevel.objects.get().allocated) == (0, 0)


def test_paid_a_moment_before_she_changed_her_mind_the_order_stands(peer: StripePeer, now: datetime) -> None:
    order = place(now)
    peer.pay(order.payment.session_ref)

    assert give_up(order_id=order.pk, at=now).status == "placed"
    assert breaches() == []


def test_money_for_an_order_that_was_let_go_goes_back(peer: StripePeer, now: datetime) -> None:
    order = place(now)
    peer.pay(order.payment.session_ref)
    submission = Submission.objects.get()
    finishing.let_go(submission_id=submission.pk, at=now)

    for _twice in range(2):
        finish_submission(submission_id=submission.pk, at=now)
    refunds_due(now)

    payment = Payment.objects.get()
    assert (payment.captured_minor, payment.refunded_minor, Order.objects.get().status) == (2890, 2890, "declined")
    assert breaches() == []


def test_notices_in_any_order_and_repeated_are_one_order(client: Client, peer: StripePeer, now: datetime) -> None:
    order = place(now)
    page = peer.sessions[order.payment.session_ref]
    kinds = ("checkout.session.completed", "checkout.session.async_payment_succeeded", "payment_intent.succeeded")
    # The notice is faster than the answer to our own call: we do not know the page yet.
    Payment.objects.update(session_ref="", session_url="")
    peer.pay(page["id"])

    for number, order_of_kinds in enumerate(permutations(kinds)):
        for kind in order_of_kinds:
            thing = page if kind.startswith("checkout") else {"object": "payment_intent", "id": page["payment_intent"]}
            body = peer.notice(kind, thing, ident=f"evt_{kind}_{number % 2}")
            assert tell(client, body) == 202
        process_inbound(now)
        finish_placements(now + timedelta(seconds=1))

    order.refresh_from_db()
    assert (order.status, PaymentEvent.objects.count()) == ("placed", 1)
    assert Inbound.objects.filter(source="stripe").count() == 6
    assert not Inbound.objects.exclude(state__in=["processed", "ignored"]).exists()
    assert breaches() == []


def test_only_stripe_is_believed(client: Client, peer: StripePeer, now: datetime) -> None:
    body = peer.notice("checkout.session.completed", {"object": "checkout.session", "id": "cs_x"})

    assert tell(client, body, header=signed(body, secret="whsec_forged")) == 401
    assert tell(client, body, header=signed(body, at=now.timestamp() - 10**6)) == 401
    assert tell(client, body + b" ", header=signed(body)) == 401
    assert client.post(HOOK, body, content_type="application/json").status_code == 401
    assert tell(client, b'{"id": 1}') == 400
    assert Inbound.objects.count() == 0
    assert tell(client, body, header=signed(body, secret="whsec_old")) == 202
    process_inbound(now)
    assert Inbound.objects.values_list("state", flat=True).get() == "ignored"


def paid(peer: StripePeer, now: datetime) -> Order:
    order = place(now)
    peer.pay(order.payment.session_ref)
    return sweep(now)


def grant(order: Order, amount_minor: int, now: datetime) -> RefundGrant:
    return grant_refund(order_id=order.pk, amount_minor=amount_minor, reason="x", origin="tests:1", by=None, at=now)


def test_a_refund_whose_answer_gets_lost_is_sent_once(peer: StripePeer, now: datetime) -> None:
    granted = grant(paid(peer, now), 1000, now)
    for trouble in ("lost", "500", ""):
        peer.trouble = trouble
        refunds_due(now)

    granted.refresh_from_db()
    assert (granted.state, [refund["amount"] for refund in peer.refunds.values()]) == ("sent", [1000])
    assert breaches() == []


def test_a_refund_the_bank_sends_back_is_paid_out_by_a_person(client: Client, peer: StripePeer, now: datetime) -> None:
    granted = grant(paid(peer, now), 1000, now)
    refunds_due(now)
    failed = peer.refunds["re_1"] | {"status": "failed"}
    for ident in ("evt_1", "evt_1", "evt_2"):
        tell(client, peer.notice("refund.failed", failed, ident=ident))
    process_inbound(now)

    granted.refresh_from_db()
    assert (granted.state, Payment.objects.get().refunded_minor, Order.objects.get().payment_status) == (
        "failed",
        0,
        "paid",
    )
    assert breaches() == []
    settle_by_hand(grant_id=granted.pk, reference="OUT 1", by=StaffFactory(), at=now)
    tell(client, peer.notice("refund.failed", failed, ident="evt_3"))
    process_inbound(now)
    assert (Payment.objects.get().refunded_minor, Order.objects.get().payment_status) == (1000, "part_refunded")
    assert breaches() == []


DISPUTE: dict[str, Any] = {"object": "dispute", "id": "dp_1", "amount": 2890, "status": "needs_response"}


@pytest.mark.parametrize("late_first", [False, True])
def test_a_bank_takes_money_back_and_gives_it_back(
    client: Client, peer: StripePeer, now: datetime, late_first: bool
) -> None:
    order = paid(peer, now)
    dispute = DISPUTE | {"payment_intent": f"pi_{order.payment.session_ref}"}
    taken = peer.notice("charge.dispute.funds_withdrawn", dispute, ident="evt_1")
    opened = peer.notice("charge.dispute.created", dispute, ident="evt_2")
    won = peer.notice("charge.dispute.closed", dispute | {"status": "won"}, ident="evt_3")

    for body in (won, taken, opened) if late_first else (opened, taken):
        tell(client, body)
        process_inbound(now)
    if not late_first:
        order.refresh_from_db()
        assert (order.payment_status, Payment.objects.get().charged_back_minor) == ("charged_back", 2890)
        assert breaches() == []
        tell(client, won)
        process_inbound(now)

    order.refresh_from_db()
    assert (order.payment_status, Payment.objects.get().charged_back_minor) == ("paid", 0)
    assert list(PaymentEvent.objects.order_by("id").values_list("kind", flat=True)) == [
        "capture",
        "chargeback",
        "reversal",
    ]
    assert breaches() == []


def test_her_page_leads_on_and_lets_her_change(client: Client, peer: StripePeer, now: datetime) -> None:
    order = place(now)
    page = peer.sessions[order.payment.session_ref]
    back, give = (page[name].replace("http://127.0.0.1:8000", "") for name in ("success_url", "cancel_url"))
    OrderAccess.objects.update(expires_at="2199-01-01T00:00:00Z")

    waiting, undecided = client.get(back), client.get(give)
    assert b'http-equiv="refresh"' in waiting.content
    assert b"Your" in undecided.content
    assert b'http-equiv="refresh"' not in undecided.content
    door = give.replace("/thanks/", "/payment/")
    assert client.post(door, {"action": "pay"})["Location"] == page["url"]
    assert client.post(door, {"action": "change"})["Location"] == "/checkout/"
    assert Order.objects.get().status == "declined"
