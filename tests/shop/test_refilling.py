"""Tasks to refill: one for a variant that runs low, closed by itself, never for what nobody refills."""

from __future__ import annotations

from datetime import datetime, timedelta
from threading import Event as Signal
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from shop import sweeps
from shop.models import Event, LowStock, StockLevel, StockLocation, Variant
from shop.operations import low_stock
from shop.operations.low_stock import look_at_shelves, watch_low_stock
from shop.operations.people import sync_roles
from shop.operations.stock import Wanted, allocate, receive, release
from shop.queries.attention import count_low_stock
from shop.queries.low_stock import to_refill
from tests.crowds import together
from tests.factories.shop import VariantFactory
from tests.pages import words
from tests.shop.test_admin import desk_of

pytestmark = pytest.mark.django_db


def take(variant: Variant, pieces: int, at: datetime) -> Wanted:
    item = Wanted(variant.pk, pieces, f"line:{uuid4()}")
    allocate(wanted=[item], order_number="KP-1", at=at)
    return item


def fill(variant: Variant, pieces: int, at: datetime) -> None:
    receive(item=Wanted(variant.pk, pieces, f"in:{uuid4()}"), at=at)


def open_ones() -> list[tuple[str, int, int]]:
    rows = LowStock.objects.filter(closed_at=None).order_by("variant__sku")
    return list(rows.values_list("variant__sku", "free", "low_at"))


def told() -> list[str]:
    return list(Event.objects.filter(name__startswith="shop.low-stock.").order_by("id").values_list("name", flat=True))


def test_who_falls_below_has_one_task_until_it_is_filled(now: datetime) -> None:
    variant = VariantFactory(sku="MUG", stock=5)
    assert look_at_shelves(now) == 0

    ordered = take(variant, 2, now)
    looks = [look_at_shelves(now + timedelta(minutes=minutes)) for minutes in (0, 5, 10)]
    opened = open_ones()
    fill(variant, 1, now)

    assert (looks, opened) == ([1, 0, 0], [("MUG", 3, 3)])
    assert (look_at_shelves(now + timedelta(hours=1)), open_ones()) == (1, [])
    assert LowStock.objects.get().closed_at == now + timedelta(hours=1)
    release(wanted=[Wanted(variant.pk, 2, f"free:{ordered.key}")], order_number="KP-1", at=now)
    take(variant, 6, now)
    assert look_at_shelves(now + timedelta(hours=2)) == 1  # a new one, and the old one is kept
    assert told() == ["shop.low-stock.opened", "shop.low-stock.closed", "shop.low-stock.opened"]
    assert LowStock.objects.count() == 2


@pytest.mark.parametrize(
    ("usual", "own", "stock", "opened"),
    [(3, None, 3, True), (3, None, 4, False), (3, 10, 10, True), (3, 10, 11, False), (3, 0, 1, False), (3, 0, 0, True),
     (0, None, 1, False), (12, None, 12, True), (12, 2, 3, False)],
)  # fmt: skip
def test_an_article_has_its_own_number_or_the_shops(
    settings: Any, now: datetime, usual: int, own: int | None, stock: int, opened: bool
) -> None:
    settings.LOW_STOCK_AT = usual
    VariantFactory(sku="MUG", stock=stock, low_at=own)

    look_at_shelves(now)

    assert open_ones() == ([("MUG", stock, usual if own is None else own)] if opened else [])


def test_a_variant_is_what_all_its_shelves_hold(now: datetime) -> None:
    variant = VariantFactory(stock=0)
    barn = StockLocation.objects.create(code="barn", name="Barn")
    StockLevel.objects.create(variant=variant, location=barn, on_hand=4)

    assert look_at_shelves(now) == 0


@pytest.mark.parametrize("change", ["off sale", "unpublished", "made to order", "preorder", "backorder", "making time"])
def test_what_nobody_refills_has_no_task_and_loses_the_one_it_had(now: datetime, change: str) -> None:
    had, fresh = VariantFactory(stock=1), VariantFactory(stock=9)
    look_at_shelves(now)
    assert LowStock.objects.filter(closed_at=None, variant=had).exists()

    for variant in (had, fresh):
        variant.active = change != "off sale"
        variant.making_days = 5 if change == "making time" else 0
        variant.save()
        variant.product.published = change != "unpublished"
        variant.product.save()
    if change in ("made to order", "preorder", "backorder"):
        StockLevel.objects.update(policy=change.replace(" ", "_"), oversell_limit=9)
    else:
        take(fresh, 9, now) if change not in ("off sale", "unpublished") else None
        StockLevel.objects.filter(variant=fresh).update(on_hand=9, allocated=9)
    look_at_shelves(now)

    assert open_ones() == []


@pytest.mark.parametrize(("step", "looks_at"), [("open", 3000), ("close", 1)])
def test_closing_looks_at_what_is_open_alone(now: datetime, step: str, looks_at: int) -> None:
    """Of three thousand shelves with enough on them; opening is the control: it has to read them all."""
    variant = VariantFactory(sku="MUG", stock=1)
    look_at_shelves(now)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO shop_variant (product_id, sku, label, price_minor, content_unit, currency, weight_g,"
            " making_days, position, active) SELECT product_id, 'M-' || n, '', 900, '', 'EUR', 200, 0, n, true"
            " FROM shop_variant, generate_series(1, 3000) AS n WHERE id = %s",
            [variant.pk],
        )
        cursor.execute(
            "INSERT INTO shop_stocklevel (variant_id, location_id, on_hand, allocated, quarantine, policy,"
            " oversell_limit) SELECT v.id, l.location_id, 50, 0, 0, 'deny', 0"
            " FROM shop_variant v, shop_stocklevel l WHERE starts_with(v.sku, 'M-') AND l.variant_id = %s",
            [variant.pk],
        )
        cursor.execute("ANALYZE shop_variant, shop_stocklevel, shop_lowstock")
        values = {"usual": 3, "most": 3, "at": now, "batch": 500}
        statement = low_stock._OPEN if step == "open" else low_stock._CLOSE
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", values)
        read = max(_rows_read(cursor.fetchone()[0], "shop_stocklevel"))

    assert read >= looks_at if step == "open" else read == looks_at


def _rows_read(plan: Any, table: str) -> list[int]:
    """How many rows each look at a table in a plan touches, those it leaves aside among them."""
    if isinstance(plan, list):
        return [rows for part in plan for rows in _rows_read(part, table)]
    if not isinstance(plan, dict):
        return []
    inner = [rows for part in plan.values() for rows in _rows_read(part, table)]
    if plan.get("Relation Name") != table:
        return inner
    return [*inner, (plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)) * plan["Actual Loops"]]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("guarded", [True, False])
def test_two_looks_at_once_open_one_task(guarded: bool, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second look comes while the first has not committed; without the guard the variant has two tasks."""
    VariantFactory(stock=1)
    if not guarded:
        with connection.cursor() as cursor:
            cursor.execute("DROP INDEX low_stock_open_once")
        unguarded = low_stock._OPEN.replace("ON CONFLICT (variant_id) WHERE closed_at IS NULL DO NOTHING", "")
        monkeypatch.setattr(low_stock, "_OPEN", unguarded)
    written = Signal()

    def first() -> int:
        with transaction.atomic():
            opened = look_at_shelves(now)
            written.set()
            _wait_for_the_other(guarded)
            return opened

    def second() -> int:
        assert written.wait(10)
        return look_at_shelves(now)

    try:
        results = together(first, second)

        assert sorted(results) == ([0, 1] if guarded else [1, 1])
        assert LowStock.objects.filter(closed_at=None).count() == (1 if guarded else 2)
        assert len(told()) == (1 if guarded else 2)
    finally:
        if not guarded:
            LowStock.objects.all().delete()
            with connection.cursor() as cursor:
                cursor.execute(
                    "CREATE UNIQUE INDEX low_stock_open_once ON shop_lowstock (variant_id) WHERE closed_at IS NULL"
                )


def _wait_for_the_other(guarded: bool) -> None:
    """Stay until the other look waits for our row, or has written its own."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%%shop_lowstock%%'"
    for _ in range(2000):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(waiting if guarded else "SELECT count(*) - 1 FROM shop_lowstock")
            if cursor.fetchone() != (0,):
                return


def test_the_sweep_looks_every_five_minutes(now: datetime) -> None:
    variant = VariantFactory(stock=1)
    minutes = (0, 1, 4, 6, 11)

    settled = []
    for minute in minutes:
        settled.append(sweeps.run("shop.watch_low_stock", at=now + timedelta(minutes=minute)))
        StockLevel.objects.filter(variant=variant).update(on_hand=50)

    assert settled == [1, 0, 0, 1, 0]
    assert watch_low_stock(now + timedelta(minutes=11)) == 0


def test_so_many_at_a_time_and_the_rest_next(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(low_stock, "BATCH", 2)
    for _ in range(3):
        VariantFactory(stock=0)

    assert [look_at_shelves(now) for _ in range(3)] == [2, 1, 0]


def test_staff_see_how_many_and_which_and_what_is_on_its_way(now: datetime) -> None:
    sync_roles(at=now)
    VariantFactory(sku="MUG-1", stock=2)
    look_at_shelves(now)
    client = desk_of("warehouse")

    front, page = words(client.get("/admin/")), words(client.get("/admin/shop/stocklevel/low/"))

    assert "articles to refill" in front
    assert "To refill As few pieces are free" in page
    assert "MUG-1 Mug" in page
    assert "Announce an arrival" in page
    assert count_low_stock(timezone.now()) == 1


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_however_many(
    now: datetime, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(count):
        VariantFactory(stock=0)
    look_at_shelves(now)

    with django_assert_num_queries(3):
        assert len(to_refill(now)) == count


def test_the_number_of_an_article_is_set_on_its_page(now: datetime) -> None:
    sync_roles(at=now)
    variant = VariantFactory()

    page = words(desk_of("catalogue").get(f"/admin/shop/variant/{variant.pk}/change/"))

    assert "Refill from so many free pieces down" in page
