"""What is said of money that goes back: how much of it which way, and how to spend what is store credit now."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from uuid import uuid4

import pytest
from django.db import transaction

from notifications.models import Message
from notifications.rules.secrecy import without_secrets
from orders.gateways.payments import Declined
from orders.gateways.payments.test_card import TestCard
from orders.models import Cart, CreditCode, Order, Payment, RefundGrant
from orders.operations import paying_out
from orders.operations.cancelling import cancel_order
from orders.operations.credit import account_of_code, give_credit
from orders.operations.ledger import capture
from orders.operations.paying_out import execute_refunds, note_bounced, settle_by_hand
from orders.operations.placing import place_order
from orders.operations.refunding import grant_refund
from shop.models import User
from shop.operations.events import relay_events
from tests.factories.bags import ANA, filled_bag, ordered, shown_to
from tests.factories.shop import StaffFactory, UserFactory

pytestmark = pytest.mark.django_db
RUI = "rui@example.com"
CODE = re.compile(r"\b[A-Z2-7]{4}(?:-[A-Z2-7]{4}){3}\b")


def with_credit(
    at: datetime, *, whose: str, minor: int = 1000, customer: User | None = None, **wanted: object
) -> Order:
    """One mug (28.90), paid with the credit of an address as far as it reaches, and with the card."""
    entry = give_credit(
        email=whose, amount_minor=minor, currency="EUR", reason="x", key=str(uuid4()), by=None, at=at
    )  # fmt: skip
    cart, _token = filled_bag(at=at)
    Cart.objects.filter(pk=cart.pk).update(credit=entry.account)
    request = replace(ANA, use_credit=True, **wanted)  # type: ignore[arg-type]
    shown = replace(shown_to(cart, request, at=at), credit_minor=min(minor, 2890))
    return place_order(key=uuid4(), cart_id=cart.pk, request=request, shown=shown, customer=customer, at=at)


def paid_later(at: datetime, provider: str) -> Order:
    """One mug whose money came in after it was ordered."""
    order = ordered(at=at, provider=provider)
    with transaction.atomic():
        payment = Payment.objects.select_for_update().get(order=order)
        capture(order=order, payment=payment, amount_minor=2890, key="in", provider_ref="B1", by=None, at=at)
    return order


def give(order: Order, minor: int, at: datetime, to: str = "original") -> RefundGrant:
    return grant_refund(
        order_id=order.pk, amount_minor=minor, reason="A chip", origin=str(uuid4()), by=None, at=at, destination=to
    )


def told(kind: str, at: datetime) -> Message:
    while relay_events(at):
        pass
    return Message.objects.filter(kind=kind).order_by("id").last()  # type: ignore[return-value]


def says(letter: Message, *sentences: str) -> None:
    """Each sentence stands in the plain letter and in the HTML one; a way that was not taken in neither."""
    html = " ".join(re.sub(r"<[^>]+>", " ", letter.html).split())
    for sentence in sentences:
        assert (sentence in letter.text, sentence in html) == (True, True), (sentence, letter.text)
    for way in ("your card", "your bank account", "store credit"):
        if not any(way in sentence for sentence in sentences):
            assert (way in letter.text, way in html) == (False, False), (way, letter.text)


@pytest.mark.parametrize(
    ("provider", "to", "sentence"),
    [
        ("test_card", "original", "€5.00 goes back to your card."),
        ("stripe", "original", "€5.00 goes back to your card."),
        ("bank_transfer", "original", "€5.00 goes to your bank account; one of us transfers it."),
        ("cash_on_delivery", "original", "€5.00 goes to your bank account; one of us transfers it."),
        ("test_card", "bank", "€5.00 goes to your bank account; one of us transfers it."),
        ("test_card", "store_credit", "€5.00 goes into your store credit."),
        ("bank_transfer", "store_credit", "€5.00 goes into your store credit."),
    ],
)
def test_what_was_decided_names_its_one_way(now: datetime, provider: str, to: str, sentence: str) -> None:
    order = ordered(at=now)
    Payment.objects.update(provider=provider)

    give(order, 500, now, to)

    says(told("refund_granted", now), "For your order", sentence)


def test_what_was_sent_to_the_card_says_so(now: datetime) -> None:
    give(ordered(at=now), 500, now)
    execute_refunds(now)

    letter = told("refund_sent", now)

    says(letter, "€5.00 is on its way back to your card.", "Banks take two to four working days.")
    assert letter.subject.endswith(": €5.00 is on its way back to you")


@pytest.mark.parametrize("provider", ["bank_transfer", "cash_on_delivery"])
def test_what_a_person_transferred_says_who_did(now: datetime, provider: str) -> None:
    grant = give(paid_later(now, provider), 500, now)
    execute_refunds(now)
    settle_by_hand(grant_id=grant.pk, reference="OUT 1", by=StaffFactory(), at=now)

    says(told("refund_sent", now), "One of us has transferred €5.00 to your bank account.", "Banks take two to four")


def test_what_the_card_refused_and_a_person_transferred_is_not_promised_to_the_card(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    grant = give(ordered(at=now), 500, now)
    monkeypatch.setattr(paying_out, "MAX_ATTEMPTS", 1)
    monkeypatch.setattr(TestCard, "refund", _refused)
    execute_refunds(now)
    settle_by_hand(grant_id=grant.pk, reference="OUT 1", by=StaffFactory(), at=now)

    says(told("refund_sent", now), "One of us has transferred €5.00 to your bank account.")


def test_what_came_back_from_the_card_and_was_transferred_says_so_the_second_time(now: datetime) -> None:
    grant = give(ordered(at=now), 500, now)
    execute_refunds(now)
    reference = Payment.objects.get().events.get(kind="refund", phase="succeeded").provider_ref
    note_bounced(grant_id=grant.pk, reference=reference, at=now)
    settle_by_hand(grant_id=grant.pk, reference="OUT 1", by=StaffFactory(), at=now)

    says(told("refund_sent", now), "One of us has transferred €5.00 to your bank account.")


def test_credit_of_a_guest_comes_with_a_code_that_spends_it(now: datetime) -> None:
    give(ordered(at=now), 500, now, "store_credit")
    execute_refunds(now)

    letter = told("refund_sent", now)

    says(letter, "€5.00 is in your store credit, and does not run out.", "type this code at the checkout")
    assert letter.subject.endswith(": €5.00 is back as store credit")
    (code,) = CODE.findall(letter.text)
    assert code in letter.html
    account = account_of_code(code, currency="EUR")
    assert account is not None
    assert (account.email, account.balance_minor) == (ANA.email, 500)
    assert code not in without_secrets(letter.text) + without_secrets(letter.html)
    assert ("card" in letter.text, "Banks take" in letter.text) == (False, False)


@pytest.mark.parametrize("typed", [ANA.email, "mia.koch@example.com"])
def test_who_has_an_account_is_told_where_it_is_and_gets_no_code(now: datetime, typed: str) -> None:
    ana = UserFactory(email=ANA.email)
    cart, _token = filled_bag(at=now)
    request = replace(ANA, email=typed)
    order = place_order(
        key=uuid4(), cart_id=cart.pk, request=request, shown=shown_to(cart, request, at=now), customer=ana, at=now
    )
    give(order, 500, now, "store_credit")
    execute_refunds(now)

    letter = told("refund_sent", now)

    says(letter, "€5.00 is in your store credit, and does not run out.", "Sign in to your account")
    assert (CODE.findall(letter.text), CreditCode.objects.count()) == ([], 0)


def test_a_code_of_somebody_else_gets_its_part_and_she_the_rest(now: datetime) -> None:
    order = with_credit(now, whose=RUI)
    paid = "Your order was paid with €10.00 of store credit and with €18.90 by test card."
    give(order, 2500, now, "store_credit")
    says(
        told("refund_granted", now),
        paid,
        "€10.00 goes back to the store credit whose code you typed.",
        "€15.00 goes into your store credit.",
    )
    execute_refunds(now)

    letter = told("refund_sent", now)

    says(
        letter,
        paid,
        "€10.00 is back in the store credit whose code you typed: the same code spends it.",
        "€15.00 is in your store credit, and does not run out.",
    )
    assert RUI not in letter.text + letter.html
    (code,) = CODE.findall(letter.text)
    assert account_of_code(code, currency="EUR").email == ANA.email  # type: ignore[union-attr]


def test_what_goes_back_to_a_typed_code_alone_brings_no_code_of_somebody_elses_credit(now: datetime) -> None:
    give(with_credit(now, whose=RUI), 500, now, "store_credit")
    execute_refunds(now)

    letter = told("refund_sent", now)

    says(letter, "€5.00 is back in the store credit whose code you typed: the same code spends it.")
    assert (CODE.findall(letter.text), "type this code" in letter.text) == ([], False)


def test_a_refund_both_ways_names_each_sum(now: datetime) -> None:
    order = with_credit(now, whose=ANA.email)
    give(order, 2490, now)
    says(told("refund_granted", now), "€18.90 goes back to your card.", "€6.00 goes into your store credit.")
    execute_refunds(now)

    letter = told("refund_sent", now)

    says(
        letter,
        "€24.90 for your order",
        "€18.90 is on its way back to your card.",
        "€6.00 is in your store credit, and does not run out.",
        "Banks take two to four working days.",
    )


def test_a_cancelled_order_names_what_goes_which_way_and_no_more_than_is_left(now: datetime) -> None:
    order = with_credit(now, whose=RUI)
    give(order, 500, now)
    cancel_order(order_id=order.pk, by=None, at=now)

    says(
        told("order_cancelled", now),
        "€23.90 goes back to you",
        "€13.90 goes back to your card.",
        "€10.00 goes back to the store credit whose code you typed.",
    )


def test_they_say_so_in_german(now: datetime) -> None:
    order = with_credit(now, whose=RUI)
    Order.objects.update(locale="de")
    give(order, 2500, now, "store_credit")
    execute_refunds(now)
    cancel_order(order_id=order.pk, by=None, at=now)
    execute_refunds(now)

    while relay_events(now):
        pass
    text = "\n".join(Message.objects.order_by("id").values_list("text", flat=True)).replace("\xa0", " ")
    for sentence in (
        "Ihre Bestellung wurde mit 10,00 € Guthaben und mit 18,90 € per Testkarte bezahlt.",
        "10,00 € sind wieder auf dem Guthaben, dessen Code Sie eingegeben haben: Derselbe Code öffnet es.",
        "15,00 € sind jetzt auf Ihrem Guthaben und verfallen nicht.",
        "3,90 € gehen zurück auf Ihre Karte.",
        "3,90 € sind unterwegs zurück auf Ihre Karte.",
    ):
        assert sentence in text, text


def _refused(self: TestCard, **_: object) -> str:
    raise Declined
