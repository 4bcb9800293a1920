"""Pages behind a secret link: the token opens one order, and nothing carries the address elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from orders.models import Order
from orders.operations.access import OWN, LinkUnknown, order_of_link
from shop.visitors import speak

OrderView = Callable[Concatenate[HttpRequest, str, Order, ...], HttpResponse]


def behind_secret_link(view: OrderView) -> Callable[..., HttpResponse]:
    """Give `view(request, token, order, ...)` the order its token opens; a stranger gets a 404.

    It speaks the order's language to who comes from a mail and has not chosen one; from her account she comes with the
    language of that.  The answer is not kept, not indexed, and no other site is told where the visitor came from.
    """

    @wraps(view)
    def guarded(request: HttpRequest, token: str, **more: Any) -> HttpResponse:
        try:
            order = order_of_link(token=token, at=timezone.now())
        except LinkUnknown:
            raise Http404("No such order") from None
        if not token.startswith(OWN):
            speak(request, order.locale)
        return as_secret(view(request, token, order, **more))

    return guarded


def as_secret(response: HttpResponse) -> HttpResponse:
    """Keep an answer out of caches and indexes, and let no other site know where the visitor came from."""
    response.headers["Cache-Control"] = "private, no-store"
    # Not no-referrer: a browser then sends `Origin: null` with our own forms, and the CSRF check refuses them.
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response
