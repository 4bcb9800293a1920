"""Template words: money, days and ranges in the page's language."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache

from django import template
from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, get_language_info, gettext

from shop.queries.listing import UnitPrice
from shop.rules import wording
from shop.rules.money import Money
from shop.rules.unit_price import GRAM, MILLILITRE, MILLIMETRE, PIECE

register = template.Library()


def _locale() -> str:
    return get_language() or settings.LANGUAGE_CODE


@register.filter
def money(minor: int, currency: str = "") -> str:
    """Write minor units as money: `{{ line.gross_minor|money:order.currency }}`."""
    return wording.money(Money(int(minor), currency or settings.SHOP_CURRENCY), _locale())


@register.simple_tag
def unit_price(found: UnitPrice) -> str:
    """Write the price of a whole unit: `{% unit_price choice.unit_price %}` is "€18.00 per kg"."""
    said = {"price": wording.money(found.price, _locale())}
    return {
        GRAM: gettext("%(price)s per kg") % said,
        MILLILITRE: gettext("%(price)s per l") % said,
        MILLIMETRE: gettext("%(price)s per m") % said,
        PIECE: gettext("%(price)s a piece") % said,
    }[found.unit]


@register.filter
def spoken(word: str) -> str:
    """Write a word a shop begins with in the page's language; one its owner chose stays as it is.

    `{{ category.name|spoken }}`: names of shelves, deliveries and measures live in the database.
    """
    return gettext(word) if word else ""


@register.simple_tag
def as_written() -> SafeString:
    """Mark what an owner wrote where the page speaks another language: `<p {% as_written %}>{{ product.story }}</p>`.

    A screen reader then reads it in the shop's own language, from the right side.  Source: WCAG 3.1.2.
    """
    return _as_written(_locale())


@lru_cache(maxsize=64)
def _as_written(page: str) -> SafeString:
    own = settings.LANGUAGE_CODE
    if page.split("-")[0] == own.split("-")[0]:
        return SafeString("")
    bidi = get_language_info(own)["bidi"]
    return format_html('lang="{}" dir="{}"', own, "rtl" if bidi else "ltr")


@register.filter
def language_name(code: str) -> str:
    """Write the name of a language: `{{ order.locale|language_name }}`; an unknown code as it is."""
    return wording.language_name(code, _locale())


@register.filter
def day(value: date) -> str:
    """Write a calendar day with its weekday: `{{ promise.deliver_by_on|day }}`."""
    return wording.day(value, _locale())


@register.filter
def machine(value: datetime) -> str:
    """Write a moment for `<time datetime>`, to the second, since HTML allows no microseconds."""
    return value.isoformat(timespec="seconds")


@register.simple_tag
def day_range(first: date, last: date) -> str:
    """Write a range of days: `{% day_range promise.deliver_from_on promise.deliver_by_on %}`."""
    return wording.day_range(first, last, _locale())
