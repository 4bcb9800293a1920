"""The list of shelves that run low: what the rule says, the most urgent first."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from shop.models import StockLevel, Variant
from shop.operations.people import sync_roles
from shop.operations.stock import Wanted, allocate, release
from shop.queries.low_stock import _LOW, low_shelves
from shop.rules.low_stock import Pace
from tests.factories.shop import VariantFactory
from tests.pages import words
from tests.shop.test_admin import desk_of

pytestmark = pytest.mark.django_db


def sold(variant: Variant, pieces: int, at: datetime) -> Wanted:
    item = Wanted(variant.pk, pieces, f"line:{uuid4()}")
    allocate(wanted=[item], order_number="KP-1", at=at)
    return item


def test_what_sells_and_ends_soon_comes_first_and_what_is_let_go_does_not_count(now: datetime) -> None:
    tight, slow, plenty, gone = (VariantFactory(stock=stock, sku=sku) for sku, stock in
                                 (("tight", 20), ("slow", 4), ("plenty", 100), ("gone", 0)))  # fmt: skip
    sold(tight, 12, now - timedelta(days=3))
    sold(slow, 2, now - timedelta(days=3))
    sold(plenty, 10, now - timedelta(days=3))
    back = sold(plenty, 60, now - timedelta(days=2))
    release(wanted=[Wanted(back.variant_id, 60, f"free:{back.key}")], order_number="KP-1", at=now)

    found = low_shelves(now)

    assert [(shelf.sku, shelf.pace) for shelf in found] == [
        ("tight", Pace(8, 12)),
        ("slow", Pace(2, 2)),
        (gone.sku, Pace(0, 0)),
    ]


def test_the_statement_and_the_rule_say_the_same(now: datetime) -> None:
    for free in range(7):
        for pieces in (0, 1, 5, 9):
            variant = VariantFactory(stock=free + pieces, sku=f"{free}-{pieces}")
            if pieces:
                sold(variant, pieces, now - timedelta(days=1))

    found = {shelf.sku for shelf in low_shelves(now)}

    assert found == {
        variant.sku for variant in Variant.objects.order_by("id") if Pace(*map(int, variant.sku.split("-"))).is_low
    }


@pytest.mark.parametrize("change", ["off sale", "unpublished", "made to order", "long ago"])
def test_what_nobody_refills_is_left_out(now: datetime, change: str) -> None:
    variant = VariantFactory(stock=5)
    sold(variant, 3, now - timedelta(days=29 if change == "long ago" else 1))
    assert len(low_shelves(now)) == (change != "long ago")

    Variant.objects.filter(pk=variant.pk).update(active=change != "off sale")
    variant.product.published = change != "unpublished"
    variant.product.save()
    if change == "made to order":
        StockLevel.objects.filter(variant=variant).update(policy="made_to_order", oversell_limit=20)

    assert low_shelves(now) == []


def test_the_page_says_what_is_left_and_what_is_on_its_way(now: datetime) -> None:
    sync_roles(at=now)
    variant = VariantFactory(stock=5, sku="MUG-1")
    sold(variant, 3, timezone.now() - timedelta(days=1))
    client = desk_of("warehouse")

    page = words(client.get("/admin/shop/stocklevel/low/"))

    assert "MUG-1" in page
    assert "18 days" in page
    assert "Announce an arrival" in page
    assert "Running low" in words(client.get("/admin/shop/stocklevel/"))


@pytest.mark.parametrize("count", [1, 3])
def test_it_costs_two_queries(now: datetime, count: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for _ in range(count):
        VariantFactory(stock=0)

    with django_assert_num_queries(2):
        assert len(low_shelves(now)) == count


def test_the_movements_are_found_by_their_index() -> None:
    values = {"since": timezone.now(), "few": 3, "back": 28, "lasts": 21, "most": 200}
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {_LOW}", values)
        plan = "\n".join(line for (line,) in cursor.fetchall())

    assert "movement_sold" in plan
