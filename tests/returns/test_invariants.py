"""The audit sees each planted breach, and that one alone."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import connection

from returns.models import ReturnCase
from returns.operations.deciding import approve_return
from returns.operations.receiving import Finding, receive_return
from shop.queries.audit import breaches
from tests.factories.returns import delivered_order, requested
from tests.factories.shop import StaffFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(now: datetime) -> ReturnCase:
    """One return of two pieces, asked for, agreed to, received and settled."""
    later, dilini = now + timedelta(days=4), StaffFactory()
    row = requested(delivered_order(at=now, pieces=(2,)), at=later)
    approve_return(case_id=row.pk, by=dilini, at=later)
    receive_return(case_id=row.pk, findings={row.lines.get().pk: Finding(2)}, by=dilini, at=later)
    assert breaches() == []
    return row


def plant(*statements: str) -> list[str]:
    """Break the rows behind the back of operations and constraints; return the codes the audit names."""
    with connection.cursor() as cursor:
        for statement in ("SET CONSTRAINTS ALL IMMEDIATE", *statements):
            cursor.execute(statement)
    return sorted({breach.code for breach in breaches()})


def test_audit_sees_more_pieces_in_returns_than_were_delivered(case: ReturnCase) -> None:
    assert plant(
        "ALTER TABLE orders_orderline DROP CONSTRAINT line_returned",
        "UPDATE orders_orderline SET qty_delivered = 1",
    ) == ["O22", "R01"]


def test_audit_sees_an_inspection_whose_stock_never_moved(case: ReturnCase) -> None:
    assert plant("UPDATE returns_inspection SET disposition = 'quarantine'") == ["R02"]


def test_audit_sees_a_settled_return_without_its_refund(case: ReturnCase) -> None:
    assert plant("UPDATE returns_returncase SET refund_minor = refund_minor - 1") == ["R03"]


def test_audit_sees_an_exchange_that_was_never_planned(case: ReturnCase) -> None:
    codes = plant(
        "ALTER TABLE returns_caseline DROP CONSTRAINT exchange_granted_is_planned",
        "UPDATE returns_caseline SET granted = 'exchange'",
    )
    assert codes == ["R03"]


def test_audit_sees_a_line_nobody_looked_at(case: ReturnCase) -> None:
    assert "R04" in plant("DELETE FROM returns_inspection")


def test_audit_sees_a_step_without_its_event(case: ReturnCase) -> None:
    assert plant(
        "ALTER TABLE shop_event DISABLE TRIGGER USER",
        "UPDATE shop_event SET name = 'returns.case.lost' WHERE name = 'returns.case.received'",
    ) == ["R05"]


def test_audit_sees_a_counter_nobody_inspected(case: ReturnCase) -> None:
    assert plant("UPDATE orders_orderline SET qty_returned = 1") == ["R06"]
