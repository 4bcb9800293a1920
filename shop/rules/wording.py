"""Days, weekdays and money in words, by language.

Source: ux reference 2.1 (dates carry their weekday), 2.18.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_interval, format_skeleton, get_day_names, get_timezone_location
from babel.numbers import format_currency, format_decimal, get_decimal_symbol

from shop.rules.money import Money, exponent

_KEPT = 4096  # a shop writes the same prices and days on every page, and each costs as much as a small query

# Our own form where we like it better; every other language is written as its people do (CLDR).
_SHORT_DAY = {"de": "EEE, d.", "en": "EEE d"}
_SHORT_DAY_MONTH = {"de": "EEE, d. MMMM", "en": "EEE d MMMM"}
_LONG_DAY_MONTH = {"de": "EEEE, d. MMMM", "en": "EEEE d MMMM"}
_SKELETON = "MMMEd"


def _language(locale: str) -> str:
    return locale.split("-")[0].split("_")[0]


@lru_cache(maxsize=_KEPT)
def day(moment: date, locale: str) -> str:
    """Write one day: `Tuesday 3 March`, `Dienstag, 3. März`."""
    babel_locale, pattern = locale.replace("-", "_"), _LONG_DAY_MONTH.get(_language(locale))
    if pattern is None:
        return format_skeleton(_SKELETON, moment, locale=babel_locale)
    return format_date(moment, pattern, locale=babel_locale)


@lru_cache(maxsize=_KEPT)
def day_range(first: date, last: date, locale: str) -> str:
    """Write a range of days: `Tue 3 – Thu 5 March`, `Mon 30 March – Wed 1 April`, or one day in full.

    In German `Di., 3. – Do., 5. März`.
    """
    if first == last:
        return day(first, locale)
    babel_locale, language = locale.replace("-", "_"), _language(locale)
    if language not in _SHORT_DAY_MONTH:
        return str(format_interval(first, last, _SKELETON, locale=babel_locale))
    same_month = (first.year, first.month) == (last.year, last.month)
    start = format_date(first, (_SHORT_DAY if same_month else _SHORT_DAY_MONTH)[language], locale=babel_locale)
    return f"{start} – {format_date(last, _SHORT_DAY_MONTH[language], locale=babel_locale)}"


@lru_cache(maxsize=_KEPT)
def money(amount: Money, locale: str) -> str:
    """Write an amount with its currency: `€128.00`, in the customs of the language."""
    value = Decimal(amount.minor).scaleb(-exponent(amount.currency))
    return str(format_currency(value, amount.currency, locale=locale.replace("-", "_")))


@lru_cache(maxsize=_KEPT)
def whole_money(units: int, currency: str, locale: str) -> str:
    """Write a round price without its decimals: `€25`, in the customs of the language."""
    named = locale.replace("-", "_")
    pattern = re.sub(r"\.0+", "", str(Locale.parse(named).currency_formats["standard"].pattern))
    return str(format_currency(units, currency, format=pattern, locale=named, currency_digits=False))


def month(moment: date, locale: str) -> str:
    """Write a month with its year: `March 2026`, `März 2026`."""
    return format_skeleton("yMMMM", moment, locale=locale.replace("-", "_"))


def whole(number: int, locale: str) -> str:
    """Write a whole number in the customs of the language: `2,000`, `2.000`."""
    return str(format_decimal(number, locale=locale.replace("-", "_")))


def decimal(plain: str, locale: str) -> str:
    """Write a plain decimal number in the customs of the language: `11.8`, `11,8`."""
    return plain.replace(".", get_decimal_symbol(locale.replace("-", "_")))


@lru_cache(maxsize=_KEPT)
def town(time_zone: str, locale: str) -> str:
    """Write the town a time zone is named after: `Lisbon`, `Lissabon`."""
    return str(get_timezone_location(time_zone, locale=locale.replace("-", "_"), return_city=True))


def language_name(code: str, locale: str) -> str:
    """Write the name of a language: `German`, `Deutsch`; a code nobody knows as it is."""
    try:
        return str(Locale.parse(code, sep="-").get_display_name(locale.replace("-", "_")) or code)
    except (UnknownLocaleError, ValueError):
        return code


def weekday(number: int, locale: str) -> str:
    """Write a day of the week, 0 being Monday: `Tuesday`."""
    return str(get_day_names("wide", locale=Locale.parse(locale, sep="-"))[number])
