"""Find products by words and filters, with counts for every filter, at a cost that does not grow with the catalogue.

Without words, tallies count to the last (shop.queries.tallies).  With words, one statement looks up at most MOST + 1
matches through one index and counts among them; what is beyond is said as "more than".  A list with more matches in an
order other than relevance is read along that order's own index; by relevance, what is called so is looked up first.
Source: commerce reference 1.17, 1.18; ux reference 2.2.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from shop.models import Category
from shop.queries.listed import WHOLE_NAME
from shop.queries.tallies import MARKS_OF, Parts, counting_by_tallies, counts
from shop.rules.finding import (
    BEST_RATED,
    CALLED,
    CHEAPEST,
    DEAREST,
    FIXED,
    NEWEST,
    RELEVANCE,
    SHELF,
    SHOP_ORDER,
    Wish,
    dictionary,
    named,
    nearest,
    pairs_of,
    words_of,
)

MOST = 1000  # matches that can be paged through, and of those words have are counted
MOST_ALIKE = 20

ORDERS = {
    SHOP_ORDER: "position, product_id",
    NEWEST: "created_at DESC, product_id DESC",
    CHEAPEST: "price_minor, product_id",
    DEAREST: "price_minor DESC, product_id DESC",
    BEST_RATED: "rating DESC, product_id DESC",
    RELEVANCE: "nearness DESC, rank DESC, product_id",
}


@dataclass(frozen=True)
class Found:
    """Which products match: `ids` of the page that was asked for, in order; how many match.

    `counts` tells for every filter how many would match with it in place of others of its group, `beyond` for the
    groups chosen from how many match without them.  `to_the_last` is whether all were counted; otherwise each number
    is of at most MOST + 1.
    """

    ids: list[int]
    total: int
    counts: dict[str, int]
    beyond: dict[str, int] = field(default_factory=dict)
    to_the_last: bool = False

    @property
    def capped(self) -> bool:
        """Tell whether more match than can be paged through."""
        return self.total > MOST

    def is_least(self, group: str) -> bool:
        """Tell whether the counts of a group are of the first MOST + 1 matches alone, so that there may be more."""
        return not self.to_the_last and self.beyond.get(group, self.total) > MOST


@dataclass(frozen=True)
class Asked:
    """Words as Postgres searches for them; `corrected` when a word nobody knows was read as another one.

    `tsquery` finds; `ranked` finds the same and ranks the very word before others of its stem; `text` is how it was
    typed, to find what is called exactly so.
    """

    tsquery: str
    ranked: str
    text: str
    corrected: str = ""


@dataclass
class _Where:
    """Pieces of a statement and their values."""

    sql: list[str] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)

    def add(self, sql: str, value: Any) -> None:
        self.sql.append(sql)
        self.values.append(value)

    def __str__(self) -> str:
        return " AND ".join(self.sql) or "TRUE"


_SETTINGS = "SELECT set_config('enable_seqscan', %s, true), set_config('enable_sort', %s, true)"


@contextmanager
def through_indexes() -> Iterator[Any]:
    """Yield a cursor whose statements take an index and its order, however common the planner thinks a word is."""
    nested = connection.in_atomic_block
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_SETTINGS, ["off", "off"])
        yield cursor
        if nested:  # they are of this block alone, but would last as long as the outer transaction
            cursor.execute(_SETTINGS, ["on", "on"])


def find(wish: Wish, *, sort: str, shelf: Category | None, first: int, most: int) -> tuple[Found, str]:
    """Return `most` matches from place `first` on (0 is the best), and the words they were found by if others.

    `shelf` is a category to stay in.  Words that match nothing are read as what may have been meant.  At most four
    queries, beside one that sets up the planner.
    """
    with through_indexes() as cursor:
        if not words_of(wish.text):
            return _browse(cursor, wish, sort=sort, shelf=shelf, first=first, most=most), ""
        asked, meant = _asked(cursor, wish.text)
        found = _search(cursor, wish, asked, sort=sort, shelf=shelf, first=first, most=most)
        if found.total == 0 and meant:
            again = _search(cursor, wish, meant, sort=sort, shelf=shelf, first=first, most=most)
            if again.total:
                return again, meant.corrected
    return found, ""


def _browse(cursor: Any, wish: Wish, *, sort: str, shelf: Category | None, first: int, most: int) -> Found:
    cursor.execute(*counting_by_tallies(wish, shelf=shelf))
    rows: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for what, key, number in cursor.fetchall():
        rows[what].append((key, number))
    total = rows["total"][0][1]
    read = ordered if total > MOST else few
    sql, values = read(wish, "", sort=sort, shelf=shelf)
    cursor.execute(sql, [*values, first, most])
    ids = [row[0] for row in cursor.fetchall()]
    return Found(ids, total, _counts(wish, rows), dict(rows["others"]), to_the_last=True)


def _search(
    cursor: Any, wish: Wish, asked: Asked, *, sort: str, shelf: Category | None, first: int, most: int
) -> Found:
    sql, values = counting(wish, asked, sort=sort, shelf=shelf, first=first, most=most)
    cursor.execute(sql, values)
    rows: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for what, key, number in cursor.fetchall():
        rows[what].append((key, number))
    total = rows["total"][0][1]
    ids = [int(key) for key, _ in sorted(rows["page"], key=lambda row: row[1])]
    if total > MOST:
        if sort == RELEVANCE:
            cursor.execute(*nearest_first(wish, asked, shelf=shelf, first=first, most=most))
        else:
            sql, values = ordered(wish, asked.tsquery, sort=sort, shelf=shelf)
            cursor.execute(sql, [*values, first, most])
        ids = [row[0] for row in cursor.fetchall()]
    return Found(ids, total, _counts(wish, rows), dict(rows["others"]))


def _counts(wish: Wish, rows: dict[str, list[tuple[str, int]]]) -> dict[str, int]:
    """Put together: filters of ours as they are, options only together with the options that are chosen."""
    options = [group for group, _ in wish.chosen if group not in FIXED]
    counts = dict(rows["key"])
    if options:
        counts = {key: number for key, number in counts.items() if key.split(":")[0] in FIXED}
        counts |= {key: n for key, n in rows["pair"] if key.split(":")[0] not in options}
    for group, _codes in wish.chosen:
        counts = {key: number for key, number in counts.items() if key.split(":")[0] != group}
        counts |= dict(rows[f"of {group}"])
    return counts


def where(wish: Wish, tsquery: str, *, shelf: Category | None, but: str = "") -> _Where:
    """Return what a listing must fulfil; the filter of the group `but` is left out."""
    wanted = _Where()
    if shelf is not None:
        wanted.add("facets @> %s::text[]", [f"{SHELF}:{shelf.slug}"])
    chosen = [(group, codes) for group, codes in wish.chosen if group != but]
    options = [each for each in chosen if each[0] not in FIXED]
    for group, codes in chosen:
        if len(options) < 2 or group in FIXED:
            wanted.add("facets && %s::text[]", wish.keys(group, codes))
    for place, left in enumerate(options):
        for right in options[place + 1 :]:
            wanted.add("pairs && %s::text[]", pairs_of(left, right))
    if tsquery:
        wanted.add("words @@ %s::tsquery", tsquery)
    return wanted


def counting(
    wish: Wish, asked: Asked, *, sort: str, shelf: Category | None, first: int, most: int
) -> tuple[str, list[Any]]:
    """Return the statement that counts and pages what words match, and its values; rows are (what, key, number).

    Each set of matches is a query of its own that is planned for all of them and read for the first MOST + 1 only:
    with a limit inside, the planner would hope to meet them by chance.
    """
    columns, values = _columns(asked, sort)
    sets, rows = Parts(), counts(wish)
    _add_set(sets, "mine", columns, values, where(wish, asked.tsquery, shelf=shelf))
    for number, (group, _codes) in enumerate(wish.chosen):
        _add_set(sets, f"others{number}", "product_id", [], where(wish, asked.tsquery, shelf=shelf, but=group))
    rows.add(_PAGE.format(order=ORDERS[sort]), first, first + most)
    return f"WITH {', '.join(sets.sql)} {' UNION ALL '.join(rows.sql)}", sets.values + rows.values


def nearest_first(wish: Wish, asked: Asked, *, shelf: Category | None, first: int, most: int) -> tuple[str, list[Any]]:
    """Return the statement of the nearest of more matches than are counted, and its values.

    What is called just so, what has every word in its name, and, where these do not fill the page, others: of each no
    more than are counted, but what is called so is looked up by its name and never left out for what speaks of it.
    """
    columns, values = _columns(asked, RELEVANCE)
    called, in_name = where(wish, "", shelf=shelf), where(wish, named(asked.tsquery), shelf=shelf)
    called.add(_CALLED, asked.text)
    sets = Parts()
    _add_first(sets, "called", columns, values, called)
    _add_first(sets, "named", columns, values, in_name)
    filled = f"CASE WHEN (SELECT count(*) FROM first_named) >= %s THEN 0 ELSE {MOST + 1} END"  # noqa: S608 -- ours
    _add_first(sets, "others", columns, values, where(wish, asked.tsquery, shelf=shelf), limit=filled)
    near = " UNION ".join(f"SELECT * FROM first_{name}" for name in ("called", "named", "others"))  # noqa: S608 -- ours
    page = f"SELECT product_id FROM ({near}) AS near ORDER BY {ORDERS[RELEVANCE]} OFFSET %s LIMIT %s"  # noqa: S608
    return f"WITH {', '.join(sets.sql)} {page}", [*sets.values, first + most, first, most]


_CALLED = f"words @@ ('''{CALLED}' || {WHOLE_NAME.format('%s::text')} || '''')::tsquery"


def _columns(asked: Asked, sort: str) -> tuple[str, list[Any]]:
    """Return what puts matches in order, and its values."""
    columns = "product_id, position, created_at, price_minor, rating"
    if sort != RELEVANCE:
        return columns, []
    nearness = f"(words @@ %s::tsquery)::int + ({_CALLED})::int AS nearness"
    values = [named(asked.tsquery), asked.text, asked.ranked]
    return f"{columns}, {nearness}, ts_rank(words, %s::tsquery) AS rank", values


def _add_set(sets: Parts, name: str, columns: str, values: list[Any], wanted: _Where) -> None:
    _add_first(sets, name, columns, values, wanted)
    sets.add(f"{name} AS MATERIALIZED ({MARKS_OF.format(f'first_{name}')})")


def _add_first(sets: Parts, name: str, columns: str, values: list[Any], wanted: _Where, *, limit: str = "") -> None:
    sql = f"""
        all_{name} AS MATERIALIZED (SELECT {columns} FROM shop_listing WHERE {wanted}),
        first_{name} AS MATERIALIZED (SELECT * FROM all_{name} LIMIT {limit or MOST + 1})
    """  # noqa: S608 -- ours
    sets.add(sql, *values, *wanted.values)


_PAGE = """
    SELECT 'page', product_id::text, place
    FROM (SELECT product_id, row_number() OVER (ORDER BY {order}) AS place FROM first_mine) AS placed
    WHERE place > %s AND place <= %s
"""


def ordered(wish: Wish, tsquery: str, *, sort: str, shelf: Category | None) -> tuple[str, list[Any]]:
    """Return the statement of all matches in an order that has an index, and its values; first and most come last.

    Read along the index: where more match than are counted, a page of them is never far.
    """
    wanted = where(wish, tsquery, shelf=shelf)
    if shelf is not None:
        wanted.add("category_id = %s", shelf.pk)
    return (
        f"SELECT product_id FROM shop_listing WHERE {wanted} ORDER BY {ORDERS[sort]} OFFSET %s LIMIT %s",  # noqa: S608
        wanted.values,
    )


def few(wish: Wish, tsquery: str, *, sort: str, shelf: Category | None) -> tuple[str, list[Any]]:
    """Return the statement of matches in an order, where there are no more than are counted; first and most come last.

    All of them are looked up and sorted: along the index of the order they may be far apart.
    """
    wanted = where(wish, tsquery, shelf=shelf)
    columns = "product_id, position, created_at, price_minor, rating"
    sql = f"""
        WITH mine AS MATERIALIZED (SELECT {columns} FROM shop_listing WHERE {wanted})
        SELECT product_id FROM mine ORDER BY {ORDERS[sort]} OFFSET %s LIMIT %s
    """  # noqa: S608 -- ours
    return sql, wanted.values


_WORDS = """
    SELECT word, plainto_tsquery(%(stems)s::regconfig, plain)::text,
        to_tsquery('simple', '''' || translate(plain, '''\\', '') || ''''
            || CASE WHEN last THEN ':*' ELSE '' END)::text,
        CASE WHEN EXISTS (SELECT 1 FROM shop_searchword s WHERE s.word LIKE plain || '%%') OR EXISTS (
            SELECT 1 FROM shop_searchword s
            WHERE s.stem = ANY(tsvector_to_array(to_tsvector(%(stems)s::regconfig, plain)))) THEN NULL
        ELSE ARRAY(
            (SELECT s.word || ':' || s.stem FROM shop_searchword s WHERE s.word %% plain
            ORDER BY similarity(s.word, plain) DESC, s.word LIMIT %(alike)s)
            UNION ALL (SELECT s.word || ':' || s.stem FROM shop_searchword s
            WHERE length(plain) < 6 AND s.word LIKE left(plain, 1) || '%%' AND length(s.word) < 7
            ORDER BY s.word LIMIT 200)
        ) END
    FROM (SELECT word, place, lower(unaccent(word)) AS plain, place = cardinality(%(words)s::text[]) AS last
        FROM unnest(%(words)s::text[]) WITH ORDINALITY AS w (word, place)) AS typed
    ORDER BY place
"""


def _asked(cursor: Any, text: str) -> tuple[Asked, Asked | None]:
    """Return the words as they were typed, the last of them perhaps not to its end, and as they may be meant."""
    words = words_of(text)
    if not words:
        return Asked("", "", ""), None
    stems = dictionary(settings.LANGUAGE_CODE)
    cursor.execute(_WORDS, {"words": list(words), "stems": stems, "alike": MOST_ALIKE})
    rows = cursor.fetchall()
    typed, meant, corrected = [], [], []
    for word, stem, plain, alike in rows:
        as_typed = (stem, plain) if stem or len(rows) == 1 else ("", "")
        better = nearest(word, [each.split(":")[0] for each in alike]) if alike else ""
        known = dict(each.split(":") for each in alike or ())
        typed.append(as_typed)
        meant.append((f"'{known[better]}'", f"'{better}'") if better else as_typed)
        corrected.append(better or word)
    if corrected == list(words):
        return _all(typed, text), None
    return _all(typed, text), replace(_all(meant, " ".join(corrected)), corrected=" ".join(corrected))


def _all(words: list[tuple[str, str]], text: str) -> Asked:
    """Return all of them as one query.  Words that stand in every text are left out unless there is no other."""
    found, ranked = ([each for each in map(way, words) if each] for way in (_found_by, _either))
    return Asked(" & ".join(found), " & ".join(ranked), text)


def _either(word: tuple[str, str]) -> str:
    told = [query for query in dict.fromkeys(word) if query]
    return f"({' | '.join(told)})" if told else ""


def _found_by(word: tuple[str, str]) -> str:
    """Return the least that finds what stem and word find: wherever a word stands, its stem stands as well."""
    stem, plain = word
    begun = plain.removesuffix("':*")
    if begun == plain:
        return stem or plain
    return plain if stem.startswith(begun) else _either(word)
