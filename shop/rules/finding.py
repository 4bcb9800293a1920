"""What a shopper asks of the shelves: words, filters, order; and how that is written in an address.

A filter is a key such as `colour:sage`: the group before the colon is the parameter of the address, the code behind it
the value.  Options (size, colour, glaze and whatever else variants differ in) come from the catalogue; the groups in
FIXED are ours.  Source: ux reference 2.2 (filters in the address, removable one by one); commerce reference 1.17, 1.18.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import product

SIZE = "size"  # the option that is on offer only while it is in stock
SHELF, CUT, MATERIAL, PRICE, READY, COMING = "shelf", "cut", "material", "price", "ready", "coming"
FIXED = (SHELF, CUT, MATERIAL, PRICE, READY, COMING)
SINGLE = frozenset({READY})  # "within three days" includes "at once": one of them says it all
COMES = "comes"  # `comes:2026-12-03`: a day on which goods come in that are sold already; no filter, but part of READY
# Words of the address with a meaning of their own: an option of such a name cannot be filtered by.
RESERVED = (*FIXED, COMES, "q", "sort", "page", "country")

MOST_SIGNS, MOST_WORDS, MOST_VALUES = 100, 8, 20
RELEVANCE, SHOP_ORDER, NEWEST, CHEAPEST, DEAREST, BEST_RATED = "relevance", "ours", "new", "price", "-price", "rated"
SORTS = (RELEVANCE, SHOP_ORDER, NEWEST, CHEAPEST, DEAREST, BEST_RATED)

SPAN = 8192  # products whose marks stand in one row of a tally; another number needs a migration

# Words of a name stand among the words of a listing once more behind this sign, and the whole name behind two of them:
# nobody can type it, and the same index finds what is called so however common the word is.
NAMED, CALLED = "=", "=="

# Upper edges of the price bands in whole units of the currency, and making times in working days somebody may name.
PRICE_EDGES = (25, 50, 100, 200)
READY_STEPS = (0, 3, 5, 10, 20)

# What can be ordered though none of it is here: never was, or is not just now.
PREORDER, ON_ORDER = "preorder", "on-order"

# Which of Postgres' dictionaries knows the word stems of a language; others are searched word for word.
DICTIONARIES = {"de": "german", "en": "english", "es": "spanish", "fr": "french", "it": "italian", "pt": "portuguese"}


def dictionary(language: str) -> str:
    """Return Postgres' name of the text search configuration for a language code such as `en-gb`."""
    return DICTIONARIES.get(language.split("-")[0], "simple")


def price_bands() -> tuple[str, ...]:
    """Return the codes of the price bands, cheapest first: `0-25`, ..., `200-`."""
    edges = (0, *PRICE_EDGES)
    return tuple(f"{low}-{high}" for low, high in zip(edges, (*PRICE_EDGES, ""), strict=True))


def cleaned(text: str) -> str:
    """Return what was typed with single spaces, without signs nobody can see, at most MOST_SIGNS long."""
    seen = "".join(sign if sign.isprintable() else " " for sign in text[: 10 * MOST_SIGNS])
    return " ".join(seen.split())[:MOST_SIGNS].strip()


def words_of(text: str) -> tuple[str, ...]:
    """Return the words to look for, in small letters, none twice, at most MOST_WORDS: letters and digits alone."""
    return tuple(dict.fromkeys(re.findall(r"[^\W_]+", text.lower())))[:MOST_WORDS]


def named(tsquery: str) -> str:
    """Return the query that finds the same words in names alone: `'mug':*` becomes `'=mug':*`."""
    return re.sub(r"'((?:[^']|'')+)'", rf"'{NAMED}\1'", tsquery)


@dataclass(frozen=True)
class Wish:
    """What is asked for: words, the chosen codes by group (in the order they are shown), and the order of the list.

    `sort` is empty for the page's own order.  `goods` tells for codes of READY on which days goods come in that
    arrive no later than what is made in that time; no part of the address, since it depends on the day and the country.
    """

    text: str = ""
    chosen: tuple[tuple[str, tuple[str, ...]], ...] = ()
    sort: str = ""
    goods: tuple[tuple[str, tuple[date, ...]], ...] = field(default=(), compare=False)

    @property
    def filtered(self) -> bool:
        """Tell whether anything is chosen."""
        return bool(self.chosen)

    def codes(self, group: str) -> tuple[str, ...]:
        """Return what is chosen of a group."""
        return dict(self.chosen).get(group, ())

    def keys(self, group: str, codes: Iterable[str]) -> list[str]:
        """Return the keys of which a product must have one to be what these codes of a group ask for."""
        wanted = list(codes)
        days = {day for code, days in self.goods if group == READY and code in wanted for day in days}
        return [*(f"{group}:{code}" for code in wanted), *(f"{COMES}:{day}" for day in sorted(days))]

    def pairs(self, page: int = 1) -> list[tuple[str, str]]:
        """Return the one way to write this wish in an address; what goes without saying is left out."""
        said = [("q", self.text)] if self.text else []
        said += [(group, code) for group, codes in self.chosen for code in codes]
        said += [("sort", self.sort)] if self.sort else []
        return [*said, ("page", str(page))] if page > 1 else said

    def without(self, group: str, code: str) -> Wish:
        """Return the wish with one filter less."""
        left = ((name, tuple(one for one in codes if (name, one) != (group, code))) for name, codes in self.chosen)
        return replace(self, chosen=tuple((name, codes) for name, codes in left if codes))

    def cleared(self) -> Wish:
        """Return the wish without any filter."""
        return replace(self, chosen=())


def read_wish(
    asked: Mapping[str, Sequence[str]], known: Mapping[str, Sequence[str]], *, sorts: Sequence[str]
) -> tuple[Wish, list[str]]:
    """Return the wish an address holds, and the values nobody knows, which are ignored.

    `known` maps every group to its codes, both in the order they are shown; `sorts` are the orders on offer, the first
    of them the page's own.
    """
    chosen, ignored = [], []
    for group, codes in known.items():
        values = {value for value in asked.get(group, ())[:MOST_VALUES] if value}
        wanted = tuple(code for code in codes if code in values)
        ignored += sorted(values.difference(wanted))
        if wanted:
            chosen.append((group, wanted[:1] if group in SINGLE else wanted))
    sort = next(iter(asked.get("sort", ())), "")
    if sort and sort not in sorts:
        ignored.append(sort)
    text = cleaned(next(iter(asked.get("q", ())), ""))
    return Wish(text if words_of(text) else "", tuple(chosen), sort if sort in sorts[1:] else ""), ignored


def pairs_of(left: tuple[str, Iterable[str]], right: tuple[str, Iterable[str]]) -> list[str]:
    """Return the keys of one variant that is both: `colour:sage+size:m` for every choice of two groups."""
    first, second = sorted((left, right), key=lambda each: each[0])
    return [f"{first[0]}:{one}+{second[0]}:{other}" for one, other in product(first[1], second[1])]


def nearest(word: str, candidates: Iterable[str]) -> str:
    """Return the candidate somebody most likely meant to type, empty when none is near enough.

    One slip is forgiven in short words, two from five letters on; among equals the first candidate wins.
    """
    allowed = 1 if len(word) < 5 else 2
    told = [(slips(word, one, at_most=allowed), place, one) for place, one in enumerate(candidates)]
    best = min((each for each in told if each[0] <= allowed), default=None)
    return best[2] if best else ""


def slips(typed: str, meant: str, *, at_most: int) -> int:
    """Return how many letters were missed, added, mistaken or swapped with their neighbour; `at_most` + 1 for more.

    Source: Damerau (1964), in the form of optimal string alignment.
    """
    if abs(len(typed) - len(meant)) > at_most:
        return at_most + 1
    before: list[int] = []
    row = list(range(len(meant) + 1))
    for i, sign in enumerate(typed, start=1):
        earlier, before, row = before, row, [i]
        for j, other in enumerate(meant, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (sign != other))
            if i > 1 and j > 1 and sign == meant[j - 2] and typed[i - 2] == other:
                cost = min(cost, earlier[j - 2] + 1)
            row.append(cost)
    return min(row[-1], at_most + 1)
