"""What we told: for the page of an order, and for staff."""

from __future__ import annotations

from typing import Any

from django import template
from django.conf import settings
from django.template import Context
from django.utils import timezone

from notifications.messages import KINDS
from notifications.messages.kind import Topic
from notifications.messages.topics import channel_name
from notifications.messages.words import local_time
from notifications.models import Message
from notifications.queries.told import every_message_of, told_about
from orders.models import Order

register = template.Library()

# A conversation has a page of its own kind; a link to the order says nothing to who stands on it.
_ON_THE_PAGE = {Topic.DELIVERY, Topic.MONEY, Topic.RETURNS}


@register.inclusion_tag("notifications/told.html")
def told_about_order(order: Order) -> dict[str, Any]:
    """Draw what we told the shopper about her order: `{% told_about_order order %}`.  One query."""
    kinds = [kind.name for kind in KINDS.values() if kind.topic in _ON_THE_PAGE]
    rows = told_about(order.number, recipient=order.email, kinds=kinds)
    return {"told": [_drawn(row) for row in rows]}


@register.inclusion_tag("notifications/told_to_staff.html", takes_context=True)
def messages_of_order(context: Context, order: Order) -> dict[str, Any]:
    """Draw every message about an order for staff who may read them: `{% messages_of_order order %}`.  One query."""
    if not context["request"].user.has_perm("notifications.view_message"):
        return {"told": []}
    return {"told": [_drawn(row) for row in every_message_of(order.number)]}


def _drawn(message: Message) -> dict[str, Any]:
    moment = getattr(message, "told_at", None) or message.sent_at
    return {
        "message": message,
        "how": channel_name(message.channel),
        "when": local_time(moment) if moment else "",
        "moment": timezone.localtime(moment).isoformat(timespec="seconds") if moment else "",
        "text": _without_links(message) if "brief" in vars(message) else "",
    }


def _without_links(message: Message) -> str:
    """Return what was said without the lines that are a link to the page it stands on."""
    lines = (message.brief or message.text).strip().split("\n")
    kept = [line for line in lines if not line.startswith(f"{settings.SITE_URL}/")]
    while kept and (not kept[-1].strip() or kept[-1].rstrip().endswith(":")):
        kept.pop()
    return "\n".join(kept)
