"""What the first page of an account shows of its orders."""

from __future__ import annotations

from typing import Any

from django import template

from orders.messages.shelf import card
from orders.queries.mine import orders_of
from shop.models import User

register = template.Library()
SHOWN = 3


@register.inclusion_tag("orders/mine_at_home.html")
def orders_at_home(user: User) -> dict[str, Any]:
    """Draw the first few orders of somebody: `{% orders_at_home user %}`.  Two queries."""
    found = list(orders_of(user.pk)[: SHOWN + 1])
    return {"orders": [card(order) for order in found[:SHOWN]], "more": len(found) > SHOWN}
