"""The invariants of changed orders find their breaches, and only those."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.db import connection

from orders.operations.finishing import PaymentDeclined
from shop.queries.audit import breaches
from tests.factories.bags import ordered
from tests.orders.test_changing import confirm, sizes, stage
from tests.orders.test_drafting import draft_for


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("code", "statement"),
    [
        ("O13", "UPDATE orders_payment SET due_minor = due_minor - 1"),
        ("O14", "UPDATE orders_orderchange SET pay_minor = pay_minor + 1"),
        ("O14", "UPDATE orders_orderchange SET state = 'withdrawn'"),
        ("O14", "UPDATE orders_orderchange SET state = 'refused'"),
    ],
)
def test_a_planted_breach_is_found(now: datetime, code: str, statement: str) -> None:
    small, large = sizes(1000, 1300)
    confirm(stage(ordered((small, 1), at=now), now, (large, 1)), now)
    assert breaches() == []

    with connection.cursor() as cursor:
        cursor.execute(statement)

    assert [breach.code for breach in breaches()] == [code]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE orders_orderdraft SET state = 'expired', settled_at = now(), email = '', full_name = ''",
        """UPDATE orders_orderdraft SET state = 'placed', settled_at = now(), email = '', full_name = '',
            order_id = (SELECT id FROM orders_order)""",
    ],
)
def test_o15_a_draft_that_is_over_and_holds_on(now: datetime, statement: str) -> None:
    draft_for(now)
    with connection.cursor() as cursor:
        if "placed" in statement:
            with pytest.raises(PaymentDeclined):
                ordered(at=now, payment_token="test:declines")
        assert breaches() == []
        cursor.execute(statement)

    assert [breach.code for breach in breaches()] == ["O15"]
