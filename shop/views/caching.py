"""Who may keep a page of the catalogue, and the cookie it may differ by."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

COUNTRY_COOKIE = "country"


def shared(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Let a cache in front of us keep the page for a minute, for visitors who brought no cookie."""
    anonymous = not request.COOKIES and not response.cookies
    response.headers["Cache-Control"] = "public, max-age=0, s-maxage=60" if anonymous else "private, no-cache"
    patch_vary_headers(response, ["Cookie"])
    return response
