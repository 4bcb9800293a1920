"""The audit of crises finds what was planted."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from orders.models import IncidentVersion, Order
from orders.operations import telling
from orders.operations.telling import tell_of_incidents
from orders.queries.incident_verdicts import Verdict
from shop.models import Event
from tests.breaches import sql, without_constraints, without_triggers
from tests.factories.incidents import declared
from tests.factories.notifications import told
from tests.factories.orders import placed_order
from tests.orders.test_operations_fulfilment import our_breaches

pytestmark = pytest.mark.django_db


def codes() -> list[str]:
    return [breach.code for breach in our_breaches()]


def test_an_order_that_is_told_twice_is_found(now: datetime) -> None:
    order, version = placed_order(at=now), declared(at=now)
    tell_of_incidents(now)
    assert codes() == []

    told(order, "orders.order.incident-told-again", at=now, version_id=version.pk)

    assert codes() == ["O60"]


def test_an_order_nobody_looked_at_long_after_is_found(now: datetime) -> None:
    order = placed_order(at=now - timedelta(hours=2))
    version = declared(at=now, postcodes=["40 "], regions=[], products=[order.lines.get().variant.product])
    tell_of_incidents(now)
    assert codes() == []

    without_triggers("orders_incidentnotice")
    sql("DELETE FROM orders_incidentnotice")
    IncidentVersion.objects.filter(pk=version.pk).update(pass_at=None)

    assert codes() == ["O61"]


def test_a_promise_that_a_crisis_made_earlier_is_found(now: datetime) -> None:
    placed_order(at=now)
    declared(at=now)
    tell_of_incidents(now)
    assert codes() == []

    without_triggers("orders_promise")
    sql("UPDATE orders_promise SET deliver_from_on = '2026-03-03', deliver_by_on = '2026-03-04' WHERE version = 2")

    assert "O62" in codes()


def forget_what_was_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the telling begin again at the first order, whatever was told."""
    everybody = list(Order.objects.order_by("id").values_list("pk", flat=True))
    monkeypatch.setattr(telling, "next_orders", lambda *_args, **_more: everybody)


def test_the_database_refuses_a_second_notice_of_one_version(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    order, version = placed_order(at=now), declared(at=now)
    tell_of_incidents(now)
    forget_what_was_told(monkeypatch)

    with pytest.raises(IntegrityError, match="incident_told_once"), transaction.atomic():
        telling.tell_batch(version_id=version.pk, most=9, at=now)

    assert Event.objects.filter(order_number=order.number, name__contains="incident").count() == 1


def test_without_that_key_somebody_is_told_twice_and_the_audit_says_so(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    placed_order(at=now)
    version = declared(at=now)
    tell_of_incidents(now)
    forget_what_was_told(monkeypatch)
    monkeypatch.setattr(telling, "judge", lambda case, _crisis, *, at: Verdict("told", case.holds, at.date()))

    without_constraints("orders_incidentnotice", "incident_told_once")
    telling.tell_batch(version_id=version.pk, most=9, at=now)

    assert "O60" in codes()
