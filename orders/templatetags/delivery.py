"""When it arrives, for product pages: the same dates as in the bag and at the checkout."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from babel.dates import format_time
from django import template
from django.conf import settings
from django.utils import timezone
from django.utils.translation import get_language

from orders.queries.quotes import NoEstimate, Quote, Timetable, delivery_price, timetable
from orders.rules.promise import Wish
from shop.models import Product, Variant

register = template.Library()


@register.inclusion_tag("orders/_promise.html")
def delivery_promise(thing: Product | Variant, country: str) -> dict[str, Any]:
    """Draw the promise card: `{% delivery_promise variant country %}`.  Three queries, one more for a product.

    Says so where we do not deliver or cannot promise a date.
    """
    at = timezone.now()
    price_minor, making_days = _price_and_making(thing)
    table = timetable(country, at=at)
    service = table.default()
    context: dict[str, Any] = {"country": country, "service": service, "quote": None}
    if service is None:
        return context
    context["delivery_minor"] = delivery_price(service, goods_minor=price_minor)
    context["delivery_free_from"] = service.free_from_minor if context["delivery_minor"] else None
    quote = _quote(table, making_days)
    return context | (promise_words(quote) if quote else {})


def _quote(table: Timetable, making_days: int) -> Quote | None:
    service = table.default()
    try:
        return table.quote(service, Wish(making_days=making_days)) if service else None
    except NoEstimate:
        return None


def _price_and_making(thing: Product | Variant) -> tuple[int, int]:
    """Return the price that counts for delivery and the making time; of a product, those of its first variant."""
    if isinstance(thing, Product):
        variant = thing.variants.filter(active=True).order_by("position", "id").first()
        return (variant.price_minor, variant.making_days) if variant else (0, 0)
    return thing.price_minor, thing.making_days


def promise_words(quote: Quote) -> dict[str, Any]:
    """Return what the card says about a quote: days, until when, when we start, and the days that do not count."""
    today = quote.route.workshop.local_day(quote.placed_at)
    return {
        "quote": quote,
        "estimate": quote.estimate,
        "starts": _starts(quote.estimate.starts_on, today),
        "packs_same_day": quote.route.handling_days + quote.wish.making_days == 1,
        "cutoff": _clock(quote.estimate.order_before_at, quote),
        "cutoff_at": quote.estimate.order_before_at,
        "cutoff_zone": _zone(quote),
        "skipped": quote.skipped[:2],
    }


def _starts(starts_on: date, today: date) -> str:
    if starts_on == today:
        return "today"
    return "tomorrow" if starts_on == today + timedelta(days=1) else "later"


def _clock(moment: datetime, quote: Quote) -> str:
    """Write a moment on the workshop's clock, without idle noughts: "2 pm", "12:30 pm"."""
    text = format_time(
        moment.astimezone(quote.route.workshop.zone),
        "h:mm a" if _language().startswith("en") else "short",
        locale=_language().replace("-", "_"),
    )
    return text.replace(":00", "", 1).replace("AM", "am").replace("PM", "pm")


def _zone(quote: Quote) -> str:
    """Return the workshop's place when its clock is not the destination's: "Lisbon"."""
    workshop, there = quote.route.workshop, quote.route.destination
    moment = quote.estimate.order_before_at
    if moment.astimezone(workshop.zone).utcoffset() == moment.astimezone(there.zone).utcoffset():
        return ""
    return workshop.time_zone.rpartition("/")[2].replace("_", " ")


def _language() -> str:
    return get_language() or settings.LANGUAGE_CODE
