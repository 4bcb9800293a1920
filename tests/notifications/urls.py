"""The site's addresses, with stand-ins for the pages that mails link to while orders has none."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from shop.urls import urlpatterns as site


def page(request: HttpRequest, token: str) -> HttpResponse:
    """Stand in for a page."""
    return HttpResponse(token)


urlpatterns = [path("", include(([path("orders/<str:token>/", page, name="track")], "orders"))), *site]
