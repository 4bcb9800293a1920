"""What the library for accounts tells us: an address was proved."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from allauth.account.signals import email_confirmed
from django.http import HttpRequest
from django.utils import timezone

from shop.operations.accounts import note_address_proved

SIGN_UP_PAGE = "account_email_verification_sent"


def listen() -> None:
    """Hear the library."""
    email_confirmed.connect(address_proved, dispatch_uid="shop.address_proved")


def address_proved(request: HttpRequest, email_address: EmailAddress, **_: Any) -> None:
    """Record it.  Only the page that follows a sign-up belongs to the browser in which the account was made."""
    page = request.resolver_match.url_name if request.resolver_match else ""
    user = note_address_proved(user_id=email_address.user_id, signed_up_here=page == SIGN_UP_PAGE, at=timezone.now())
    email_address.user.password = user.password
