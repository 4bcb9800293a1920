"""Count what filters would leave by laying marks upon one another: one bit a product, no product is looked at.

A hundred thousand products are thirteen rows a filter.  Words have no tallies: what they match is looked up and marked
first, see shop.queries.finding.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from shop.invariants import Invariant
from shop.models import Category
from shop.rules.finding import COMES, FIXED, READY, SHELF, SPAN, Wish

Statement = tuple[str, list[Any]]

NONE = f"0::bit({SPAN})"
PLACE = f"product_id / {SPAN}"
MARK = f"set_bit({NONE}, mod(product_id, {SPAN})::int, 1)"
MARKS_OF = f"SELECT {PLACE} AS stretch, bit_or({MARK}) AS marks FROM {{}} GROUP BY 1"  # noqa: S608 -- our own words


def tallied(*, only: str = "TRUE") -> str:
    """Return the statement of every tally as the listings have it; `only` is a condition on shop_listing.

    Its columns are beside, key, stretch and marks.
    """
    return f"""
        SELECT beside COLLATE "C" AS beside, key COLLATE "C" AS key, {PLACE} AS stretch, bit_or({MARK}) AS marks FROM (
            SELECT '' AS beside, key, product_id FROM shop_listing, unnest(facets) AS key WHERE {only}
            UNION ALL SELECT two.beside, two.key, product_id
            FROM shop_listing, unnest(pairs) AS pair, LATERAL (VALUES
                (split_part(pair, '+', 2), split_part(pair, '+', 1)),
                (split_part(pair, '+', 1), split_part(pair, '+', 2))
            ) AS two (beside, key) WHERE {only}
        ) AS told GROUP BY 1, 2, 3
    """  # noqa: S608 -- our own words


def tallies_are_true() -> Invariant:
    """Return the check that tallies say what the listings say; notes of the last ten minutes excuse a product."""
    return Invariant(
        "S19",
        "What filters are said to leave is what they leave.",
        f"""
        WITH fresh AS MATERIALIZED ({tallied()}), due AS MATERIALIZED (
            {MARKS_OF.format("shop_listingdue WHERE noted_at > now() - interval '10 minutes'")}
        )
        SELECT 'tally of ' || concat_ws(' with ', key, nullif(beside, '')),
            bit_count((coalesce(f.marks, {NONE}) # coalesce(t.marks, {NONE})) & ~coalesce(d.marks, {NONE}))
                || ' products of stretch ' || stretch
        FROM fresh f FULL JOIN shop_tally t USING (beside, key, stretch) LEFT JOIN due d USING (stretch)
        WHERE (coalesce(f.marks, {NONE}) # coalesce(t.marks, {NONE})) & ~coalesce(d.marks, {NONE}) <> {NONE}
        """,  # noqa: S608 -- our own words
    )


class Parts:
    """Pieces of a statement and their values."""

    def __init__(self) -> None:
        self.sql: list[str] = []
        self.values: list[Any] = []

    def add(self, sql: str, *values: Any) -> None:
        """Add a piece and the values it has places for."""
        self.sql.append(sql)
        self.values += values


def counting_by_tallies(wish: Wish, *, shelf: Category | None) -> Statement:
    """Return the statement that counts what matches the filters of a wish, and its values; its rows: see `counts`."""
    sets = Parts()
    _add_set(sets, "mine", wish, shelf=shelf)
    for number, (group, _codes) in enumerate(wish.chosen):
        _add_set(sets, f"others{number}", wish, shelf=shelf, but=group)
    rows = counts(wish)
    return f"WITH {', '.join(sets.sql)} {' UNION ALL '.join(rows.sql)}", sets.values + rows.values


def counts(wish: Wish) -> Parts:
    """Return the statements that count a wish; they yield what, key and number.

    They take the marks of all matches from `mine`, and from `others0` and so on those without each chosen group.
    `total` is how many match, `key` how many of them have a filter, `pair` how many in one variant with an option that
    is chosen; of each chosen group, `others` is how many match without it and `of <group>` how many with another of it.
    """
    rows = Parts()
    rows.add("SELECT 'total', '', coalesce(sum(bit_count(marks)), 0)::bigint FROM mine")
    chosen = [group for group, _ in wish.chosen]
    options = [f"{group}:{code}" for group, codes in wish.chosen if group not in FIXED for code in codes]
    none_of = "split_part(key, ':', 1) <> ALL(%s)"
    apart = [*chosen, COMES, *([READY] if wish.goods else [])]
    if options:
        left = [group for group in FIXED if group not in apart]
        rows.add(_ALONE.format(what="key", matches="mine", only="split_part(key, ':', 1) = ANY(%s)"), left)
        rows.add(_PAIRED.format(what="pair", matches="mine", only=none_of), options, chosen)
    else:
        rows.add(_ALONE.format(what="key", matches="mine", only=none_of), apart)
    if wish.goods and READY not in chosen:
        _add_in_time(rows, wish, what="key", matches="mine")
    for number, group in enumerate(chosen):
        name = f"others{number}"
        rows.add(f"SELECT 'others', %s, coalesce(sum(bit_count(marks)), 0)::bigint FROM {name}", group)  # noqa: S608
        beside = [key for key in options if not key.startswith(f"{group}:")]
        within, edges = "key >= %s AND key < %s", (f"{group}:", f"{group};")
        if group not in FIXED and beside:
            rows.add(_PAIRED.format(what=f"of {group}", matches=name, only=within), beside, *edges)
        elif group == READY and wish.goods:
            _add_in_time(rows, wish, what=f"of {group}", matches=name)
        else:
            rows.add(_ALONE.format(what=f"of {group}", matches=name, only=within), *edges)
    return rows


def _add_in_time(rows: Parts, wish: Wish, *, what: str, matches: str) -> None:
    """Add how many arrive by each day, whether made until then or come in by then."""
    told = [(f"{READY}:{code}", key) for code, _days in wish.goods for key in wish.keys(READY, [code])]
    steps, keys = [step for step, _key in told], [key for _step, key in told]
    rows.add(_IN_TIME.format(what=what, matches=matches), steps, keys, sorted(set(keys)))


_Marked = tuple[tuple[str, ...], tuple[str, ...]]  # any of these keys beside any of those; beside nothing: ("",)


def _add_set(sets: Parts, name: str, wish: Wish, *, shelf: Category | None, but: str = "") -> None:
    """Add the marks of what matches, without the filter of the group `but`, as `name`."""
    marked = _marked(wish, shelf=shelf, but=but)
    if not marked:
        sets.add(f"{name} AS MATERIALIZED ({_EVERYTHING})", f"{SHELF}:", f"{SHELF};")
        return
    for place, (beside, keys) in enumerate(marked):
        sets.add(f"{name}_{place} AS MATERIALIZED ({_MARKED})", list(beside), list(keys))
    places = [f"{name}_{place}" for place in range(len(marked))]
    both = " & ".join(f"{place}.marks" for place in places)
    joined = " JOIN ".join([places[0], *(f"{place} USING (stretch)" for place in places[1:])])
    sets.add(f"{name} AS MATERIALIZED (SELECT stretch, {both} AS marks FROM {joined})")  # noqa: S608 -- ours


def _marked(wish: Wish, *, shelf: Category | None, but: str) -> list[_Marked]:
    """Return what must be marked, all of it; several options have to come in one variant."""
    alone = ("",)
    wanted: list[_Marked] = [(alone, (f"{SHELF}:{shelf.slug}",))] if shelf is not None else []
    chosen = [(group, tuple(wish.keys(group, codes))) for group, codes in wish.chosen if group != but]
    options = [keys for group, keys in chosen if group not in FIXED]
    wanted += [(alone, keys) for group, keys in chosen if group in FIXED or len(options) < 2]
    wanted += [(left, right) for place, left in enumerate(options) for right in options[place + 1 :]]
    return wanted


_MARKED = """
    SELECT stretch, bit_or(marks) AS marks FROM shop_tally WHERE beside = ANY(%s) AND key = ANY(%s) GROUP BY stretch
"""
_EVERYTHING = """
    SELECT stretch, bit_or(marks) AS marks FROM shop_tally WHERE beside = '' AND key >= %s AND key < %s GROUP BY stretch
"""
_ALONE = """
    SELECT '{what}', key, sum(bit_count(t.marks & m.marks)::int) FROM {matches} m JOIN shop_tally t USING (stretch)
    WHERE beside = '' AND {only} GROUP BY key HAVING sum(bit_count(t.marks & m.marks)::int) > 0
"""
_PAIRED = """
    SELECT '{what}', key, sum(bit_count(marks)::int) FROM (
        SELECT key, bit_or(t.marks & m.marks) AS marks FROM {matches} m JOIN shop_tally t USING (stretch)
        WHERE beside = ANY(%s) AND {only} GROUP BY key, stretch
    ) AS together GROUP BY key HAVING sum(bit_count(marks)::int) > 0
"""
_IN_TIME = """
    SELECT '{what}', step, sum(bit_count(marks)::int) FROM (
        SELECT step, stretch, bit_or(t.marks & m.marks) AS marks FROM {matches} m JOIN shop_tally t USING (stretch)
        JOIN unnest(%s::text[], %s::text[]) AS told (step, key) USING (key)
        WHERE beside = '' AND key = ANY(%s) GROUP BY step, stretch
    ) AS together GROUP BY step HAVING sum(bit_count(marks)::int) > 0
"""


def keeping_tallies(ids: Sequence[int]) -> tuple[str, dict[str, list[int]]]:
    """Return the statement that brings the tallies of some products in line with their listings, and its values.

    For whoever holds the lock of shop.operations.finding alone.
    """
    return _KEPT, {"ids": list(ids)}


_KEPT = f"""
    WITH touched AS MATERIALIZED (
        {MARKS_OF.format("unnest(%(ids)s::bigint[]) AS product_id")}
    ), fresh AS MATERIALIZED ({tallied(only="product_id = ANY(%(ids)s)")}
    ), kept AS MATERIALIZED (
        SELECT t.id, t.marks, (t.marks & (~n.marks)) | coalesce(f.marks, {NONE}) AS wanted
        FROM touched n JOIN shop_tally t USING (stretch) LEFT JOIN fresh f USING (beside, key, stretch)
    ), changed AS (
        UPDATE shop_tally t SET marks = k.wanted FROM kept k
        WHERE t.id = k.id AND k.wanted <> k.marks AND k.wanted <> {NONE}
    ), emptied AS (
        DELETE FROM shop_tally t USING kept k WHERE t.id = k.id AND k.wanted = {NONE}
    )
    INSERT INTO shop_tally (beside, key, stretch, marks) SELECT beside, key, stretch, marks FROM fresh f
    WHERE NOT EXISTS (
        SELECT 1 FROM shop_tally t WHERE (t.beside, t.stretch, t.key) = (f.beside, f.stretch, f.key))
"""  # noqa: S608 -- our own words

FORGETTING_STRANGERS = f"""
    UPDATE shop_tally t SET marks = t.marks & coalesce(k.marks, {NONE})
    FROM (SELECT DISTINCT stretch FROM shop_tally) s LEFT JOIN (
        {MARKS_OF.format("shop_listing")}
    ) k USING (stretch)
    WHERE s.stretch = t.stretch AND t.marks & coalesce(k.marks, {NONE}) <> t.marks
"""  # noqa: S608 -- our own words
