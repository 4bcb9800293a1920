"""Filters, orders and results in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from shop.models import Category, Product
from shop.queries.filters import Known
from shop.queries.finding import MOST, Found
from shop.rules import wording
from shop.rules.finding import (
    BEST_RATED,
    CHEAPEST,
    COMES,
    COMING,
    CUT,
    DEAREST,
    MATERIAL,
    NEWEST,
    ON_ORDER,
    PREORDER,
    PRICE,
    READY,
    READY_STEPS,
    RELEVANCE,
    SHELF,
    SHOP_ORDER,
    SINGLE,
    SIZE,
    Wish,
    price_bands,
)


@dataclass(frozen=True)
class Filter:
    """One value to choose; `count` says how many pieces there are with it, empty when nobody counted.

    `days` is set where the label is a day only the delivery knows: ready after so many working days of making.
    """

    code: str
    label: str
    swatch: str
    count: str
    chosen: bool
    days: int | None = None


@dataclass(frozen=True)
class Group:
    """Values of one kind.  `single`: only one of them can be chosen."""

    code: str
    name: str
    filters: tuple[Filter, ...]
    single: bool
    is_open: bool


@dataclass(frozen=True)
class Chip:
    """One chosen filter and the address without it."""

    label: str
    query: list[tuple[str, str]]
    days: int | None = None


Values = dict[str, list[Known]]


def values_by_group(known: Iterable[Known], *, shelves: Iterable[Category] = ()) -> Values:
    """Return every value that can be filtered by, group by group in the order they are shown; `shelves` come first."""
    found: Values = {}
    for each in known:
        if each.group != COMES:
            found.setdefault(each.group, []).append(each._replace(group_name=each.group_name and _(each.group_name)))
    materials = found.pop(MATERIAL, [])
    found[CUT] = [Known(CUT, _("Fit"), code, str(label), "") for code, label in Product.Cut.choices]
    found[MATERIAL] = [each._replace(group_name=_("Material"), label=_(each.label)) for each in materials]
    found[PRICE] = [Known(PRICE, _("Price"), band, price_words(band), "") for band in price_bands()]
    found[READY] = [Known(READY, _("Arrives"), str(days), ready_words(days), "") for days in READY_STEPS]
    coming = ((PREORDER, _("To preorder")), (ON_ORDER, _("On its way to us")))
    found[COMING] = [Known(COMING, _("Not here yet"), code, label, "") for code, label in coming]
    found = {SHELF: [Known(SHELF, _("Shelf"), each.slug, _(each.name), "") for each in shelves]} | found
    return {group: values for group, values in found.items() if values}


def price_words(band: str) -> str:
    """Say a price band: "Up to €25", "€25 to €50", "€200 and more"."""
    low, high = (
        wording.whole_money(int(edge), settings.SHOP_CURRENCY, _language()) if edge else "" for edge in band.split("-")
    )
    if not high:
        return _("%(low)s and more") % {"low": low}
    if band.startswith("0-"):
        return _("Up to %(high)s") % {"high": high}
    return _("%(low)s to %(high)s") % {"low": low, "high": high}


def ready_words(days: int) -> str:
    """Say how long making takes; used where no delivery day is known."""
    if days == 0:
        return _("Ready to send")
    return ngettext("Made within %(days)d day", "Made within %(days)d days", days) % {"days": days}


def groups(values: Values, wish: Wish, found: Found) -> list[Group]:
    """Return the filters worth showing: what at least one piece has, and whatever is chosen.

    A group in which nothing can be chosen apart is left out; one value of what is not here yet is apart from the rest.
    """
    shown = (_group(code, members, wish, found) for code, members in values.items())
    return [
        group for group in shown if len(group.filters) > (0 if group.code == COMING else 1) or wish.codes(group.code)
    ]


def _group(code: str, members: list[Known], wish: Wish, found: Found) -> Group:
    chosen, least = wish.codes(code), found.is_least(code)
    filters, before = [], 0
    for value in members:
        number = found.counts.get(f"{code}:{value.code}", 0)
        if code == READY and number == before and value.code not in chosen:
            continue  # waiting longer brings nothing more
        before = number
        if number or value.code in chosen:
            days = int(value.code) if code == READY else None
            words = count_words(number, least=least)
            filters.append(Filter(value.code, value.label, value.swatch, words, value.code in chosen, days))
    return Group(code, members[0].group_name, tuple(filters), code in SINGLE, bool(chosen) or code in (SIZE, SHELF))


def count_words(number: int, *, least: bool) -> str:
    """Write a number of pieces: "1,200", or "12+" when there may be more."""
    if least and number:
        return f"{min(number, MOST)}+"
    return str(number) if number < 1000 else wording.whole(number, _language())


def chips(values: Values, wish: Wish) -> list[Chip]:
    """Return what is chosen, each with the address it would be without."""
    labels = {(group, each.code): each.label for group, members in values.items() for each in members}
    return [
        Chip(labels[group, code], wish.without(group, code).pairs(), int(code) if group == READY else None)
        for group, codes in wish.chosen
        for code in codes
    ]


def total_words(found: Found) -> str:
    """Say how many pieces match."""
    if found.capped and found.to_the_last:
        return _("%(number)s pieces") % {"number": wording.whole(found.total, _language())}
    if found.capped:
        return _("More than %(number)s pieces") % {"number": wording.whole(MOST, _language())}
    return ngettext("%(number)d piece", "%(number)d pieces", found.total) % {"number": found.total}


def sort_words(sort: str) -> str:
    """Name an order of a list."""
    return {
        RELEVANCE: _("Best match"),
        SHOP_ORDER: _("As on our shelf"),
        NEWEST: _("Newest first"),
        CHEAPEST: _("Lowest price first"),
        DEAREST: _("Highest price first"),
        BEST_RATED: _("Best reviews first"),
    }[sort]


def _language() -> str:
    return get_language() or settings.LANGUAGE_CODE
