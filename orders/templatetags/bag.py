"""How many pieces are in the visitor's bag."""

from __future__ import annotations

from django import template
from django.http import HttpRequest
from django.template import Context
from django.utils import timezone

from orders.queries.bag import BAG_COOKIE, count_pieces

register = template.Library()


@register.simple_tag(takes_context=True)
def bag_count(context: Context) -> int:
    """Count the pieces: `{% bag_count as pieces %}`.  No query for a visitor without a bag."""
    request = context.get("request")
    token = request.COOKIES.get(BAG_COOKIE, "") if isinstance(request, HttpRequest) else ""
    return count_pieces(token, at=timezone.now()) if token else 0
