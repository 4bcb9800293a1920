"""How the library for accounts speaks to the rest of the house: letters, budgets, sessions, secrets at rest.

Source: reliability reference B6, S13 to S16, S26, S28.
"""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from shop.cookies import remember_language
from shop.models import User
from shop.operations.letters import ask_letter
from shop.rules.accounts import LETTERS, session_age
from shop.visitors import visitor


class AccountAdapter(DefaultAccountAdapter):
    """Accounts by e-mail address.  Never speaks to a mail server and never to the cache's server."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": _("This account is switched off. Write to us, and a person looks at it."),
        "email_password_mismatch": _("Address and password do not belong together. Try again, or let us mail a code."),
        "incorrect_code": _("That is not the code we sent last. Look into the newest mail, or ask for another code."),
        "incorrect_password": _("That is not your password."),
        "enter_current_password": _("That is not your present password."),
        "too_many_login_attempts": _("That was tried several times. Ask for a new code, and use the newest mail."),
        "duplicate_email": _("This is your address already."),
        "email_taken": _("This address belongs to another account. Sign in with it, or write to us."),
        "rate_limited": _("That was asked for often. Wait a few minutes, then try again."),
    }

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Ask for the letter that says this.  Raises KeyError for a mail nobody wrote a letter for."""
        kind, about = LETTERS[template_prefix]
        user = context.get("user") or _owner_of(email)
        values = {"about": about} | {name: str(context[name]) for name in ("code", "to_email") if context.get(name)}
        locale = (user.language if user else "") or get_language() or settings.LANGUAGE_CODE
        ask_letter(kind=kind, email=email, user=user, locale=locale, values=values, at=timezone.now())

    def send_notification_mail(
        self, template_prefix: str, user: Any, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """Tell somebody what was changed in her account, without her network's address and her browser's name."""
        self.send_mail(template_prefix, email or user.email, {"user": user, **(context or {})})

    def login(self, request: HttpRequest, user: Any) -> None:
        """Begin a session, of a length that fits who it is."""
        super().login(request, user)
        set_session_age(request, user)

    def post_login(self, request: HttpRequest, user: Any, **more: Any) -> HttpResponse:
        """Lead on, in the language of the account on whatever device it is."""
        response: HttpResponse = super().post_login(request, user, **more)
        remember_language(response, user.language)
        return response

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Lead staff to their work and everybody else to her account."""
        return reverse("admin:index" if getattr(request.user, "is_staff", False) else settings.LOGIN_REDIRECT_URL)

    def is_safe_url(self, url: str | None) -> bool:
        """Tell whether a way on is a page of ours: an address from its root, not a name and not part of a path."""
        return bool(url and url.startswith("/") and super().is_safe_url(url))

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Lead back to where sign-in is looked after."""
        return reverse("mfa_index")

    def get_email_verification_redirect_url(self, email_address: EmailAddress) -> str:
        """Lead back to where sign-in is looked after, or to her account."""
        return reverse("mfa_index" if self.request.user.is_authenticated else settings.LOGIN_REDIRECT_URL)

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return where a request comes from, as everywhere in the house."""
        return visitor(request)


class SecondFactorAdapter(DefaultMFAAdapter):
    """The second factor: encrypted at rest, named after the shop, and not for staff to give up."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "cannot_delete_authenticator": _("Who works here needs a second factor, so it cannot be taken away."),
        "incorrect_code": _("That is not the code your app shows now. Wait for the next one, and type it."),
    }

    def encrypt(self, text: str) -> str:
        """Return a secret as the database keeps it."""
        return _locks().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Return what `encrypt` was given, also under a former secret key."""
        return _locks().decrypt(encrypted_text.encode()).decode()

    def get_totp_issuer(self) -> str:
        """Return the name the authenticator app shows."""
        return str(settings.SHOP_NAME)

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Let shoppers go without; staff only where nobody asks it of them."""
        return not (settings.STAFF_SECOND_FACTOR and authenticator.user.is_staff)


def set_session_age(request: HttpRequest, user: User) -> None:
    """Let a session last as long as fits who it is; the library's form sets one length for all."""
    request.session.set_expiry(session_age(is_staff=user.is_staff))


def _owner_of(email: str) -> User | None:
    return User.objects.filter(email__iexact=email).order_by("id").first()


def _locks() -> MultiFernet:
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return MultiFernet([Fernet(_key(key)) for key in keys])


def _key(secret: str) -> bytes:
    return base64.urlsafe_b64encode(hashlib.sha256(b"kingpost.second-factor:" + secret.encode()).digest())
