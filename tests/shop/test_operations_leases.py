"""A claim is held by one worker, ends by itself, and counts who came after."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from shop.models import Inbound
from shop.operations.leases import lease_due, put_off_due

LEASE = timedelta(seconds=60)


def arrived(count: int) -> list[int]:
    rows = [Inbound(source="tests", source_key=str(number), raw=b"hello") for number in range(count)]
    return sorted(row.pk for row in Inbound.objects.bulk_create(rows))


def lease(most: int = 50) -> list[tuple[int, int]]:
    return lease_due(Inbound, state=Inbound.State.RECEIVED, lease=LEASE, most=most)


@pytest.mark.django_db
def test_a_leased_row_is_nobody_elses_until_the_lease_ends_and_then_counts_higher() -> None:
    rows = arrived(3)

    first, second = lease(most=2), lease()

    assert (first, second) == ([(rows[0], 1), (rows[1], 1)], [(rows[2], 1)])
    assert lease() == []
    Inbound.objects.filter(pk=rows[0]).update(lease_until=timezone.now() - LEASE)
    assert lease() == [(rows[0], 2)]


@pytest.mark.django_db
def test_what_is_settled_or_not_due_yet_is_left_alone() -> None:
    settled, later, due = arrived(3)
    Inbound.objects.filter(pk=settled).update(state=Inbound.State.PROCESSED)
    Inbound.objects.filter(pk=later).update(due_at=timezone.now() + LEASE)

    assert lease() == [(due, 1)]


@pytest.mark.django_db
def test_a_turn_is_put_off_once_and_only_in_the_named_state() -> None:
    settled, due = arrived(2)
    Inbound.objects.filter(pk=settled).update(state=Inbound.State.PROCESSED)

    def turn() -> list[int]:
        return put_off_due(Inbound, column="due_at", by=LEASE, most=50, state=Inbound.State.RECEIVED)

    assert (turn(), turn()) == ([due], [])
    assert put_off_due(Inbound, column="due_at", by=LEASE, most=50) == [settled]


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_share_the_rows_and_neither_waits_for_the_other() -> None:
    """The first claim is not committed yet: without SKIP LOCKED the second waits for it and runs into the timeout."""
    rows = arrived(6)

    def second_worker() -> list[tuple[int, int]]:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '2s'")
            return lease(most=3)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as workers, transaction.atomic():
        first = lease(most=3)
        second = workers.submit(second_worker).result()

    assert first == [(row_id, 1) for row_id in rows[:3]]
    assert second == [(row_id, 1) for row_id in rows[3:]]
