"""Filters for reviews."""

from __future__ import annotations

from typing import Any

from django import template

from shop.messages import reviews

register = template.Library()


@register.filter
def body_line(review: dict[str, Any]) -> str:
    """Say whose body speaks: height, usual size, size bought, verdict."""
    return reviews.body_line(review)


@register.filter
def written(review: dict[str, Any]) -> str:
    """Say in which month it was written."""
    return reviews.written(review)


@register.filter
def stars(number: int) -> str:
    """Draw stars as signs; put words beside them."""
    return "★" * number + "☆" * (5 - number)
