"""Days, weekdays and money in words, by language.

Source: ux reference 2.1 (dates carry their weekday), 2.18.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from functools import lru_cache

from babel import Locale
from babel.dates import format_date, get_day_names
from babel.numbers import format_currency

from shop.rules.money import Money, exponent

_KEPT = 4096  # a shop writes the same prices and days on every page, and each costs as much as a small query

_SHORT_DAY = {"de": "EEE d.", "en": "EEE d"}
_SHORT_DAY_MONTH = {"de": "EEE d. MMMM", "en": "EEE d MMMM"}
_LONG_DAY_MONTH = {"de": "EEEE, d. MMMM", "en": "EEEE d MMMM"}


def _pattern(patterns: dict[str, str], locale: str) -> str:
    return patterns.get(locale.split("-")[0].split("_")[0], patterns["en"])


@lru_cache(maxsize=_KEPT)
def day(moment: date, locale: str) -> str:
    """Write one day: `Tuesday 3 March`."""
    return format_date(moment, _pattern(_LONG_DAY_MONTH, locale), locale=locale.replace("-", "_"))


@lru_cache(maxsize=_KEPT)
def day_range(first: date, last: date, locale: str) -> str:
    """Write a range of days: `Tue 3 – Thu 5 March`, `Mon 30 March – Wed 1 April`, or one day in full."""
    if first == last:
        return day(first, locale)
    babel_locale = locale.replace("-", "_")
    same_month = (first.year, first.month) == (last.year, last.month)
    opening = _pattern(_SHORT_DAY if same_month else _SHORT_DAY_MONTH, locale)
    start = format_date(first, opening, locale=babel_locale)
    return f"{start} – {format_date(last, _pattern(_SHORT_DAY_MONTH, locale), locale=babel_locale)}"


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


def weekday(number: int, locale: str) -> str:
    """Write a day of the week, 0 being Monday: `Tuesday`."""
    return str(get_day_names("wide", locale=Locale.parse(locale, sep="-"))[number])
