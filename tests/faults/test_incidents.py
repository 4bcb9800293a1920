"""Workers die while a crisis is told: everybody is told, nobody twice.

Source: reliability reference D3, D10; commerce reference c-10.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from django.db import connection, connections, transaction
from django.db.models import QuerySet
from django.utils import timezone

from orders.models import DelayCase, IncidentNotice, IncidentVersion, Order, Promise
from orders.operations import telling
from orders.operations.telling import tell_batch
from shop.models import Event
from tests.factories.bags import ordered
from tests.factories.incidents import declared
from tests.faults.harness import backroom, wait_until

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

ORDERS, BATCH = 24, 5


@pytest.fixture
def version() -> IncidentVersion:
    """A storm over two dozen open orders, declared; nobody was told so far.

    Their days are counted by the calendars, so that the watch finds none of them late on its own, whatever day it is.
    """
    at = timezone.now()
    for _order in range(ORDERS):
        ordered(at=at - timedelta(hours=1))
    return declared(at=at)


@contextmanager
def nobody_writes_notices() -> Iterator[None]:
    """Let whoever tells a batch stand still with everything else written: at the last table of the batch."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE orders_incidentnotice IN SHARE MODE")
        yield


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'orders_incidentnotice'::regclass"
        )
        return bool(cursor.fetchone()[0])


def everybody_was_told() -> bool:
    return IncidentVersion.objects.filter(told_all_at__isnull=False).exists()


def told_once() -> None:
    """Each order has one notice, one new promise, one delay and one event."""
    orders = set(Order.objects.values_list("pk", flat=True))
    assert len(orders) == ORDERS
    assert sorted(IncidentNotice.objects.values_list("order_id", flat=True)) == sorted(orders)
    assert sorted(DelayCase.objects.values_list("order_id", flat=True)) == sorted(orders)
    assert sorted(Promise.objects.filter(source="incident").values_list("order_id", flat=True)) == sorted(orders)
    events = Event.objects.filter(name="orders.order.incident-told")
    assert sorted(event.payload["order_id"] for event in events) == sorted(orders)


def test_a_worker_killed_in_the_middle_of_a_batch_leaves_nobody_untold_and_nobody_told_twice(
    version: IncidentVersion,
) -> None:
    tell_batch(version_id=version.pk, most=BATCH, at=timezone.now())

    with backroom(sweep_seconds=0.5, INCIDENT_BATCH=str(BATCH)) as room:
        with nobody_writes_notices():
            worker = room.worker()
            room.beat()
            wait_until(somebody_waits, seconds=40, what="the worker stands in its batch")
            worker.kill()
        assert IncidentNotice.objects.count() == BATCH
        room.worker()
        wait_until(everybody_was_told, seconds=60, what="everybody was told")

    told_once()


def tell_at_once(version: IncidentVersion, hands: int, at: datetime) -> list[Exception]:
    """Let several threads tell the same version at the same time; return what went wrong."""
    wrong: list[Exception] = []

    def work() -> None:
        try:
            while IncidentVersion.objects.filter(pk=version.pk, pass_at__lte=at).exists():  # until its pass has ended
                tell_batch(version_id=version.pk, most=BATCH, at=at)
        except Exception as problem:
            wrong.append(problem)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(hands)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return wrong


def test_four_hands_at_once_tell_everybody_once(version: IncidentVersion) -> None:
    assert tell_at_once(version, 4, timezone.now()) == []

    told_once()


@pytest.mark.unaudited("the protection is off")
def test_without_one_transaction_a_batch_that_dies_leaves_orders_untold(
    version: IncidentVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(*args: object) -> None:
        raise ConnectionError

    at = timezone.now()
    with monkeypatch.context() as unguarded:
        unguarded.setattr(QuerySet, "select_for_update", lambda rows, **_: rows)  # there is no transaction to hold it
        unguarded.setattr(telling, "_notice", dies)
        with pytest.raises(ConnectionError):
            tell_batch.__wrapped__(version_id=version.pk, most=BATCH, at=at)  # type: ignore[attr-defined]

    assert tell_at_once(version, 1, at) == []
    assert Promise.objects.filter(source="incident").count() == ORDERS
    assert Event.objects.filter(name="orders.order.incident-told").count() == ORDERS - BATCH


def test_an_order_somebody_holds_is_told_at_the_end_and_holds_up_nobody(version: IncidentVersion) -> None:
    at, held = timezone.now(), Order.objects.order_by("id")[5]

    with transaction.atomic():
        Order.objects.select_for_update().get(pk=held.pk)
        assert tell_at_once(version, 1, at) == []
        assert IncidentNotice.objects.count() == ORDERS - 1

    assert tell_at_once(version, 1, at + telling.TRY_AGAIN) == []
    told_once()
