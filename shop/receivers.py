"""What the library for accounts tells us: an address was proved, a second factor came or went."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from allauth.account.signals import email_confirmed
from allauth.mfa.signals import authenticator_added
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest
from django.utils import timezone

from shop.models import User
from shop.operations.accounts import end_sign_ins, note_address_proved

SIGN_UP_PAGE = "account_email_verification_sent"


def listen() -> None:
    """Hear the library."""
    email_confirmed.connect(address_proved, dispatch_uid="shop.address_proved")
    authenticator_added.connect(second_factor_added, dispatch_uid="shop.second_factor_added")


def address_proved(request: HttpRequest, email_address: EmailAddress, **_: Any) -> None:
    """Record it.  Only the page that follows a sign-up belongs to the browser in which the account was made."""
    page = request.resolver_match.url_name if request.resolver_match else ""
    user = note_address_proved(user_id=email_address.user_id, signed_up_here=page == SIGN_UP_PAGE, at=timezone.now())
    email_address.user.password = user.password


def second_factor_added(request: HttpRequest, user: User, **_: Any) -> None:
    """End every sign-in that went without it, except the one in which it was set up."""
    update_session_auth_hash(request, end_sign_ins(user_id=user.pk, at=timezone.now()))
