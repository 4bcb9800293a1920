"""How many pieces are in the visitor's bag."""

from __future__ import annotations

from django import template
from django.http import HttpRequest
from django.template import Context
from django.utils import timezone

from orders.queries.bag import BAG_COOKIE, bag_of, count_of, count_pieces, is_open
from shop.visitors import shopper

register = template.Library()


@register.simple_tag(takes_context=True)
def bag_count(context: Context) -> int:
    """Count the pieces: `{% bag_count as pieces %}`.  No query for a visitor without a bag or login."""
    request = context.get("request")
    if not isinstance(request, HttpRequest):
        return 0
    token, at = request.COOKIES.get(BAG_COOKIE, ""), timezone.now()
    who = shopper(request)
    if who is None:
        return count_pieces(token, at=at) if token else 0
    cart = bag_of(token, at=at, customer=who)
    return count_of(cart) if cart is not None and is_open(cart) else 0
