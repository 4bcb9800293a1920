"""Who asks: the visitor of a request, for budgets, her language, and the shopper who is logged in."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation

from shop.messages.languages import known_language
from shop.models import User
from shop.rules.visitors import visitor_of


def visitor(request: HttpRequest) -> str:
    """Return where a request comes from; a header is believed only when TRUSTED_PROXY is on."""
    return visitor_of(
        remote_address=str(request.META.get("REMOTE_ADDR", "")),
        forwarded_for=str(request.META.get("HTTP_X_FORWARDED_FOR", "")),
        trusted_proxy=settings.TRUSTED_PROXY,
    )


def speak(request: HttpRequest, locale: str) -> None:
    """Switch on the language of an order or a letter for who came by its link; a choice of her own stands above it."""
    if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
        translation.activate(known_language(locale))


def shopper(request: HttpRequest) -> User | None:
    """Return the customer who is logged in; None for a guest and for staff.  No session is opened for a guest."""
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return None
    return request.user if isinstance(request.user, User) and not request.user.is_staff else None
