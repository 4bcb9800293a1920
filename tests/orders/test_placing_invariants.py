"""Each invariant finds the breach it is for, and only that."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.db import connection

from shop.queries.audit import breaches
from tests.factories.bags import ordered

pytestmark = pytest.mark.django_db

NO_TRIGGERS = "SET LOCAL session_replication_role = replica"
GRANT = """
    INSERT INTO orders_refundgrant (payment_id, amount_minor, reason, origin, state, destination, credit_minor,
        needs_second, granted_at, due_at, attempts, error)
    SELECT id, 1, '', 'x', 'granted', 'original', 0, false, now(), now(), 0, '' FROM orders_payment
"""
ITEM = """
    INSERT INTO orders_refunditem (grant_id, line_id, number, whole, amount_minor, tax_minor, tax_rate_bp)
    SELECT g.id, l.id, 1, false, 1, 0, 2300 FROM orders_refundgrant g CROSS JOIN orders_orderline l
"""
SENT_BACK = """
    INSERT INTO orders_paymentevent (payment_id, kind, means, phase, amount_minor, of_id, provider_ref, key, note,
        happened_at)
    SELECT payment_id, 'refund', 'provider', 'succeeded', {}, {}, '', 'x', '', now() FROM orders_paymentevent
    WHERE kind = 'capture'
"""
DOCUMENT = """
    INSERT INTO orders_document (kind, year, sequence, corrects_id, number, total_minor, order_id, tax_minor, currency,
        content, issued_on, issued_at)
    SELECT {}, 2026, {}, {}, {}, {}, id, 0, 'EUR', '{{}}', '2026-01-01', now() FROM orders_order
"""
CREDIT_ENTRY = """
    INSERT INTO orders_creditentry (account_id, kind, amount_minor, key, reason, order_id, happened_at)
    SELECT id, '{}', {}, {}, '', {}, now() FROM orders_storecredit
"""
BREACHES = [
    ("O01", ["UPDATE orders_submission SET order_id = NULL, state = 'claimed', lease_until = now()"]),
    ("O01", ["UPDATE orders_submission SET state = 'refused'"]),
    (
        "O02",
        [
            "UPDATE orders_order SET goods_minor = goods_minor + 1, total_minor = total_minor + 1",
            "UPDATE orders_payment SET due_minor = due_minor + 1, captured_minor = captured_minor + 1",
            NO_TRIGGERS,
            "UPDATE orders_paymentevent SET amount_minor = amount_minor + 1",
        ],
    ),
    ("O03", [NO_TRIGGERS, "UPDATE orders_paymentevent SET amount_minor = amount_minor - 1"]),
    ("O04", ["UPDATE orders_payment SET granted_minor = 1"]),
    (
        "O05",
        [
            "UPDATE orders_orderline SET qty_cancelled = 1",
            GRANT,
            ITEM,
            "UPDATE orders_refunditem SET whole = true",
            "UPDATE orders_payment SET granted_minor = 1",
        ],
    ),
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
            GRANT,
            ITEM,
            "UPDATE orders_payment SET granted_minor = 1",
            "UPDATE orders_refundgrant SET due_at = now() - interval '2 hours'",
        ],
    ),
    ("O09", ["UPDATE orders_order SET payment_status = 'pending'"]),
    ("O10", ["UPDATE orders_orderline SET units_paid_minor = '{2399}'"]),
    ("O10", ["UPDATE orders_order SET tax_minor = tax_minor - 1"]),
    ("M01", [GRANT, "UPDATE orders_payment SET granted_minor = 1"]),
    (
        "M02",
        [
            "ALTER TABLE orders_refundgrant DROP CONSTRAINT refund_decided_by_two",
            GRANT,
            ITEM,
            "UPDATE orders_payment SET granted_minor = 1",
            "UPDATE orders_refundgrant SET needs_second = true",
        ],
    ),
    (
        "M06",
        [
            "DROP TRIGGER within_what_came_in ON orders_paymentevent",
            "UPDATE orders_payment SET captured_minor = 1",
            NO_TRIGGERS,
            "UPDATE orders_paymentevent SET amount_minor = 1",
            SENT_BACK.format(2, "id"),
            SENT_BACK.format(1, "NULL").replace("'refund'", "'bounced'"),
            "UPDATE orders_payment SET refunded_minor = 1, granted_minor = 1",
            GRANT,
            ITEM,
            "UPDATE orders_order SET payment_status = 'refunded'",
        ],
    ),
    ("M03", ["INSERT INTO orders_storecredit (email, currency, balance_minor) VALUES ('x', 'EUR', 1)"]),
    ("M03", ["UPDATE orders_payment SET credit_minor = 1"]),
    (
        "M03",
        [
            "INSERT INTO orders_storecredit (email, currency, balance_minor) VALUES ('x', 'EUR', 1)",
            CREDIT_ENTRY.format("issue", 5, "'gift'", "NULL"),
            CREDIT_ENTRY.format("spend", -5, "'order'", "(SELECT id FROM orders_order)"),
            "UPDATE orders_payment SET credit_minor = 5",
            CREDIT_ENTRY.format("restore", 4, "'restore:tests'", "(SELECT id FROM orders_order)"),
            CREDIT_ENTRY.format("restore", 2, "'restore:tests:2'", "(SELECT id FROM orders_order)"),
            "UPDATE orders_storecredit SET balance_minor = 6",
        ],
    ),
    (
        "M03",
        [
            GRANT,
            ITEM,
            "UPDATE orders_payment SET granted_minor = 1",
            "INSERT INTO orders_storecredit (email, currency, balance_minor) VALUES ('x', 'EUR', 1)",
            CREDIT_ENTRY.format("restore", 1, "'restore:grant:' || (SELECT id FROM orders_refundgrant)", "NULL"),
        ],
    ),
    ("M07", ["UPDATE orders_orderline SET was_minor = unit_minor + 1"]),
    ("M08", ["UPDATE orders_payment SET expires_at = now()"]),
    (
        "M09",
        [
            "UPDATE orders_order SET status = 'cancelled', cancelled_at = now()",
            "UPDATE orders_parcel SET status = 'cancelled'",
            NO_TRIGGERS,
            "UPDATE shop_stockmovement SET allocated_delta = 0",
            "UPDATE shop_stocklevel SET allocated = 0",
        ],
    ),
    ("M04", ["INSERT INTO orders_documentseries (kind, year, last_number) VALUES ('invoice', 2026, 1)"]),
    (
        "M05",
        [
            DOCUMENT.format("'invoice'", 1, "NULL", "'I'", 1),
            DOCUMENT.format("'invoice'", 2, "NULL", "'J'", "total_minor"),
            DOCUMENT.format("'credit_note'", 1, "(SELECT id FROM orders_document WHERE number = 'I')", "'C'", 1),
            DOCUMENT.format(
                "'credit_note'", 2, "(SELECT id FROM orders_document WHERE number = 'I')", "'D'", "total_minor"
            ),
            "INSERT INTO orders_documentseries (kind, year, last_number) VALUES ('invoice', 2026, 2)",
            "INSERT INTO orders_documentseries (kind, year, last_number) VALUES ('credit_note', 2026, 2)",
        ],
    ),
    (
        "M10",
        [
            "UPDATE orders_orderline SET qty_cancelled = 1",
            NO_TRIGGERS,
            "UPDATE shop_stockmovement SET allocated_delta = allocated_delta - 1 WHERE kind = 'allocated'",
            "UPDATE shop_stocklevel SET allocated = allocated - 1",
        ],
    ),
    (
        "M13",
        [
            DOCUMENT.format("'invoice'", 1, "NULL", "'I'", "total_minor - 1"),
            "INSERT INTO orders_documentseries (kind, year, last_number) VALUES ('invoice', 2026, 1)",
        ],
    ),
]


@pytest.mark.parametrize(("code", "statements"), BREACHES)
def test_a_planted_breach_is_found(now: datetime, code: str, statements: list[str]) -> None:
    ordered(at=now)
    assert breaches() == []

    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)

    assert [breach.code for breach in breaches()] == [code]
