"""Rules about money that comes and goes: when work may start, and what an order's payment status is.

Source: commerce reference d.4.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

# Working days until money that is not here yet usually arrives; the workshop starts then.
# A SEPA credit transfer takes one banking day (Directive (EU) 2015/2366 art. 83).
STORE_CREDIT = "store_credit"
PAYMENT_DAYS = {"bank_transfer": 1, "cash_on_delivery": 0, "test_card": 0, "stripe": 0, STORE_CREDIT: 0}
# The smallest sum a card page takes, in minor units: 0.50 EUR, USD or CHF.  docs.stripe.com/currencies, minimum charge.
LEAST = {"stripe": 50}
WITH_PAGE = frozenset({"stripe"})  # paid on a page of the provider's
BY_HAND = frozenset({"bank_transfer", "cash_on_delivery"})  # the money comes later, and people send it back


def payment_days(provider: str) -> int:
    """Return how many working days the start waits for the money.  Raises KeyError for an unknown way to pay."""
    return PAYMENT_DAYS[provider]


@dataclass(frozen=True)
class Split:
    """How a sum is paid (minor units): `credit_minor` from store credit, the rest through `provider`."""

    provider: str
    credit_minor: int
    outside_minor: int


def split(*, total_minor: int, balance_minor: int, provider: str) -> Split:
    """Return what store credit of `balance_minor` pays of a sum, and what is left for `provider`.

    When nothing is left, no provider is asked: store credit is the way to pay.  When less would be left than the
    provider takes, so much of the credit stays hers that it is the least he does.
    """
    credit_minor = min(total_minor, balance_minor)
    covers = credit_minor and credit_minor == total_minor
    if not covers and total_minor - credit_minor < LEAST.get(provider, 0):
        credit_minor = max(total_minor - LEAST[provider], 0)
    return Split(STORE_CREDIT if covers else provider, credit_minor, total_minor - credit_minor)


@dataclass(frozen=True)
class Settled:
    """How a sum stands (minor units): paid with store credit, paid otherwise, and what is left to pay."""

    credit_minor: int
    otherwise_minor: int
    left_minor: int


def settled(*, total_minor: int, credit_minor: int, received_minor: int) -> Settled:
    """Return how an order's total is settled; the three parts sum to it exactly.

    `received_minor` is what came in for the order, the `credit_minor` she put in at the placement with it.  Credit is a
    means of payment: the total and the tax in it are the same whatever it pays.  Of an order that was changed to cost
    less, what the card paid went back first.  Source: Directive (EU) 2016/1065 (a voucher that is no discount).
    """
    credit = min(credit_minor, received_minor, total_minor)
    otherwise = min(received_minor - credit, total_minor - credit)
    return Settled(credit, otherwise, total_minor - credit - otherwise)


def paid_status(
    *,
    provider: str,
    due_minor: int,
    captured_minor: int,
    refunded_minor: int,
    charged_back_minor: int = 0,
    beyond_minor: int = 0,
) -> str:
    """Return the payment status of an order from its balances (a value of Order.Paid).

    What came in beyond the price is not the order's: giving back that `beyond_minor` is no refund of the order, and it
    pays for nothing.
    """
    if charged_back_minor > 0:
        return "charged_back"
    refunded_minor -= min(beyond_minor, refunded_minor)
    captured_minor -= beyond_minor
    if refunded_minor > 0:
        return "refunded" if refunded_minor >= min(captured_minor, due_minor) else "part_refunded"
    if captured_minor >= due_minor:
        return "paid"
    return "on_delivery" if provider == "cash_on_delivery" else "pending"


def needs_second_person(*, amount_minor: int, decided_before_minor: int, limit_minor: int) -> bool:
    """Tell whether somebody else must approve a refund a person decided on; a limit of 0 never asks.

    What was decided for the same order before counts, so that a sum cannot be cut into small ones.
    Source: reliability reference T13.
    """
    return limit_minor > 0 and amount_minor + decided_before_minor > limit_minor


def credit_part(
    *, amount_minor: int, captured_minor: int, credit_minor: int, back_minor: int, back_credit_minor: int
) -> int:
    """Return how much of a refund goes back into store credit: what the other means of payment cannot take.

    `captured_minor` holds the `credit_minor` that was paid with store credit; `back_minor` went back already, of it
    `back_credit_minor` as store credit.  Money of the card goes back first.
    """
    left_outside = (captured_minor - credit_minor) - (back_minor - back_credit_minor)
    return max(amount_minor - max(left_outside, 0), 0)


@dataclass(frozen=True)
class Received:
    """One sum that came in, and what of it went back or was asked back already (minor units)."""

    ident: int
    amount_minor: int
    gone_minor: int = 0


def spread(amount_minor: int, received: Sequence[Received], *, elsewhere_minor: int = 0) -> list[tuple[int, int]]:
    """Return (ident, part) for each sum a refund is taken from: the oldest that has room first.

    `received` is in the order it came in; `elsewhere_minor` went back without saying of what, so it is held against
    the oldest.  The parts sum to the amount, or to less when there is no room for all of it.
    Source: reliability reference D8; docs.stripe.com/refunds (a refund never exceeds the charge it is of).
    """
    parts = []
    for one in received:
        room = max(one.amount_minor - one.gone_minor, 0)
        held = min(room, elsewhere_minor)
        part = min(room - held, amount_minor)
        elsewhere_minor, amount_minor = elsewhere_minor - held, amount_minor - part
        if part:
            parts.append((one.ident, part))
    return parts


def pay_by(*, provider: str, open_minor: int, wait: timedelta, at: datetime) -> datetime | None:
    """Return until when what is open of an order (minor units) is waited for; None without an end.

    A transfer is waited for `wait` long.  Pages of providers say it themselves, cash has time, and where nothing is
    open there is nothing to wait for.  Source: commerce reference b-4.
    """
    return at + wait if provider == "bank_transfer" and open_minor > 0 else None


# How long before the end somebody who has not paid is told, once.
_TELL_BEFORE = {"bank_transfer": timedelta(days=3), "stripe": timedelta(minutes=15)}


def to_be_told(*, provider: str, expires_at: datetime, at: datetime) -> bool:
    """Tell whether it is time to say that an order will be let go unless it is paid."""
    return provider in _TELL_BEFORE and expires_at - _TELL_BEFORE[provider] <= at < expires_at


def longest_notice() -> timedelta:
    """Return the longest time before the end at which anybody is told."""
    return max(_TELL_BEFORE.values())
