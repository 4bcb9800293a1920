"""Tallies: what filters are said to leave is what they leave, and no product is looked at to know it."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from io import StringIO
from itertools import combinations
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from shop.models import Category, Listing, Product, StockArrival, Tally
from shop.operations import finding as operations
from shop.queries import finding
from shop.queries.audit import breaches
from shop.queries.tallies import counting_by_tallies
from shop.rules.finding import COMES, FIXED, READY, READY_STEPS, SPAN, Wish
from tests.bench.big_catalogue import write_catalogue
from tests.factories.catalogue import listed, option, tee
from tests.factories.shop import VariantFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def many() -> None:
    """Sixty pieces of the catalogue the benches measure, each in five sizes, some of which are sold out."""
    VariantFactory(stock=1)
    for place, size in enumerate(("xs", "s", "m", "l", "xl")):
        option("size", size, size.upper(), place)
    option("colour", "sage", "Sage")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a table with checks waiting cannot be altered
        write_catalogue(cursor, products=60)


CHOICES = (
    ("size", ("m",)),
    ("size", ("s", "xl")),
    ("colour", ("tone-1", "tone-3")),
    ("cut", ("loose", "close")),
    ("material", ("linen",)),
    ("price", ("50-100", "100-200")),
    ("ready", ("5",)),
)


def wishes() -> Iterator[Wish]:
    """Every way to choose up to three filters of different groups."""
    for number in range(4):
        for chosen in combinations(CHOICES, number):
            if len({group for group, _ in chosen}) == number:
                yield Wish("", chosen)


def has(row: Listing, wish: Wish, *, but: str = "") -> bool:
    """Whether a listing fulfils a wish, read from its own row: what the tallies are held against."""
    chosen = {group: set(wish.keys(group, codes)) for group, codes in wish.chosen if group != but}
    options = [keys for group, keys in chosen.items() if group not in FIXED]
    together = all(
        any(f"{min(a, b)}+{max(a, b)}" in row.pairs for a in left for b in right)
        for left, right in combinations(options, 2)
    )
    return together and all(keys & set(row.facets) for keys in chosen.values())


def counted_by_hand(rows: list[Listing], wish: Wish) -> tuple[int, dict[str, int], dict[str, int]]:
    """What a shopper is told: matches; how many each filter would leave; how many match without each chosen group."""
    counts: Counter[str] = Counter()
    for row in rows:
        in_time = {f"{READY}:{step}" for step in READY_STEPS if set(wish.keys(READY, [str(step)])) & set(row.facets)}
        for key in {key for key in row.facets if not key.startswith(f"{COMES}:")} | in_time:
            group, _, code = key.partition(":")
            if has(row, replace(wish, chosen=tuple({**dict(wish.chosen), group: (code,)}.items()))):
                counts[key] += 1
    without = {group: sum(has(row, wish, but=group) for row in rows) for group, _ in wish.chosen}
    return sum(has(row, wish) for row in rows), dict(counts), without


@pytest.mark.parametrize("goods", [False, True])
@pytest.mark.parametrize("typed", ["", "mug", "linen"])
def test_counts_are_those_of_looking_at_every_product(many: None, typed: str, goods: bool) -> None:
    """With words and without: whatever is chosen of up to three groups, and some of it is there.

    And with what is on its way, which is in time for some of the days or for all of them.
    """
    shelf, found = Category.objects.get(slug="shelf-1"), 0
    days = sorted(set(StockArrival.objects.values_list("expected_on", flat=True))) if goods else []
    in_time = tuple((str(step), tuple(days[: place * len(days) // 4])) for place, step in enumerate(READY_STEPS))
    rows = list(Listing.objects.filter(category=shelf))
    if typed:
        ids = finding.find(Wish(typed), sort="relevance", shelf=shelf, first=0, most=60)[0].ids
        rows = [row for row in rows if row.pk in ids]

    for wish in wishes():
        wish = replace(wish, goods=in_time if goods else ())
        told, _ = finding.find(replace(wish, text=typed), sort="new", shelf=shelf, first=0, most=24)
        assert (told.total, told.counts, told.beyond) == counted_by_hand(rows, wish)
        found += told.total > 0

    assert found > 5
    assert breaches(["S12", "S19"]) == []


def test_products_far_apart_are_counted_together(now: Any) -> None:
    """Each stretch of products has rows of its own."""
    for number in (1, SPAN - 1, SPAN, 40 * SPAN + 5):
        tee(f"tee-{number}", pk=10**6 * SPAN + number)
    listed()

    found, _ = finding.find(Wish("", (("size", ("m",)),)), sort="new", shelf=None, first=0, most=24)

    assert (found.total, found.counts["colour:sage"], found.counts["size:s"]) == (4, 4, 4)
    assert Tally.objects.filter(key="colour:sage", beside="size:m").count() == 3
    assert breaches(["S19"]) == []


def test_filter_nobody_has_any_more_leaves_no_tally() -> None:
    product = tee("tee")
    listed()
    assert Tally.objects.exists()

    Product.objects.filter(pk=product.pk).update(published=False)
    listed()

    assert not Tally.objects.exists()


def test_rebuilding_repairs_tallies_and_forgets_products_nobody_knows() -> None:
    tee("tee")
    listed()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE shop_tally SET marks = ~marks")
    assert breaches(["S19"]) != []

    call_command("rebuild_listings", stdout=StringIO())

    assert breaches(["S19"]) == []


def test_tallies_are_kept_with_the_listing_or_not_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """A product whose tallies cannot be written keeps its old listing as well."""
    tee("tee")
    monkeypatch.setattr(
        operations, "keeping_tallies", lambda ids: ("SELECT 1/0 WHERE %(ids)s IS NOT NULL", {"ids": ids})
    )

    listed()

    assert (Listing.objects.count(), Tally.objects.count()) == (0, 0)


@pytest.mark.parametrize("on_shelf", [True, False])
def test_counting_reads_tallies_alone(on_shelf: bool) -> None:
    """Not one row of a product, and of the tallies only what the index leads to."""
    tee("tee")
    listed()
    shelf = Category.objects.get() if on_shelf else None
    wish = Wish("", (("size", ("m",)), ("colour", ("sage",)), ("price", ("25-50",))))

    plan = planned(counting_by_tallies(wish, shelf=shelf))

    assert set(re.findall(r'"Relation Name": "(\w+)"', plan)) == {"shop_tally"}
    assert set(re.findall(r'"Index Name": "(\w+)"', plan)) <= {"tally_once", "tally_stretch"}
    assert "Seq Scan" not in plan


@pytest.mark.parametrize("sort", ["ours", "new", "price", "-price", "rated"])
def test_few_matches_are_looked_up_not_searched_for(sort: str) -> None:
    tee("tee")
    listed()

    sql, values = finding.few(Wish("", (("size", ("m",)),)), "", sort=sort, shelf=Category.objects.get())
    plan = planned((sql, [*values, 0, 24]))

    assert set(re.findall(r'"Index Name": "(\w+)"', plan)) == {"listing_search"}
    assert "Seq Scan" not in plan


def planned(statement: tuple[str, list[Any]]) -> str:
    """The plan of a statement as JSON."""
    with finding.through_indexes() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {statement[0]}", statement[1])
        return json.dumps(cursor.fetchone()[0])
