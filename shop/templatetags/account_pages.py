"""The menu of the account."""

from __future__ import annotations

from typing import Any

from django import template
from django.template import Context
from django.urls import reverse

from shop import account_menu

register = template.Library()


@register.inclusion_tag("account/menu.html", takes_context=True)
def account_menu_here(context: Context) -> dict[str, Any]:
    """Draw the menu, the present page marked: `{% account_menu_here %}`.  No query."""
    here = getattr(context.get("request"), "path", "")
    entries = [(entry.label, reverse(entry.url_name)) for entry in account_menu.registered()]
    return {"entries": [{"label": label, "url": url, "here": url == here} for label, url in entries]}
