"""The cookie that finds a bag again: random, for thirty days, readable by the server alone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from orders.models import Cart
from orders.operations.merging import merge_bags
from orders.queries.bag import BAG_COOKIE, LIFETIME, bag_of
from shop.models import User
from shop.visitors import shopper


def bag_of_request(request: HttpRequest, *, at: datetime) -> Cart | None:
    """Return the visitor's bag, whether or not it has become an order; None without one."""
    return bag_of(request.COOKIES.get(BAG_COOKIE, ""), at=at, customer=shopper(request))


def keep_bag(response: HttpResponse, token: str) -> None:
    """Keep the bag's token in the visitor's browser; a bag found by who is logged in has none here."""
    if not token:
        return
    response.set_cookie(
        BAG_COOKIE,
        token,
        max_age=int(LIFETIME.total_seconds()),
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )


def bring_bags_together(*, request: HttpRequest, user: User, **_: Any) -> None:
    """Hear that somebody signed in: the bag of this device becomes hers, with what she had elsewhere in it.

    Staff have no bag.
    """
    if user.is_staff:
        return
    at = timezone.now()
    here = bag_of(request.COOKIES.get(BAG_COOKIE, ""), at=at)
    merge_bags(cart_id=here.pk if here else None, customer=user, at=at)
