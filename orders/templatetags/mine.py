"""What the first page of an account shows of its orders."""

from __future__ import annotations

from typing import Any

from django import template
from django.template import Context

from orders.messages.shelf import card
from orders.queries.mine import orders_of, pieces_at_home
from shop.models import User
from shop.queries.product import ProductView
from shop.rules.lengths import CENTIMETRES, centimetres

register = template.Library()
SHOWN = 3
MOST_PIECES = 6


@register.inclusion_tag("orders/mine_at_home.html")
def orders_at_home(user: User) -> dict[str, Any]:
    """Draw the first few orders of somebody: `{% orders_at_home user %}`.  Two queries."""
    found = list(orders_of(user.pk)[: SHOWN + 1])
    return {"orders": [card(order) for order in found[:SHOWN]], "more": len(found) > SHOWN}


@register.inclusion_tag("orders/pieces_like.html", takes_context=True)
def pieces_like(context: Context, view: ProductView) -> dict[str, Any]:
    """Draw what she bought here and can compare with a product: `{% pieces_like view %}`.  One query."""
    codes = {column.code for column in view.garment.columns}
    pieces = [
        {
            "title": line.title,
            "label": line.options_label,
            "lengths": [
                (code, centimetres(int(measured["value_mm"])))
                for code, measured in line.measurements.items()
                if code in codes
            ],
        }
        for line in pieces_at_home(context["user"].pk, codes, MOST_PIECES)
    ]
    return {"pieces": pieces, "unit": CENTIMETRES, "csrf_token": context["csrf_token"]}
