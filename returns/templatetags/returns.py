"""Returns on pages of lower apps: `{% load returns %}{% returns_of order token %}` on the order page."""

from __future__ import annotations

from typing import Any

from django import template
from django.template import Context
from django.utils import timezone

from orders.messages import words
from orders.models import Order
from returns.queries.cases import cases_of
from returns.queries.lines import shop_day
from returns.queries.withdrawals import last_day_to_withdraw, withdrawals_before_packing

register = template.Library()


@register.inclusion_tag("returns/earlier.html")
def returns_of(order: Order, token: str) -> dict[str, Any]:
    """List the returns of an order with where each stands; nothing when there are none.  One query."""
    return {"cases": list(cases_of(order=order)), "token": token}


@register.inclusion_tag("returns/withdraw_button.html")
def withdraw_button(order: Order, token: str) -> dict[str, Any]:
    """Show the way to withdraw from the contract, from the order on until its last day.  No query."""
    last_on = last_day_to_withdraw(order)
    over = last_on is not None and last_on < shop_day(timezone.now())
    return {"token": token, "last_on": last_on, "shown": order.status == Order.Status.PLACED and not over}


@register.inclusion_tag("admin/returns/withdrawals_waiting.html", takes_context=True)
def withdrawals_waiting(context: Context, order: Order) -> dict[str, Any]:
    """Warn who is about to pack of withdrawals nobody has dealt with; nothing when there are none.  One query."""
    zone = timezone.get_current_timezone()
    rows = withdrawals_before_packing(order)
    return {
        "withdrawals": [{"row": row, "when": words.moment(row.declared_at, zone)} for row in rows],
        "may_open": context["request"].user.has_perm("returns.view_withdrawal"),
    }
