"""When it arrives, for product pages: the same dates as in the bag and at the checkout."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from babel.dates import format_time
from django import template
from django.conf import settings
from django.http import HttpRequest
from django.template import Context
from django.utils import timezone
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from orders.messages.shipping_data import shipped
from orders.models import ServiceLevel
from orders.queries.crises import concerned
from orders.queries.quotes import NoEstimate, Quote, Timetable, delivery_price, timetable
from orders.rules.incident import Crisis, Where
from orders.rules.promise import Wish
from shop.models import Product, Variant
from shop.rules import wording
from shop.rules.money import Money

register = template.Library()


@register.inclusion_tag("orders/_promise.html", takes_context=True)
def delivery_promise(
    context: Context, thing: Product | Variant, country: str, goods_on: date | None = None
) -> dict[str, Any]:
    """Draw the promise card: `{% delivery_promise variant country %}`.  Three queries a page, one more for a product.

    `goods_on` is the day a piece comes in that is on its way to us.  Says so where we do not deliver or cannot promise
    a date.
    """
    price_minor, making_days = _price_and_making(thing)
    table = _timetable(context, country)
    service = table.default()
    card: dict[str, Any] = {"country": country, "service": service, "quote": None}
    if service is None:
        return card
    card["crises"] = concerned(table.crises, table.where, service, surely=False)
    card["price_words"] = _price_words(service, price_minor)
    quote = _quote(table, Wish(making_days, goods_on=goods_on))
    return card | (promise_words(quote) if quote else {})


@register.simple_tag(takes_context=True)
def arrives_by(context: Context, making_days: int, otherwise: str, country: str, goods_on: date | None = None) -> str:
    """Say by which day a piece arrives that takes so long to make, or comes in on a day; `otherwise` without a day.

    Two queries a page.
    """
    quote = _quote(_timetable(context, country), Wish(making_days, goods_on=goods_on))
    return _("By %(day)s") % {"day": wording.day(quote.estimate.deliver_by_on, _language())} if quote else otherwise


@register.simple_tag(takes_context=True)
def with_delivery(context: Context, data: dict[str, Any], country: str) -> dict[str, Any]:
    """Add how the chosen country is delivered to every offer of a product's JSON-LD.  Three queries a page.

    Source: schema.org OfferShippingDetails; delivery reference 5.2.
    """
    service = _timetable(context, country).default()
    return shipped(data, service) if service else data


def _timetable(context: Context, country: str) -> Timetable:
    """Return the country's timetable, read once a request: what a template keeps ends at its next include."""
    product = context.get("product")
    where = Where(country, products=frozenset([product.pk])) if isinstance(product, Product) else Where(country)
    return _kept(context.get("request", context), where)


def _kept(keeper: object, where: Where) -> Timetable:
    kept: dict[Where, Timetable] = vars(keeper).setdefault("timetables", {})
    if where not in kept:
        kept[where] = timetable(where.country, at=timezone.now(), where=where)
    return kept[where]


def in_time(
    request: HttpRequest, country: str, making: Sequence[int], goods: Sequence[date]
) -> dict[int, tuple[date, ...]]:
    """Return by making time which days of goods that come in arrive no later than what takes so many days to make.

    Counted as `arrives_by` counts, and with its queries; nothing where it names no day.
    """
    table = _kept(request, Where(country))
    days: dict[date, date] = {}
    found: dict[int, tuple[date, ...]] = {}
    for step in making:
        quote = _quote(table, Wish(step))
        if quote is None:
            return {}
        last = quote.estimate.deliver_by_on
        for day in goods:
            if day < last and day not in days:
                coming = _quote(table, Wish(goods_on=day))
                days[day] = coming.estimate.deliver_by_on if coming else date.max
        found[step] = tuple(day for day in goods if days.get(day, date.max) <= last)
    return found


def _quote(table: Timetable, wish: Wish) -> Quote | None:
    service = table.default()
    try:
        return table.quote(service, wish) if service else None
    except NoEstimate:
        return None


def _price_and_making(thing: Product | Variant) -> tuple[int, int]:
    """Return the price that counts for delivery and the making time; of a product, those of its first variant."""
    if isinstance(thing, Product):
        variant = thing.variants.filter(active=True).order_by("position", "id").first()
        return (variant.price_minor, variant.making_days) if variant else (0, 0)
    return thing.price_minor, thing.making_days


def promise_words(quote: Quote) -> dict[str, Any]:
    """Return what the card says about a quote: days, when we start, and the days that do not count."""
    return {
        "quote": quote,
        "estimate": quote.estimate,
        "start_words": _start_words(quote),
        "skipped": quote.skipped[:2],
    }


@register.simple_tag
def crisis_words(crisis: Crisis) -> tuple[str, str]:
    """Return what happened and what we do in the page's language: `{% crisis_words crisis as said %}`."""
    return crisis.said_in(_language())


def _start_words(quote: Quote) -> str:
    """Say until when to order and when we start or pack: "Order before 2 pm and we pack it today."."""
    packs = quote.route.handling_days + quote.wish.making_days == 1
    starts_on = quote.estimate.starts_on
    today = quote.route.workshop.local_day(quote.placed_at)
    if starts_on == today:
        before = {"cutoff": _clock(quote.estimate.order_before_at, quote)}
        if packs:
            return _("Order before %(cutoff)s and we pack it today.") % before
        return _("Order before %(cutoff)s and we start today.") % before
    if starts_on == today + timedelta(days=1):
        return _("Order now and we pack it tomorrow.") if packs else _("Order now and we start tomorrow.")
    return _("Order now and we start on %(start)s.") % {"start": wording.day(starts_on, _language())}


def _price_words(service: ServiceLevel, goods_minor: int) -> str:
    """Say what delivery costs: "Delivery €4.90, free from €60.00."."""
    price_minor = delivery_price(service, goods_minor=goods_minor)
    price = wording.money(Money(price_minor, service.currency), _language())
    if price_minor == 0:
        return _("Delivery is free.")
    if service.free_from_minor is None:
        return _("Delivery %(price)s.") % {"price": price}
    free = wording.money(Money(service.free_from_minor, service.currency), _language())
    return _("Delivery %(price)s, free from %(free)s.") % {"price": price, "free": free}


def _clock(moment: datetime, quote: Quote) -> str:
    """Write a moment on the workshop's clock, and its place where clocks differ: "2 pm (Lisbon time)"."""
    text = format_time(
        moment.astimezone(quote.route.workshop.zone),
        "h:mm a" if _language().startswith("en") else "short",
        locale=_language().replace("-", "_"),
    )
    plain = text.replace(":00", "", 1).replace("AM", "am").replace("PM", "pm")
    clock = pgettext("time of day", "%(clock)s") % {"clock": plain}
    zone = _zone(quote)
    return _("%(clock)s (%(zone)s time)") % {"clock": clock, "zone": zone} if zone else clock


def _zone(quote: Quote) -> str:
    """Return the workshop's place when its clock is not the destination's: "Lisbon"."""
    workshop, there = quote.route.workshop, quote.route.destination
    moment = quote.estimate.order_before_at
    if moment.astimezone(workshop.zone).utcoffset() == moment.astimezone(there.zone).utcoffset():
        return ""
    return wording.town(workshop.time_zone, _language())


def _language() -> str:
    return get_language() or settings.LANGUAGE_CODE
