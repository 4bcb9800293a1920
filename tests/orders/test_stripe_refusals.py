"""Stripe says no, asks whether it is her, or says nothing: she finds a page that says what happened and what to do.

The peer is ours, over real HTTP (tests/stripe_peer.py); its payloads are held against the official SDK's classes.
Source: docs.stripe.com/declines, docs.stripe.com/payments/3d-secure; reliability reference T02, T04, T11.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
import stripe
from django.test import Client

from orders.gateways import payments
from orders.gateways.payments import stripe_checkout
from orders.gateways.payments.stripe_checkout import StripeCheckout
from orders.models import Order, OrderAccess, Payment, PaymentEvent
from orders.operations import provider_news
from orders.operations.finishing import finish_placements
from orders.operations.unpaid import watch_payments
from orders.queries.refusals import last_refusal
from orders.rules.payment_page import Refusal, refusal_of
from shop.models import Inbound, StockLevel
from shop.operations.inbound import process_inbound
from shop.queries.audit import breaches
from tests.orders.test_stripe import DISPUTE, paid, place, sweep, tell
from tests.pages import words
from tests.stripe_peer import SECRET, StripePeer, signed
from tests.stripe_shapes import CREATED, declined, not_confirmed, strange_fields, strange_parameters

pytestmark = pytest.mark.django_db
HELD = "Your pieces are held for you until 10:05. Pay €28.90 until then, and the order stands."


@pytest.fixture(autouse=True)
def _monday(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)


def pages(stripe_peer: StripePeer, order: Order) -> tuple[str, str]:
    """Where Stripe leads her back to: when she paid, and when she gave up."""
    page = stripe_peer.sessions[order.payment.session_ref]
    return tuple(page[name].replace("http://127.0.0.1:8000", "") for name in ("success_url", "cancel_url"))  # type: ignore[return-value]


def told(client: Client, body: bytes, now: datetime) -> None:
    """A notice arrives and is understood."""
    assert tell(client, body) == 202
    process_inbound(now)


def failed(stripe_peer: StripePeer, thing: dict[str, Any], *, ident: str = "evt_1", later: int = 0) -> bytes:
    return stripe_peer.notice("payment_intent.payment_failed", thing, ident=ident, created=CREATED + later)


# -- Declined -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (declined("generic_decline"), "Your bank declined the card, and tells us no reason."),
        (declined("stolen_card"), "Your bank declined the card, and tells us no reason."),
        (declined("insufficient_funds"), "this card does not cover the amount, or that its limit is reached"),
        (declined("expired_card", code="expired_card"), "its number, its date or its code does not fit"),
        (not_confirmed(), "Your bank could not confirm that it is you (3-D Secure)."),
    ],
)
def test_declined_on_the_page_she_reads_why_what_holds_and_what_to_do(
    client: Client,
    peer: StripePeer,
    now: datetime,
    error: dict[str, Any],
    sentence: str,
) -> None:
    order = place(now)
    reference = order.payment.session_ref
    thing = peer.refuse(reference, error)
    for _twice in range(2):
        told(client, failed(peer, thing), now)

    said = words(client.get(pages(peer, order)[1]))

    assert "The payment did not go through" in said
    assert f"{sentence}" in said
    assert f"Nothing was charged. {HELD}" in said
    assert "Try again, or another card" in said
    assert "Pay another way, or change the order" in said
    assert (peer.sessions[reference]["status"], sweep(now).status) == ("open", "placing")
    assert StockLevel.objects.get().allocated == 1
    assert list(PaymentEvent.objects.values_list("kind", "phase", "amount_minor")) == [("capture", "failed", 2890)]
    assert breaches() == []

    door = pages(peer, order)[1].replace("/thanks/", "/payment/")  # the same page takes another card
    assert client.post(door, {"action": "pay"})["Location"] == peer.sessions[reference]["url"]
    peer.pay(reference)
    order = sweep(now)
    assert (order.status, order.payment.captured_minor) == ("placed", 2890)
    assert "The payment did not go through" not in words(client.get(pages(peer, order)[1]))
    assert breaches() == []


def test_declined_she_pays_another_way_from_the_bag_she_had(client: Client, peer: StripePeer, now: datetime) -> None:
    order = place(now)
    told(client, failed(peer, peer.refuse(order.payment.session_ref, declined("do_not_honor"))), now)
    door = pages(peer, order)[1].replace("/thanks/", "/payment/")

    assert client.post(door, {"action": "change"})["Location"] == "/checkout/"

    said = words(client.get(pages(peer, order)[1]))
    assert "This order was not paid" in said
    assert "nothing was charged and nothing ordered" in said
    assert (Order.objects.get().status, StockLevel.objects.get().allocated) == ("declined", 0)
    assert breaches() == []


def test_of_several_tries_the_last_one_is_told_in_whatever_order_they_arrive(
    client: Client,
    peer: StripePeer,
    now: datetime,
) -> None:
    order = place(now)
    reference = order.payment.session_ref
    first = failed(peer, peer.refuse(reference, declined("insufficient_funds")), ident="evt_1")
    last = failed(peer, peer.refuse(reference, not_confirmed()), ident="evt_2", later=30)

    for body in (last, first, last):
        told(client, body, now)

    assert last_refusal(order.payment) == Refusal.NOT_CONFIRMED
    assert PaymentEvent.objects.count() == 2


@pytest.mark.parametrize("turn", list(permutations(("failed", "paid"))))
def test_a_refusal_that_is_late_changes_nothing(
    client: Client,
    peer: StripePeer,
    now: datetime,
    turn: tuple[str, ...],
) -> None:
    order = place(now)
    page = peer.sessions[order.payment.session_ref]
    body = failed(peer, peer.refuse(page["id"], declined("generic_decline")), ident="evt_failed")
    peer.pay(page["id"])
    done = peer.notice("checkout.session.completed", page, ident="evt_paid")

    for name in turn:
        told(client, body if name == "failed" else done, now)
        finish_placements(now + timedelta(seconds=1))

    order = Order.objects.select_related("payment").get()
    assert (order.status, order.payment_status, order.payment.captured_minor) == ("placed", "paid", 2890)
    assert not Inbound.objects.exclude(state__in=["processed", "ignored"]).exists()
    assert "Thank you, Ana." in words(client.get(pages(peer, order)[0]))
    assert breaches() == []


def test_a_refusal_of_somebody_else_and_without_a_reason_is_borne(
    client: Client,
    peer: StripePeer,
    now: datetime,
) -> None:
    order = place(now)
    thing = peer.refuse(order.payment.session_ref, declined("x"))
    told(client, failed(peer, thing | {"metadata": {"order_number": "KP-0000-0000"}}, ident="evt_1"), now)
    told(client, failed(peer, thing | {"metadata": {}}, ident="evt_2"), now)
    assert PaymentEvent.objects.count() == 0

    told(client, failed(peer, thing | {"last_payment_error": None}, ident="evt_3"), now)

    assert list(Inbound.objects.order_by("id").values_list("state", flat=True)) == ["ignored", "ignored", "processed"]
    assert last_refusal(order.payment) == Refusal.DECLINED


def test_without_the_notice_she_reads_that_it_is_not_paid(
    client: Client,
    peer: StripePeer,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The control: what the words of the page come from; and a notice that never comes takes nothing else from her."""
    order = place(now)
    monkeypatch.setattr(provider_news.ledger, "refused", lambda **_: None)
    told(client, failed(peer, peer.refuse(order.payment.session_ref, declined("x"))), now)

    said = words(client.get(pages(peer, order)[1]))

    assert "Not paid yet" in said
    assert "did not go through" not in said
    assert HELD in said


# -- 3-D Secure -----------------------------------------------------------------------------------------------------


def test_asked_whether_it_is_her_she_breaks_off_and_the_page_runs_out(
    client: Client,
    peer: StripePeer,
    now: datetime,
) -> None:
    order = place(now)
    page = peer.sessions[order.payment.session_ref]
    asked = peer.challenge(page["id"])
    told(client, peer.notice("payment_intent.requires_action", asked, ident="evt_asked"), now)
    assert sweep(now).status == "placing"  # she closed the window: no redirect ever comes
    assert ("Not paid yet" in words(client.get(pages(peer, order)[1])), StockLevel.objects.get().allocated) == (True, 1)
    assert [watch_payments(now + timedelta(minutes=21)) for _twice in range(2)] == [1, 0]

    peer.let_expire(page["id"])
    told(client, peer.notice("checkout.session.expired", page, ident="evt_over"), now)
    finish_placements(now + timedelta(seconds=1))

    said = words(client.get(pages(peer, order)[1]))
    assert "This order was not paid" in said
    assert "your pieces are on the shelf again" in said
    assert "Back to the checkout" in said
    assert (Order.objects.get().status, StockLevel.objects.get().allocated) == ("declined", 0)
    assert (Payment.objects.get().captured_minor, Payment.objects.get().expires_at) == (0, None)
    assert breaches() == []


def test_asked_whether_it_is_her_she_fails_then_confirms(client: Client, peer: StripePeer, now: datetime) -> None:
    order = place(now)
    reference = order.payment.session_ref
    peer.challenge(reference)
    told(client, failed(peer, peer.refuse(reference, not_confirmed())), now)
    assert "could not confirm that it is you" in words(client.get(pages(peer, order)[1]))

    peer.challenge(reference)
    assert sweep(now).status == "placing"
    peer.pay(reference)

    assert sweep(now).status == "placed"
    assert breaches() == []


def test_failed_and_run_out_she_reads_both(client: Client, peer: StripePeer, now: datetime) -> None:
    order = place(now)
    told(client, failed(peer, peer.refuse(order.payment.session_ref, not_confirmed())), now)
    peer.let_expire(order.payment.session_ref)
    assert sweep(now).status == "declined"

    said = words(client.get(pages(peer, order)[1]))

    assert "This order was not paid The time to pay is over, or you closed it" in said
    assert "order again while they are there. Your bank could not confirm that it is you (3-D Secure)." in said


# -- The way back ---------------------------------------------------------------------------------------------------


def test_the_notice_is_there_before_she_is(client: Client, peer: StripePeer, now: datetime) -> None:
    order = place(now)
    page = peer.sessions[order.payment.session_ref]
    peer.pay(page["id"])
    told(client, peer.notice("checkout.session.completed", page, ident="evt_1"), now)
    finish_placements(now + timedelta(seconds=1))

    said = words(client.get(pages(peer, order)[0]))

    assert "Thank you, Ana." in said
    assert OrderAccess.objects.count() == 1


def test_she_is_there_before_the_notice_and_the_page_looks_again(
    client: Client,
    peer: StripePeer,
    now: datetime,
) -> None:
    order = place(now)
    peer.pay(order.payment.session_ref)

    waiting = client.get(pages(peer, order)[0])

    assert "must not order again" in words(waiting)
    assert b'http-equiv="refresh"' in waiting.content
    assert sweep(now).status == "placed"
    assert "Thank you, Ana." in words(client.get(pages(peer, order)[0]))


def test_she_never_comes_back_and_no_notice_comes(peer: StripePeer, now: datetime) -> None:
    order = place(now)
    peer.pay(order.payment.session_ref)

    assert sweep(now).status == "placed"
    assert breaches() == []


def test_an_answer_that_takes_too_long_opens_one_page_and_charges_once(
    peer: StripePeer,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stripe_checkout, "READ_SECONDS", 0.3)
    monkeypatch.setitem(payments._GATEWAYS, "stripe", StripeCheckout())  # with this patience
    peer.trouble = "slow"
    order = place(now)
    assert (order.status, order.payment.session_ref) == ("placing", "")
    peer.trouble = ""

    order = sweep(now)
    peer.pay(order.payment.session_ref)

    assert (sweep(now).status, len(peer.sessions), PaymentEvent.objects.count()) == ("placed", 1, 1)
    assert breaches() == []


# -- The peer itself ------------------------------------------------------------------------------------------------


def test_what_the_peer_tells_has_the_fields_of_the_sdk(peer: StripePeer, now: datetime) -> None:
    order = paid(peer, now)
    page = peer.sessions[order.payment.session_ref]
    [intent] = peer.intents.values()
    body = peer.notice("checkout.session.completed", page)
    heard: Any = stripe.Webhook.construct_event(body, signed(body), SECRET)  # type: ignore[no-untyped-call]

    assert (heard.type, heard.data.object.id) == ("checkout.session.completed", page["id"])
    for kind, thing in (
        (stripe.checkout.Session, page),
        (stripe.PaymentIntent, intent),
        (stripe.PaymentIntent, intent | {"last_payment_error": declined("x"), "status": "requires_payment_method"}),
        (stripe.PaymentIntent, intent | {"last_payment_error": not_confirmed()}),
        (stripe.Dispute, DISPUTE | {"payment_intent": intent["id"]}),
        (stripe.Event, heard.to_dict()),
    ):
        assert strange_fields(kind, thing) == []
    wrong = intent | {"reason": "x", "last_payment_error": {"colour": "red"}}
    assert strange_fields(stripe.PaymentIntent, wrong) == ["reason", "last_payment_error.colour"]


def test_the_peer_takes_no_parameter_the_sdk_does_not_know(
    peer: StripePeer,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The control: asked as older versions of the API were asked, Stripe opens no page, and our log says why."""
    real = stripe_checkout._session_of

    def of_before(bill: Any) -> dict[str, Any]:
        asked = real(bill)
        return asked | {"payment_method_types": asked.pop("allowed_payment_method_types")}

    monkeypatch.setattr(stripe_checkout, "_session_of", of_before)
    with pytest.raises(Exception, match="KP-"):
        place(now)

    assert (peer.sessions, Order.objects.get().status) == ({}, "declined")
    assert "Stripe would not open a payment page: parameter_unknown" in caplog.text
    assert strange_parameters(stripe.params.RefundCreateParams, {"amount": "1", "metadata[x]": "1", "why": "x"}) == [
        "why"
    ]


def test_of_lost_and_stolen_cards_nobody_learns_more_than_no() -> None:
    for reason in ("lost_card", "stolen_card", "fraudulent", "merchant_blacklist", "pickup_card", ""):
        assert refusal_of(code="card_declined", decline_code=reason) == Refusal.DECLINED
