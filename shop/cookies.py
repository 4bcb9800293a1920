"""What a device remembers for a year: country, colours, language."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpResponse

COOKIE_AGE_SECONDS = 365 * 24 * 3600


def remember(response: HttpResponse, name: str, value: str) -> None:
    """Keep a preference in a cookie for a year."""
    response.set_cookie(name, value, max_age=COOKIE_AGE_SECONDS, secure=settings.HTTPS, httponly=True, samesite="Lax")


def remember_language(response: HttpResponse, code: str) -> None:
    """Keep the language somebody chose; nothing when she chose none, or one the shop does not speak."""
    if code in dict(settings.LANGUAGES):
        remember(response, settings.LANGUAGE_COOKIE_NAME, code)
