"""How fast couriers' webhooks are kept and understood, beside a floor of the rows they leave behind.

`make bench`.  KINGPOST_BENCH_WEBHOOKS sets how many (default 10,000: the bar is sixty seconds, from the first post to
the last one understood, by two processes that read while a third takes in).  They come from EasyPost with ever longer
histories, shuffled and in order: shuffled, half of them repeat what is known; in order, each brings something new.
"""

from __future__ import annotations

import hmac
import json
import os
import random
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from orders.models import Parcel, TrackingEvent
from shop.models import Inbound
from shop.rules.signatures import Sealed, hexadecimal
from tests.factories.incidents import copies
from tests.factories.orders import placed_order
from tests.faults.harness import database_url, wait_until
from tests.processes import CHECKOUT, clean_environment

pytestmark = [pytest.mark.bench, pytest.mark.django_db(transaction=True)]

WEBHOOKS = int(os.environ.get("KINGPOST_BENCH_WEBHOOKS", "10000"))
STEPS = ("pre_transit", "in_transit", "in_transit", "out_for_delivery", "delivered")
READERS = 2
COURIER = "ep:easypost:CTT:CTT"


def history(number: str, steps: int, start: datetime) -> bytes:
    """The event EasyPost sends after `steps` scans."""
    details = [
        {"status": status, "datetime": f"{start + timedelta(hours=hour):%Y-%m-%dT%H:%M:%SZ}", "message": "scan"}
        for hour, status in enumerate(STEPS[:steps])
    ]
    tracker = {"object": "Tracker", "tracking_code": number, "tracking_details": details}
    return json.dumps({"object": "Event", "id": f"evt_{number}_{steps}", "result": tracker}).encode()


def parcels(count: int, at: datetime) -> list[str]:
    """Lay parcels that are on their way, past every operation; return their numbers."""
    copies(placed_order(at=at), count - 1)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE orders_parcel SET status = 'handed_over', carrier = 'ep', handed_over_at = %s,"
            " tracking_number = 'EZ' || lpad(id::text, 8, '0')",
            [at],
        )
        cursor.execute("UPDATE orders_orderline SET qty_handed_over = quantity")
        cursor.execute("UPDATE orders_order SET fulfilment_status = 'handed_over', next_due_kind = 'deliver'")
        cursor.execute("ANALYZE")
    return list(Parcel.objects.order_by("id").values_list("tracking_number", flat=True))


@pytest.mark.parametrize("shuffled", [True, False], ids=["shuffled", "in order"])
def test_webhooks(shuffled: bool, settings: Settings) -> None:
    settings.COURIERS = [COURIER]
    settings.EASYPOST_WEBHOOK_SECRETS = ["secret"]
    at = timezone.now() - timedelta(days=3)
    numbers = parcels(WEBHOOKS // len(STEPS), at)
    bodies = [history(number, steps, at) for steps in range(1, len(STEPS) + 1) for number in numbers]
    if shuffled:
        random.Random(7).shuffle(bodies)

    began, ours = time.perf_counter(), _cpu()
    with readers():
        _post(bodies)
        kept = time.perf_counter() - began
        wait_until(_all_read, seconds=600, what="everything is understood")
        took = time.perf_counter() - began
    ours, floor = _cpu() - ours, _floor(len(bodies))

    assert Inbound.objects.filter(state="processed").count() == len(bodies)
    assert Parcel.objects.filter(status="delivered").count() == len(numbers)
    print(
        f"\n{len(bodies)} webhooks of {len(numbers)} parcels, {'shuffled' if shuffled else 'in order'}"
        f"\n  kept       {len(bodies) / kept:7.1f}/s by one process, signature checked: {kept:.1f} s"
        f"\n  understood {len(bodies) / took:7.1f}/s by {READERS} processes meanwhile: all after {took:.1f} s"
        f"\n  CPU        {ours / len(bodies) * 1000:7.1f} ms each, ours of all three"
        f"\n  floor      {floor:7.1f}/s the same rows by raw SQL, one transaction each; ratio"
        f" {len(bodies) / took / floor:.2f}"
    )


@contextmanager
def readers() -> Iterator[None]:
    """Let processes of their own understand what comes in."""
    environment = clean_environment(
        DJANGO_SETTINGS_MODULE="shop.settings",
        KINGPOST_TESTING="1",
        DATABASE_URL=database_url(),
        REDIS_URL=os.environ["REDIS_URL"],
        COURIERS=COURIER,
        LOG_LEVEL="WARNING",
    )
    words = [sys.executable, "-m", "tests.bench.inbound_reader"]
    started = [subprocess.Popen(words, cwd=CHECKOUT, env=environment) for _ in range(READERS)]
    try:
        yield
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait(60)


def _all_read() -> bool:
    return not Inbound.objects.filter(state="received").exists()


def _cpu() -> float:
    """Return the CPU seconds of this process and of those it started that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def _post(bodies: list[bytes]) -> None:
    seal, browser = Sealed("X-Hmac-Signature", hexadecimal), Client()
    for body in bodies:
        claim = seal.write(hmac.digest(b"secret", body, "sha256"))
        answer = browser.post(
            "/hooks/courier/easypost/", body, content_type="application/json", headers={seal.header: claim}
        )
        assert answer.status_code == 202


def _floor(count: int) -> float:
    """Write the same rows once more: one update of the delivery, one of the parcel, one scan, a commit."""
    parcel = Parcel.objects.order_by("id").values_list("pk", flat=True)[0]
    began = time.perf_counter()
    with connection.cursor() as cursor:
        for row in range(count):
            cursor.execute("BEGIN")
            cursor.execute("UPDATE shop_inbound SET settled_at = now() WHERE id = %s", [row])
            cursor.execute(
                "INSERT INTO orders_trackingevent (parcel_id, provider, external_id, status, reason, place, words,"
                " occurred_at) VALUES (%s, 'floor', %s, 'in_transit', '', '', '', now())",
                [parcel, str(row)],
            )
            cursor.execute("UPDATE orders_parcel SET last_scan_at = now() WHERE id = %s", [parcel])
            cursor.execute("COMMIT")
    assert TrackingEvent.objects.filter(provider="floor").count() == count
    return count / (time.perf_counter() - began)
