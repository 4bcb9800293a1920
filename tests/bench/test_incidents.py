"""How many open orders a second are told of a crisis: promises renewed, delays opened, one event each queued.

`make bench`.  KINGPOST_BENCH_ORDERS sets how many open orders there are (default 20,000; the bar is 100,000 in 120 s).
CPU seconds of this process and of the database's own are told apart, because they hardly depend on what else runs.
"""

from __future__ import annotations

import os
import resource
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from orders.models import IncidentNotice, Promise
from orders.operations.telling import tell_batch
from orders.queries.crises import crisis_described
from orders.queries.incidents import preview
from shop.models import Event
from tests.factories.incidents import copies, declared, described
from tests.factories.orders import placed_order

pytestmark = [pytest.mark.bench, pytest.mark.django_db(transaction=True)]

ORDERS = int(os.environ.get("KINGPOST_BENCH_ORDERS", "20000"))
BAR = 100_000


def test_incidents() -> None:
    at = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")  # laying them out is not what is measured
        copies(placed_order(at=at - timedelta(hours=1)), ORDERS - 1)
        cursor.execute("ANALYZE")
        cursor.execute("RESET statement_timeout")
    began = time.perf_counter()
    found = preview(crisis_described(described(at=at)), at=at)
    looked = time.perf_counter() - began
    version = declared(at=at, name="Storm")

    ours, theirs, began = _cpu(), _database_cpu(), time.perf_counter()
    while tell_batch(version_id=version.pk, most=settings.INCIDENT_BATCH, at=timezone.now()):
        pass
    took, ours, theirs = time.perf_counter() - began, _cpu() - ours, _database_cpu() - theirs

    assert IncidentNotice.objects.filter(outcome="told").count() == ORDERS
    assert Promise.objects.filter(source="incident").count() == ORDERS
    assert Event.objects.filter(name="orders.order.incident-told").count() == ORDERS
    print(
        f"\n{ORDERS} open orders, batches of {settings.INCIDENT_BATCH}, one worker"
        f"\n  preview {looked * 1000:.0f} ms ({found.total} counted)"
        f"\n  told    {ORDERS / took:.0f}/s: {took:.1f} s; CPU {ours:.1f} s ours + {theirs:.1f} s the database's"
        f"\n  {ORDERS / (ours + theirs):.0f} orders a CPU second; {BAR} orders: {BAR / ORDERS * took:.0f} s"
    )


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _database_cpu() -> float:
    """Return the CPU seconds the backend of this connection has used; 0 when it runs on another machine."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        stat = Path(f"/proc/{cursor.fetchone()[0]}/stat")
    if not stat.exists():
        return 0.0
    ticks = stat.read_text().rpartition(")")[2].split()[11:13]
    return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")
