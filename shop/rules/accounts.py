"""Rules about accounts: how long a sign-in lasts, how often a door may be tried, which letter says what.

Source: reliability reference S13 to S16, S28.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

STAFF_SESSION = timedelta(hours=12)
SHOPPER_SESSION = timedelta(days=30)
CODE_LIVES = timedelta(minutes=15)
LETTER_KEPT = timedelta(hours=1)


@dataclass(frozen=True)
class Budget:
    """How many tries one key has in one window."""

    tries: int
    window: timedelta


# By account and network, so that nobody elsewhere locks somebody out; by network alone against many accounts; by
# account alone, generously, against many networks.
SIGN_IN_HERE = Budget(10, timedelta(minutes=15))
SIGN_IN_NETWORK = Budget(60, timedelta(minutes=15))
SIGN_IN_ACCOUNT = Budget(100, timedelta(hours=1))
CODE_TRIES_HERE = Budget(30, timedelta(minutes=15))
SECOND_FACTOR = Budget(10, timedelta(minutes=15))
CODE_TRIES_ORDER = Budget(10, timedelta(minutes=15))  # codes are 34 bit: ten tries find one in 2.5 billion
LETTERS_TO_ONE = Budget(5, timedelta(hours=1))
LETTERS_FROM_ONE = Budget(30, timedelta(hours=1))


def session_age(*, is_staff: bool) -> timedelta:
    """Return how long somebody stays signed in without signing in again."""
    return STAFF_SESSION if is_staff else SHOPPER_SESSION


# The library's name of a mail -> (our letter, what it says).  A mail that stands not here is a mistake of ours.
LETTERS: dict[str, tuple[str, str]] = {
    "account/email/login_code": ("code", "sign-in"),
    "account/email/email_confirmation": ("code", "address"),
    "account/email/email_confirmation_signup": ("code", "address"),
    "account/email/password_reset_code": ("code", "password"),
    "account/email/account_already_exists": ("hint", "exists"),
    "account/email/unknown_account": ("hint", "unknown"),
    "account/email/password_changed": ("notice", "password-changed"),
    "account/email/password_set": ("notice", "password-changed"),
    "account/email/password_reset": ("notice", "password-changed"),
    "account/email/email_changed": ("notice", "address-changed"),
    "account/email/email_deleted": ("notice", "address-changed"),
    "mfa/email/totp_activated": ("notice", "second-factor-added"),
    "mfa/email/totp_deactivated": ("notice", "second-factor-removed"),
    "mfa/email/recovery_codes_generated": ("notice", "recovery-codes-made"),
}


def password_proves_nothing(*, first_sign_in: bool, signed_up_here: bool) -> bool:
    """Tell whether a password may have been chosen by somebody who never owned the address.

    An address is proved for the first time, but not in the browser in which the account was made: whoever made it may
    have been waiting for that.  Source: reliability reference S16.
    """
    return first_sign_in and not signed_up_here
