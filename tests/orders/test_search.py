"""The search of the order list: whatever somebody on the phone can say, through an index, never by counting all."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from orders.models import Order
from orders.queries import search
from orders.queries.search import find_orders
from tests.factories.orders import placed_order
from tests.factories.shop import StaffFactory, VariantFactory
from tests.orders.test_operations_fulfilment import handed_over

pytestmark = pytest.mark.django_db


@pytest.fixture
def orders(now: datetime) -> dict[str, Order]:
    """Zoë's order, on its way, and Rui's."""
    bowl, mug = VariantFactory(sku="BOWL-OAT"), VariantFactory(sku="MUG-SAGE")
    zoe = placed_order(at=now, number="KP-2041-7736", email="zoe.luk@example.com", variant=bowl)
    Order.objects.filter(pk=zoe.pk).update(full_name="Zoë Łukasz", phone="+351912345678")
    rui = placed_order(at=now, number="KP-5555-0001", email="rui@example.org", variant=mug)
    Order.objects.filter(pk=rui.pk).update(full_name="Rui Lopes")
    handed_over(zoe, now)
    return {"zoe": zoe, "rui": rui}


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("KP-2041-7736", ["zoe"]),
        ("kp 2041 7736", ["zoe"]),
        ("20417736", ["zoe"]),
        ("7736", ["zoe"]),
        ("zoe", ["zoe"]),
        ("LUKASZ Zoë", ["zoe"]),
        ("zoe.luk@example.com", ["zoe"]),
        ("example", ["rui", "zoe"]),
        ("912 345 678", ["zoe"]),
        ("00351 912 345 678", ["zoe"]),
        ("bowl-oat", ["zoe"]),
        ("MUG", ["rui"]),
        ("zoe lopes", []),
        ("100%", []),
        ("_", []),
        ("\\", []),
        ("   ", []),
    ],
)
def test_search_finds_by_whatever_is_said(orders: dict[str, Order], typed: str, found: list[str]) -> None:
    assert find_orders(typed) == [orders[name].pk for name in found]


def test_search_finds_by_tracking_number(orders: dict[str, Order]) -> None:
    number = orders["zoe"].parcels.get().tracking_number

    assert find_orders(number.lower()) == [orders["zoe"].pk]


def test_search_follows_a_changed_name(orders: dict[str, Order]) -> None:
    Order.objects.filter(pk=orders["rui"].pk).update(full_name="Rúben Lopes")

    assert find_orders("ruben") == [orders["rui"].pk]


def test_rare_word_is_found_beyond_the_newest(orders: dict[str, Order], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "LATELY", 1)

    assert find_orders("zoe") == [orders["zoe"].pk]


def test_search_shows_the_newest(orders: dict[str, Order], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "SHOWN", 1)

    assert find_orders("example") == [orders["rui"].pk]


@pytest.mark.parametrize(
    ("sql", "values", "index"),
    [
        (search.EVER, ["%zoe%"], "order_search"),
        (search.NEWEST, ["%zoe%"], "orders_order_pkey"),
        (search.WITH_ARTICLE, [["BOWL-OAT"]], "line_of_sku"),
        (search.WITH_PARCEL, ["KP1%"], "parcel_of_tracking"),
    ],
)
def test_every_statement_has_its_index(orders: dict[str, Order], sql: str, values: list[Any], index: str) -> None:
    """On a table this small Postgres would scan; told not to, it must have another way."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN (FORMAT JSON) {search.statement(sql, words=1)}", values)
        plan = json.dumps(cursor.fetchone()[0])
        cursor.execute("SET LOCAL enable_seqscan = on")

    assert index in plan
    assert "Seq Scan" not in plan


@pytest.fixture
def agent() -> Client:
    person = StaffFactory()
    person.user_permissions.set(Permission.objects.filter(codename="view_order"))
    client = Client()
    client.force_login(person)
    return client


def shown(client: Client, query: str) -> list[str]:
    page = client.get(f"/admin/orders/order/?{query}")
    return [order.number for order in page.context_data["cl"].result_list]


def test_list_searches_everywhere_newest_first(agent: Client, orders: dict[str, Order]) -> None:
    Order.objects.filter(pk=orders["rui"].pk).update(next_due_at=None)

    assert shown(agent, "q=example") == ["KP-5555-0001", "KP-2041-7736"]
    assert shown(agent, "q=bowl-oat&desk=on-the-way") == ["KP-2041-7736"]
    assert shown(agent, "q=zoe&desk=pack") == []
    assert shown(agent, "desk=all") == ["KP-5555-0001", "KP-2041-7736"]


def test_search_never_counts_all_orders(agent: Client, orders: dict[str, Order]) -> None:
    with CaptureQueriesContext(connection) as asked:
        agent.get("/admin/orders/order/?q=zoe")

    counts = [query["sql"] for query in asked if "COUNT(" in query["sql"]]
    assert [sql for sql in counts if "LIMIT" not in sql and "FILTER" not in sql] == []
    assert len(asked) <= 16


def test_list_says_that_there_are_more(
    agent: Client, orders: dict[str, Order], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "SHOWN", 2)
    monkeypatch.setattr("orders.admin.desk.SHOWN", 2)

    assert "These are the 2 newest orders" in agent.get("/admin/orders/order/?q=example").content.decode()
    assert "newest orders" not in agent.get("/admin/orders/order/?q=zoe").content.decode()
