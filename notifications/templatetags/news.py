"""The box for news of the shop, for the checkout: `{% load news %}`."""

from __future__ import annotations

from typing import Any

from django import template
from django.forms import BoundField
from django.template import Context

from notifications.queries.news import has_news
from shop.messages.news import offer, words_now
from shop.visitors import shopper

register = template.Library()


@register.inclusion_tag("notifications/news_box.html", takes_context=True)
def news_box(context: Context, field: BoundField) -> dict[str, Any]:
    """Draw the box, never ticked by us; nothing for who is signed in and has the news already.

    One query, none for a guest: whether an address that is typed has it is nobody's business.
    """
    person = shopper(context["request"])
    if person is not None and has_news(person.email):
        return {}
    return {"field": field, "ticked": bool(field.value()), "offer": offer(words_now()), "guest": person is None}
