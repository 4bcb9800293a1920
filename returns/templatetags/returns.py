"""Returns on pages of lower apps: `{% load returns %}{% returns_of order token %}` on the order page."""

from __future__ import annotations

from typing import Any

from django import template

from orders.models import Order
from returns.queries.cases import cases_of

register = template.Library()


@register.inclusion_tag("returns/earlier.html")
def returns_of(order: Order, token: str) -> dict[str, Any]:
    """List the returns of an order with where each stands; nothing when there are none.  One query."""
    return {"cases": list(cases_of(order=order)), "token": token}
