"""Stripe, hosted Checkout: the shopper pays on Stripe's page, no card number ever comes here (SAQ A).

Every call carries an idempotency key and a time limit; the SDK's own retries are off, because our sweep asks again
under the same key.  Source: docs.stripe.com/payments/checkout, docs.stripe.com/api/idempotent_requests; reliability
reference 1.1.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.conf import settings

from orders.gateways.payments.protocol import Answer, Bill, Declined, Gone, OnPage, OutcomeUnknown, Paid
from shop.rules.money import Money, exponent

if TYPE_CHECKING:
    from stripe import StripeClient
    from stripe.checkout import Session

log = logging.getLogger(__name__)

CONNECT_SECONDS, READ_SECONDS = 3.05, 10
_LANGUAGES = {"en", "de", "fr", "pt", "es", "it", "nl"}


class BadNotice(Exception):
    """A webhook that is not from Stripe, or too old to believe."""


class StripeCheckout:
    """The provider behind "card"."""

    def charge(self, bill: Bill) -> Answer:
        """Open a payment page for the bill, or return the one that was opened under its key.

        Raises Declined when Stripe will not have the bill at all, OutcomeUnknown.
        """
        asked = {"params": _session_of(bill), "options": {"idempotency_key": bill.key}}
        try:
            return _read(self._ask(self._client.v1.checkout.sessions.create, **asked))
        except Declined as no:
            log.error("Stripe would not open a payment page: %s", no)  # no card was seen: our question was wrong
            raise

    def look(self, reference: str) -> Answer:
        """Ask how it stands with a payment page.  Raises Gone, OutcomeUnknown."""
        asked = {"params": {"expand": ["payment_intent"]}}
        return _read(self._ask(self._client.v1.checkout.sessions.retrieve, reference, **asked))

    def close(self, reference: str) -> Answer:
        """Expire a payment page; one that was paid a moment before answers Paid.  Raises Gone, OutcomeUnknown."""
        try:
            return _read(self._ask(self._client.v1.checkout.sessions.expire, reference))
        except Declined:  # it is not open any more: it was paid, or it is closed already
            return self.look(reference)

    def refund(self, *, key: str, charge_reference: str, amount: Money) -> str:
        """Send money back.  Raises Declined, OutcomeUnknown.

        Stripe accepts a refund before the bank has it; one that comes back later is told by webhook.
        """
        asked = {"payment_intent": charge_reference, "amount": _amount(amount)}
        refund = self._ask(self._client.v1.refunds.create, params=asked, options={"idempotency_key": key})
        if refund.status in {"failed", "canceled"}:
            raise Declined
        return str(refund.id)

    @cached_property
    def _client(self) -> StripeClient:
        # Loaded when the first payment needs it: the SDK takes longer to load than all the rest of the shop.
        from stripe import RequestsClient, StripeClient

        return StripeClient(
            settings.STRIPE_SECRET_KEY,
            base_addresses={"api": settings.STRIPE_API},
            http_client=RequestsClient(timeout=(CONNECT_SECONDS, READ_SECONDS)),
            max_network_retries=0,
        )

    def _ask(self, call: Any, *args: Any, **asked: Any) -> Any:
        """Call the API.  Raises Declined when the answer is a final no, OutcomeUnknown for everything else."""
        import stripe

        try:
            return call(*args, **asked)
        except (stripe.InvalidRequestError, stripe.CardError) as no:
            raise Declined(no.code or type(no).__name__) from no
        except stripe.StripeError as problem:
            raise OutcomeUnknown(type(problem).__name__) from problem


def check_notice(body: bytes, header: str) -> None:
    """Accept a webhook signed with one of STRIPE_WEBHOOK_SECRETS within five minutes.  Raises BadNotice."""
    import stripe

    for secret in settings.STRIPE_WEBHOOK_SECRETS:
        try:
            stripe.WebhookSignature.verify_header(body.decode(), header, secret, tolerance=300)
        except (stripe.SignatureVerificationError, UnicodeDecodeError):
            continue
        return
    raise BadNotice


def _session_of(bill: Bill) -> dict[str, Any]:
    price = {
        "currency": bill.amount.currency.lower(),
        "unit_amount": _amount(bill.amount),
        "product_data": {"name": bill.words},
    }
    return {
        "mode": "payment",
        "allowed_payment_method_types": settings.STRIPE_PAYMENT_METHODS,
        "line_items": [{"quantity": 1, "price_data": price}],
        "client_reference_id": bill.order_number,
        "metadata": {"order_number": bill.order_number},
        "payment_intent_data": {"metadata": {"order_number": bill.order_number, "charge": bill.key}},
        "customer_email": bill.email,
        "locale": bill.locale[:2] if bill.locale[:2] in _LANGUAGES else "auto",
        "success_url": bill.back_url,
        "cancel_url": bill.give_up_url,
        "expires_at": int(bill.until.timestamp()),
    }


def _amount(amount: Money) -> int:
    """Return the amount in Stripe's smallest unit: ours, except that it wants króna in hundredths.

    Source: docs.stripe.com/currencies (special cases).
    """
    return amount.minor * 100 if amount.currency == "ISK" and exponent("ISK") == 0 else amount.minor


def _read(session: Session) -> Answer:
    """Say how it stands.  A page that is complete is not yet money: only `payment_status` says that it is paid."""
    intent = session.payment_intent
    if session.payment_status == "paid":
        return Paid(str(intent if isinstance(intent, str) else intent and intent.id))
    if session.status == "expired" or _came_to_nothing(session):
        raise Gone
    return OnPage(str(session.id), session.url or "", datetime.fromtimestamp(session.expires_at, UTC))


def _came_to_nothing(session: Session) -> bool:
    """Tell whether a page was completed with a way to pay that settles later, and then no money came."""
    intent = session.payment_intent
    if session.status != "complete" or intent is None or isinstance(intent, str):
        return False
    return intent.status in {"requires_payment_method", "canceled"}
