"""What the messages about money that goes back share: how much of it which way, and how to spend store credit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext

from notifications.messages import words
from notifications.messages.kind import Recipient
from notifications.messages.sources import buyer
from orders.models import Order, Payment, RefundGrant
from orders.operations.credit import issue_code
from orders.queries.refund_ways import Ways, ways_decided, ways_gone
from shop.queries.people import owner_of_address


@dataclass(frozen=True)
class RefundDecided:
    """What the notice says before anything has left: `ways` says in a sentence for each way how much goes there.

    `paid` says how the order was paid, where it was paid both with store credit and otherwise.
    """

    first_name: str
    number: str
    amount: str
    reason: str
    ways: tuple[str, ...]
    paid: str
    by_bank: bool
    url: str


@dataclass(frozen=True)
class RefundNotice:
    """What the notice says once it is sent: `ways` says in a sentence for each way how much went there.

    `credit_code` spends what is store credit without an account; whoever has one is told to `sign_in`.
    """

    first_name: str
    number: str
    amount: str
    reason: str
    ways: tuple[str, ...]
    paid: str
    by_bank: bool
    sign_in: bool
    credit_code: str
    url: str


def to(grant: RefundGrant) -> Recipient:
    """Tell who ordered."""
    return buyer(grant.payment.order)


def decided(grant: RefundGrant, at: datetime) -> RefundDecided:
    """Collect what is said of a refund that was decided.  A fresh secret link, at most four queries."""
    order, ways = grant.payment.order, ways_decided(grant)
    return RefundDecided(
        first_name=words.first_name(order.full_name),
        number=order.number,
        amount=words.money(grant.amount_minor, grant.payment.currency),
        reason=grant.reason,
        ways=_said_before(ways, grant.payment.currency),
        paid=_paid(grant.payment),
        by_bank=_by_bank(ways),
        url=words.tracking_url(order, at),
    )


def sent(grant: RefundGrant, at: datetime) -> RefundNotice:
    """Collect what is said of a refund that was sent.

    A fresh secret link, at most five queries; a fresh code for who has store credit and no account.
    """
    order, ways = grant.payment.order, ways_gone(grant)
    code = _code(ways, order.email, at)
    return RefundNotice(
        first_name=words.first_name(order.full_name),
        number=order.number,
        amount=words.money(grant.amount_minor, grant.payment.currency),
        reason=grant.reason,
        ways=_said_after(ways, grant.payment.currency),
        paid=_paid(grant.payment),
        by_bank=_by_bank(ways),
        sign_in=bool(ways.own_minor) and not code,
        credit_code=code,
        url=words.tracking_url(order, at),
    )


def of_origin(origin: str) -> RefundGrant | None:
    """Return the refund that was decided under an origin; None where nothing goes back.  One query."""
    return RefundGrant.objects.select_related("payment__order").filter(origin=origin).order_by("id").first()


def ways_of(grant: RefundGrant) -> tuple[str, ...]:
    """Say which way the money of a refund is going to go.  At most four queries."""
    return _said_before(ways_decided(grant), grant.payment.currency)


def _said_before(ways: Ways, currency: str) -> tuple[str, ...]:
    """Return a sentence for each way money is going to go."""
    return _sentences(
        currency,
        (ways.provider_minor, gettext("%(sum)s goes back to your card.")),
        (ways.by_hand_minor, gettext("%(sum)s goes to your bank account; one of us transfers it.")),
        (ways.code_minor, gettext("%(sum)s goes back to the store credit whose code you typed.")),
        (ways.own_minor, gettext("%(sum)s goes into your store credit.")),
    )


def _said_after(ways: Ways, currency: str) -> tuple[str, ...]:
    return _sentences(
        currency,
        (ways.provider_minor, gettext("%(sum)s is on its way back to your card.")),
        (ways.by_hand_minor, gettext("One of us has transferred %(sum)s to your bank account.")),
        (
            ways.code_minor,
            gettext("%(sum)s is back in the store credit whose code you typed: the same code spends it."),
        ),
        (ways.own_minor, gettext("%(sum)s is in your store credit, and does not run out.")),
    )


def _sentences(currency: str, *said: tuple[int, str]) -> tuple[str, ...]:
    return tuple(sentence % {"sum": words.money(minor, currency)} for minor, sentence in said if minor)


def _by_bank(ways: Ways) -> bool:
    return bool(ways.provider_minor or ways.by_hand_minor)


def _paid(payment: Payment) -> str:
    """Say how an order was paid, where it was paid in two ways: that is why the money may go two ways."""
    how = payment.settled
    let_go = payment.order.status == Order.Status.DECLINED  # its credit went back before the money came
    if let_go or not (how.credit_minor and how.otherwise_minor):
        return ""
    said = {
        "credit": words.money(how.credit_minor, payment.currency),
        "rest": words.money(how.otherwise_minor, payment.currency),
        "way": payment.get_provider_display(),
    }
    return gettext("Your order was paid with %(credit)s of store credit and with %(rest)s by %(way)s.") % said


def _code(ways: Ways, address: str, at: datetime) -> str:
    """Return a fresh code for her store credit when this letter goes to its address and nobody has an account there."""
    account = ways.account
    if account is None or account.email != address.strip().lower() or owner_of_address(account.email):
        return ""
    return issue_code(account=account, at=at)
