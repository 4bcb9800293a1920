"""Finding things: the search, and the shelves with the same filters and orders.

The address says everything: a form sends it by GET, one order of its words is the right one, and a filter that does
not exist is left out with a sentence, never a wall.  Source: ux reference 2.2.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.conf import settings
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from shop.arriving import in_time
from shop.messages import finding as words
from shop.models import Category
from shop.queries import listing
from shop.queries.filters import known_filters
from shop.queries.finding import MOST, Found, find
from shop.rules.finding import (
    BEST_RATED,
    CHEAPEST,
    COMES,
    DEAREST,
    FIXED,
    NEWEST,
    READY_STEPS,
    RELEVANCE,
    SHOP_ORDER,
    SIZE,
    Wish,
    read_wish,
    words_of,
)
from shop.views.caching import COUNTRY_COOKIE, shared

_PAGE_NUMBER = re.compile(r"[1-9][0-9]{0,5}")
_EVERY_LIST = (NEWEST, CHEAPEST, DEAREST, BEST_RATED)


@dataclass(frozen=True)
class _Read:
    """What the address of a list says.

    `values` tells what its filters know, `sorts` its orders, `by_words` whether it can be searched; `ignored` that
    something in the address was not understood; `goods` are the days on which goods come in.
    """

    wish: Wish
    number: int
    ignored: bool
    by_words: bool
    values: words.Values
    sorts: tuple[str, ...]
    goods: tuple[date, ...]

    @property
    def sort(self) -> str:
        return self.wish.sort or self.sorts[0]


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Search everything on sale; without words and filters, ask what for."""
    by_words = bool(words_of(request.GET.get("q", "")))
    shelves = listing.navigation()
    sorts = (RELEVANCE, *_EVERY_LIST) if by_words else _EVERY_LIST
    read = _read(request, shelf=None, sorts=sorts, shelves=shelves)
    if again := _better_address(request, read):
        return again
    context: dict[str, Any] = {"wish": read.wish, "ignored": read.ignored, "shelves": shelves}
    if read.wish.text or read.wish.filtered:
        context |= _list(request, read, shelf=None)
    return shared(request, render(request, "shop/search.html", context))


def shelf_page(request: HttpRequest, shelf: Category, shelves: Sequence[Category], canonical: str) -> HttpResponse:
    """Show one shelf of all, 24 products a page; a page that does not exist is a 404, not another page."""
    read = _read(request, shelf=shelf, sorts=(SHOP_ORDER, *_EVERY_LIST))
    if again := _better_address(request, read):
        return again
    plain = not read.wish.pairs()
    context = _list(request, read, shelf=shelf) | {
        "category": shelf,
        "shelves": shelves,
        "canonical": canonical if read.number == 1 or not plain else f"{canonical}?page={read.number}",
        "plain": plain,
    }
    return shared(request, render(request, "shop/category.html", context))


def _read(
    request: HttpRequest, *, shelf: Category | None, sorts: tuple[str, ...], shelves: Sequence[Category] = ()
) -> _Read:
    filters = known_filters(timezone.localdate())
    values = words.values_by_group(filters, shelves=shelves)
    goods = tuple(date.fromisoformat(each.code) for each in filters if each.group == COMES)
    known = {group: [each.code for each in members] for group, members in values.items()}
    asked: dict[str, Sequence[str]] = {name: list(given) for name, given in request.GET.lists()}
    if shelf is not None:
        asked.pop("q", None)
    number = request.GET.get("page") or "1"
    if not _PAGE_NUMBER.fullmatch(number):
        raise Http404("No such page")
    wish, ignored = read_wish(asked, known, sorts=sorts)
    return _Read(wish, int(number), bool(ignored), shelf is None, values, sorts, goods)


def _better_address(request: HttpRequest, read: _Read) -> HttpResponse | None:
    """Lead to the one right way to write the address; other parameters, such as a campaign's, are let be."""
    ours = {"sort", "page", *read.values} | (
        {"q"} if RELEVANCE in read.sorts or request.path.endswith("search/") else set()
    )
    asked = [(name, value) for name, value in parse_qsl(request.META["QUERY_STRING"], True) if name in ours]
    right = read.wish.pairs(read.number)
    if read.ignored or asked in (right, [*right, ("page", "1")]):
        return None
    others = [(name, value) for name, given in request.GET.lists() if name not in ours for value in given]
    query = urlencode([*right, *others])
    return redirect(f"{request.path}?{query}" if query else request.path)


def _list(request: HttpRequest, read: _Read, *, shelf: Category | None) -> dict[str, Any]:
    """Return what a list shows.  Raises Http404 for a page that is not there."""
    first = (read.number - 1) * listing.PAGE_SIZE
    if first >= MOST:
        raise Http404("No such page")
    country = _country(request)
    days = in_time(request, country, READY_STEPS, read.goods) if read.goods else {}
    wish = replace(read.wish, goods=tuple((str(step), comes) for step, comes in days.items()))
    found, instead = find(wish, sort=read.sort, shelf=shelf, first=first, most=listing.PAGE_SIZE)
    return {
        "wish": wish,
        "ignored": read.ignored,
        "instead": instead,
        "found": found,
        "total": words.total_words(found),
        "page": _page(found, read.number),
        "cards": listing.cards_of(found.ids, tones=_tones(wish)),
        "groups": words.groups(read.values, wish, found),
        "chips": [(chip, _address(request, chip.query)) for chip in words.chips(read.values, wish)],
        "clear": _address(request, wish.cleared().pairs()),
        "sorts": [(sort, words.sort_words(sort), sort == read.sort) for sort in read.sorts],
        "own_sort": read.sorts[0],
        "country": country,
    }


def _tones(wish: Wish) -> frozenset[tuple[str, str]]:
    """Return the colours, glazes and woods that are chosen: cards show their piece in them."""
    options = ((group, codes) for group, codes in wish.chosen if group not in FIXED and group != SIZE)
    return frozenset((group, code) for group, codes in options for code in codes)


def _page(found: Found, number: int) -> Page[int]:
    paginator = Paginator(range(min(found.total, MOST)), listing.PAGE_SIZE)
    if number > paginator.num_pages:
        raise Http404("No such page")
    return paginator.page(number)


def _address(request: HttpRequest, pairs: list[tuple[str, str]]) -> str:
    return f"{request.path}?{urlencode(pairs)}" if pairs else request.path


def _country(request: HttpRequest) -> str:
    """Return where to say the days for.  One that nobody delivers to has no days, so it need not be looked up."""
    remembered = request.COOKIES.get(COUNTRY_COOKIE, "")
    return remembered if re.fullmatch(r"[A-Z]{2}", remembered) else settings.SHOP_COUNTRY
