"""What a payment page of a provider may offer, and why a try on it did not go through.

Source: docs.stripe.com/payments/payment-methods and /payments/dashboard-payment-methods (delayed notification),
docs.stripe.com/declines/codes.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

# Ways to pay, in Stripe's words, that say on the page whether the money is ours.
AT_ONCE = frozenset(
    {
        *("affirm", "afterpay_clearpay", "alipay", "alma", "amazon_pay", "bancontact", "billie", "blik", "card"),
        *("cashapp", "eps", "fpx", "giropay", "grabpay", "ideal", "kakao_pay", "klarna", "kr_card", "link"),
        *("mb_way", "mobilepay", "naver_pay", "p24", "payco", "paynow", "paypal", "pix", "promptpay"),
        *("revolut_pay", "samsung_pay", "satispay", "swish", "twint", "wechat_pay", "zip"),
    }
)
# Those that end the page first and say days later whether the money came, or that it did not.
LATER = frozenset(
    {
        *("acss_debit", "au_becs_debit", "bacs_debit", "boleto", "crypto", "customer_balance", "konbini"),
        *("multibanco", "nz_bank_account", "oxxo", "pay_by_bank", "sepa_debit", "sofort", "us_bank_account"),
    }
)


def settling_later(ways: Iterable[str]) -> list[str]:
    """Return those of the ways to pay with which a finished page is not yet money, in their order."""
    return [way for way in ways if way in LATER]


def unheard_of(ways: Iterable[str]) -> list[str]:
    """Return those of which we do not know when they settle, in their order."""
    return [way for way in ways if way not in AT_ONCE | LATER]


class Refusal(StrEnum):
    """Why a try did not go through: as much as the shopper needs to know, never what a thief would like to."""

    DECLINED = "declined"
    NOT_CONFIRMED = "not-confirmed"
    FUNDS = "funds"
    TYPED = "typed"


_NOT_CONFIRMED = frozenset(
    {"payment_intent_authentication_failure", "authentication_required", "authentication_failure"}
)
_FUNDS = frozenset({"insufficient_funds", "card_velocity_exceeded", "withdrawal_count_limit_exceeded"})
_TYPED = frozenset(
    {
        *("expired_card", "incorrect_address", "incorrect_cvc", "incorrect_number", "incorrect_pin"),
        *("incorrect_zip", "invalid_cvc", "invalid_expiry_month", "invalid_expiry_year", "invalid_number"),
        *("invalid_pin"),
    }
)


def refusal_of(*, code: str, decline_code: str) -> Refusal:
    """Return why a try did not go through, from Stripe's error code and the bank's reason; both may be empty.

    What the bank says of lost, stolen and suspected cards is one word: declined.
    """
    said = {code, decline_code}
    if said & _NOT_CONFIRMED:
        return Refusal.NOT_CONFIRMED
    if said & _FUNDS:
        return Refusal.FUNDS
    return Refusal.TYPED if said & _TYPED else Refusal.DECLINED
