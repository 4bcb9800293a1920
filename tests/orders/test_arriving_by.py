"""The filter by the day something arrives: what is on its way is found by the day it would be with her."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from orders.models import ServiceLevel
from orders.queries.quotes import timetable
from orders.rules.promise import Wish as Asked
from shop import arriving
from shop.models import Category, Listing, StockArrival, StockLocation, Variant
from shop.operations import stock
from shop.operations.arrivals import announce_arrival, call_off_arrival, note_arrival, postpone_arrival
from shop.queries import finding
from shop.queries.audit import breaches
from shop.rules.finding import READY_STEPS, Wish
from tests.factories.bags import ordered
from tests.factories.catalogue import listed
from tests.factories.orders import service_level
from tests.factories.shop import StaffFactory, VariantFactory

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _monday(now: datetime, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """It is Monday 2 March, half past nine: there is time to begin today."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)
    service_level()
    yield
    monkeypatch.undo()


def coming(*arrivals: tuple[date, int], at: datetime, preorder: bool = False, most: int | None = None) -> Variant:
    """A piece that is on its way and sold already, beside one that is ready."""
    category = Category.objects.first()
    variant = VariantFactory(stock=0, **({"product__category": category} if category else {}))
    level = variant.stock.get()
    for day, pieces in arrivals:
        announced(variant, day, pieces, at)
    stock.sell_ahead(level_id=level.pk, preorder=preorder, most=most, by=StaffFactory(), at=at)
    if category is None:
        VariantFactory(product__category=variant.product.category)
    listed()
    return variant


def announced(variant: Variant, day: date, pieces: int, at: datetime) -> StockArrival:
    level = variant.stock.get()
    return announce_arrival(
        level_id=level.pk, pieces=pieces, expected_on=day, source="production", note="", by=None, at=at
    )


def steps(variant: Variant) -> list[str]:
    """The steps of the filter that show a piece on its shelf, each read as she reads it."""
    address = f"/c/{variant.product.category.slug}/"
    return [
        str(step)
        for step in READY_STEPS
        if variant.product_id in Client().get(address, {"ready": step}).context["found"].ids
    ]


def told(variant: Variant) -> set[str]:
    """The days of goods its listing holds."""
    listed()
    return {key for key in Listing.objects.get(product=variant.product_id).facets if key.startswith("comes:")}


@pytest.mark.parametrize("preorder", [True, False])
def test_what_is_on_its_way_is_found_by_the_day_it_arrives(now: datetime, preorder: bool) -> None:
    """Goods of Wednesday leave with what is made in three days; at once is what lies here alone."""
    variant = coming((date(2026, 3, 4), 5), at=now, preorder=preorder)

    assert steps(variant) == ["3", "5", "10", "20"]
    assert breaches(["S12", "S19"]) == []


def test_filter_shows_what_the_page_of_the_piece_promises(now: datetime) -> None:
    """Day by day over six weeks: shown by a filter means there no later than the day the filter names."""
    variants = {day: coming((day, 1), at=now) for day in (now.date() + number * DAY for number in range(0, 45, 4))}
    table = timetable("PT", at=now)
    service = ServiceLevel.objects.get()

    for day, variant in variants.items():
        arrives = table.quote(service, Asked(goods_on=day)).estimate.deliver_by_on
        within = [
            str(step)
            for step in READY_STEPS
            if arrives <= table.quote(service, Asked(making_days=step)).estimate.deliver_by_on
        ]
        assert steps(variant) == within
    assert len({tuple(steps(variant)) for variant in variants.values()}) >= 4


def test_numbers_beside_the_days_count_both_kinds_and_each_piece_once(now: datetime) -> None:
    """One comes in on Wednesday, one in two weeks, two sizes of one product on both days, one is ready."""
    first = coming((date(2026, 3, 4), 5), at=now)
    coming((date(2026, 3, 16), 5), at=now)
    both = coming((date(2026, 3, 4), 5), at=now)
    second = VariantFactory(product=both.product, stock=0)
    announced(second, date(2026, 3, 5), 5, now)
    stock.sell_ahead(level_id=second.stock.get().pk, preorder=True, most=None, by=StaffFactory(), at=now)
    listed()
    shelf = f"/c/{first.product.category.slug}/"
    numbers = {"0": "1", "3": "3", "20": "4"}  # between them, waiting longer brings nothing more

    def counts(address: str) -> dict[str, str]:
        groups = Client().get(address).context["groups"]
        return {each.code: each.count for group in groups if group.code == "ready" for each in group.filters}

    assert counts(shelf) == numbers
    assert counts(f"{shelf}?ready=3") == counts(shelf)
    assert Client().get(f"{shelf}?coming=preorder").context["found"].counts["ready:3"] == 1
    for address in (f"{shelf}?ready=3", f"{shelf}?ready=20", f"{shelf}?ready=0"):
        step = address.rpartition("=")[2]
        assert str(Client().get(address).context["found"].total) == counts(shelf)[step]
    found = Client().get(f"/search/?q={first.product.name.split()[0]}&ready=3").context["found"]
    assert (found.total, found.counts["ready:0"], found.counts["ready:3"]) == (3, 1, 3)


def test_day_follows_what_is_promised_and_what_becomes_of_the_arrivals(now: datetime) -> None:
    """Each change of the goods changes the day; nothing had to think of the listing."""
    variant = coming((date(2026, 3, 10), 1), (date(2026, 3, 20), 3), at=now)
    assert told(variant) == {"comes:2026-03-10"}

    ordered((variant, 1), at=now)
    assert told(variant) == {"comes:2026-03-20"}

    last = StockArrival.objects.get(expected_on=date(2026, 3, 20))
    postpone_arrival(arrival_id=last.pk, expected_on=date(2026, 3, 25), by=StaffFactory(), at=now)
    assert told(variant) == {"comes:2026-03-25"}

    soon = announced(variant, date(2026, 3, 12), 2, now)
    assert told(variant) == {"comes:2026-03-12"}

    call_off_arrival(arrival_id=soon.pk, by=StaffFactory(), at=now)
    assert told(variant) == {"comes:2026-03-25"}

    note_arrival(arrival_id=last.pk, pieces=3, key="k", by=StaffFactory(), at=now)
    assert told(variant) == set()
    assert steps(variant) == ["0", "3", "5", "10", "20"]
    assert breaches(["S12", "S19"]) == []


@pytest.mark.parametrize(
    ("policy", "before", "after"),
    [
        ("deny", {"on_hand": 1}, {"on_hand": 3}),
        ("made_to_order", {"on_hand": 0, "oversell_limit": 1}, {"on_hand": 0, "oversell_limit": 3}),
    ],
)
def test_what_another_shelf_has_moves_the_day_as_well(
    now: datetime, policy: str, before: dict[str, int], after: dict[str, int]
) -> None:
    """Three are promised: with one more of another shelf two of them wait, with three more none does."""
    variant = coming((date(2026, 3, 10), 1), (date(2026, 3, 20), 3), at=now)
    variant.stock.update(allocated=3)
    attic = StockLocation.objects.create(code="attic", name="Attic", position=9)
    other = variant.stock.create(location=attic, policy=policy, **before)
    assert told(variant) == {"comes:2026-03-20"}

    variant.stock.filter(pk=other.pk).update(**after)

    assert told(variant) == {"comes:2026-03-10"}
    assert breaches(["S12"]) == []


@pytest.mark.parametrize("most", [None, 2])
def test_goods_whose_day_is_over_are_counted_for_nothing(now: datetime, most: int | None) -> None:
    """However many may be sold of them: the next arrival counts, and once it is put off, its new day."""
    variant = coming((date(2026, 3, 4), 5), (date(2026, 3, 20), 5), at=now, most=most)
    assert told(variant) == {"comes:2026-03-04"}

    stock.keep_limits(now + 2 * DAY)
    assert told(variant) == {"comes:2026-03-04"}  # still its day

    stock.keep_limits(now + 3 * DAY)
    stock.keep_limits(now + 3 * DAY)
    assert told(variant) == {"comes:2026-03-20"}

    late = StockArrival.objects.get(expected_on=date(2026, 3, 4))
    postpone_arrival(arrival_id=late.pk, expected_on=date(2026, 3, 9), by=StaffFactory(), at=now + 3 * DAY)
    assert told(variant) == {"comes:2026-03-09"}
    assert breaches(["S12", "S19"]) == []


def test_marking_what_is_overdue_is_done_once(now: datetime) -> None:
    """Otherwise every look would make the listing anew."""
    variant = coming((date(2026, 3, 4), 5), at=now)
    stock.keep_limits(now + 3 * DAY)
    marked = StockArrival.objects.get().overdue_at

    stock.keep_limits(now + 4 * DAY)

    assert (marked, StockArrival.objects.get().overdue_at) == (now + 3 * DAY, now + 3 * DAY)
    assert told(variant) == set()


def test_where_no_day_can_be_told_only_what_is_here_is_ready(now: datetime) -> None:
    variant = coming((date(2026, 3, 4), 5), at=now)

    ServiceLevel.objects.update(active=False)

    assert steps(variant) == []


def test_without_whoever_knows_the_days_goods_are_not_looked_at(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: it is the days of delivery that bring them in."""
    variant = coming((date(2026, 3, 4), 5), at=now)
    monkeypatch.setattr(arriving, "_judges", [])

    assert steps(variant) == []


@pytest.mark.parametrize("typed", ["", "thing"])
def test_no_query_more_and_every_statement_has_its_index(
    now: datetime, django_assert_max_num_queries: DjangoAssertNumQueries, typed: str
) -> None:
    variant = coming((date(2026, 3, 4), 5), at=now)
    wish = Wish(typed, (("ready", ("3",)), ("coming", ("preorder",))), goods=(("3", (date(2026, 3, 4),)),))
    shelf = variant.product.category
    name = variant.product.name.split()[0]
    client = Client()
    client.get(f"/search/?q={name}&ready=3")

    with django_assert_max_num_queries(12 + 3):
        assert len(client.get(f"/search/?q={name}&ready=3").context["cards"]) == 2

    with finding.through_indexes() as cursor:
        for asked in (wish, replace(wish, chosen=())):
            sql, values = (
                finding.counting(
                    asked, finding.Asked("'thing'", "'thing'", "thing"), sort="new", shelf=shelf, first=0, most=24
                )
                if typed
                else finding.counting_by_tallies(asked, shelf=shelf)
            )
            cursor.execute(f"EXPLAIN {sql}", values)
            plan = "\n".join(row[0] for row in cursor.fetchall())
            assert "Seq Scan" not in plan
            assert "tally_once" in plan
