"""Crises: a storm over Portugal, unless something else is asked for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from orders.models import Incident, IncidentVersion, Order
from orders.operations.incidents import declare


def described(
    *, at: datetime, products: Iterable[Any] = (), services: Iterable[Any] = (), **fields: object
) -> Incident:
    """A storm, three working days more on the road, from today for a week; nobody was told."""
    values: dict[str, Any] = {
        "name": "Storm Ana",
        "starts_on": at.date(),
        "ends_on": at.date() + timedelta(days=7),
        "extra_days": 3,
        "public_text": "Storm Ana closed the roads south of Lisbon.",
        "what_we_do": "We send what can go by the coast.",
        "review_at": at + timedelta(days=2),
        "countries": ["PT"],
    }
    incident = Incident.objects.create(**(values | fields))
    incident.products.set(products)
    incident.services.set(services)
    return incident


def declared(*, at: datetime, **fields: Any) -> IncidentVersion:
    """The same, declared; the orders are told by `tell_of_incidents`."""
    return declare(incident_id=described(at=at, **fields).pk, by=None, at=at)


def copies(order: Order, count: int) -> None:
    """Lay `count` more orders like this one beside it, past every operation: with line, parcel and promise."""
    tables = (
        ("orders_order", "number, search_text", "id", "'KP-C-' || n"),
        ("orders_promise", "", "order_id", ""),
        ("orders_orderline", "", "order_id", ""),
        ("orders_parcel", "", "order_id", ""),
    )
    base = Order.objects.order_by("-id").values_list("pk", flat=True)[0]
    with connection.cursor() as cursor:
        for table, left_out, key, value in tables:
            names = _columns(cursor, table, {"id", key, *left_out.split(", ")})
            mine = [key] + (["number"] if value else [])
            told = ", ".join([*mine, *names])
            chosen = [f"%s + n{', ' + value if value else ''}", *(f"t.{name}" for name in names)]
            statement = f"INSERT INTO {table} ({told}) SELECT {', '.join(chosen)} FROM {table} t, "  # noqa: S608 -- our own tables
            cursor.execute(f"{statement} generate_series(1, %s) n WHERE t.{key} = %s", [base, count, order.pk])
        cursor.execute(
            "INSERT INTO orders_parcelline (parcel_id, line_id, quantity) SELECT p.id, l.id, l.quantity"
            " FROM orders_parcel p JOIN orders_orderline l ON l.order_id = p.order_id WHERE p.order_id > %s",
            [base],
        )
        cursor.execute("SELECT setval(pg_get_serial_sequence('orders_order', 'id'), %s)", [base + count])


def _columns(cursor: Any, table: str, left_out: set[str]) -> list[str]:
    cursor.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = %s ORDER BY ordinal_position", [table]
    )
    return [f'"{name}"' for (name,) in cursor.fetchall() if name not in left_out]
