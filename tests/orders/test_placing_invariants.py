"""Each invariant finds the breach it is for, and only that."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.db import connection

from shop.queries.audit import breaches
from tests.factories.bags import ordered

pytestmark = pytest.mark.django_db

NO_TRIGGERS = "SET LOCAL session_replication_role = replica"
BREACHES = [
    ("O01", ["UPDATE orders_submission SET order_id = NULL, state = 'claimed', lease_until = now()"]),
    ("O01", ["UPDATE orders_submission SET state = 'refused'"]),
    ("O02", ["UPDATE orders_order SET goods_minor = goods_minor + 1, total_minor = total_minor + 1"]),
    ("O03", [NO_TRIGGERS, "UPDATE orders_paymentevent SET amount_minor = amount_minor - 1"]),
    ("O04", ["UPDATE orders_payment SET granted_minor = 1"]),
    ("O05", ["UPDATE orders_orderline SET qty_cancelled = 1"]),
    ("O06", [NO_TRIGGERS, "DELETE FROM orders_promise"]),
    (
        "O06",
        [
            NO_TRIGGERS,
            "DELETE FROM shop_eventdelivery",
            "DELETE FROM shop_event WHERE name = 'orders.order.placed'",
        ],
    ),
    (
        "O07",
        [
            "UPDATE orders_submission SET state = 'claimed', lease_until = now() - interval '11 minutes'",
            "UPDATE orders_order SET status = 'placing'",
        ],
    ),
    (
        "O08",
        [
            """
            INSERT INTO orders_refundgrant
                (payment_id, amount_minor, reason, origin, state, granted_at, due_at, attempts, error)
            SELECT id, 1, '', 'x', 'granted', now(), now() - interval '2 hours', 0, '' FROM orders_payment
            """,
            "UPDATE orders_payment SET granted_minor = 1",
        ],
    ),
    ("O09", ["UPDATE orders_order SET payment_status = 'pending'"]),
    ("O10", ["UPDATE orders_orderline SET units_paid_minor = '{2399}'"]),
    ("O10", ["UPDATE orders_order SET tax_minor = tax_minor - 1"]),
]


@pytest.mark.parametrize(("code", "statements"), BREACHES)
def test_a_planted_breach_is_found(now: datetime, code: str, statements: list[str]) -> None:
    ordered(at=now)
    assert breaches() == []

    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)

    assert [breach.code for breach in breaches()] == [code]
