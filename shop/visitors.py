"""The visitor of a request, for budgets."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest

from shop.rules.visitors import visitor_of


def visitor(request: HttpRequest) -> str:
    """Return where a request comes from; a header is believed only when TRUSTED_PROXY is on."""
    return visitor_of(
        remote_address=str(request.META.get("REMOTE_ADDR", "")),
        forwarded_for=str(request.META.get("HTTP_X_FORWARDED_FOR", "")),
        trusted_proxy=settings.TRUSTED_PROXY,
    )
