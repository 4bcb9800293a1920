"""How fast couriers' webhooks are kept and understood, beside a floor of the rows they leave behind.

`make bench`.  KINGPOST_BENCH_WEBHOOKS sets how many (default 1,000; the bar is 10,000 in sixty seconds with two worker
processes).  They come shuffled, from EasyPost with ever longer histories.
"""

from __future__ import annotations

import hmac
import json
import os
import random
import threading
import time
from datetime import datetime, timedelta

import pytest
from django.db import connection, connections
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from orders.models import Parcel, TrackingEvent
from orders.operations.packing import pack_parcel
from orders.operations.shipping import hand_over_parcel
from shop.models import Inbound
from shop.operations.inbound import process_inbound
from shop.rules.signatures import Sealed, hexadecimal
from tests.factories.orders import placed_order
from tests.orders.test_operations_fulfilment import parcel_of

pytestmark = [pytest.mark.bench, pytest.mark.django_db(transaction=True)]

WEBHOOKS = int(os.environ.get("KINGPOST_BENCH_WEBHOOKS", "1000"))
STEPS = ("pre_transit", "in_transit", "in_transit", "out_for_delivery", "delivered")
WORKERS = 2


def history(number: str, steps: int, start: datetime) -> bytes:
    """The event EasyPost sends after `steps` scans."""
    details = [
        {"status": status, "datetime": f"{start + timedelta(hours=hour):%Y-%m-%dT%H:%M:%SZ}", "message": "scan"}
        for hour, status in enumerate(STEPS[:steps])
    ]
    tracker = {"object": "Tracker", "tracking_code": number, "tracking_details": details}
    return json.dumps({"object": "Event", "id": f"evt_{number}_{steps}", "result": tracker}).encode()


def parcels(count: int, at: datetime) -> list[str]:
    """Send parcels on their way; return their numbers."""
    numbers = [f"EZ{number:08d}" for number in range(count)]
    for number in numbers:
        parcel = pack_parcel(parcel_id=parcel_of(placed_order(at=at, number=f"KP-{number}")).pk, by=None, at=at)
        hand_over_parcel(parcel_id=parcel.pk, carrier="ep", tracking_number=number, by=None, at=at)
    return numbers


def test_webhooks(settings: Settings) -> None:
    settings.COURIERS = ["ep:easypost:CTT:CTT"]
    settings.EASYPOST_WEBHOOK_SECRETS = ["secret"]
    at = timezone.now() - timedelta(days=3)
    numbers = parcels(WEBHOOKS // len(STEPS), at)
    bodies = [history(number, steps, at) for number in numbers for steps in range(1, len(STEPS) + 1)]
    random.Random(7).shuffle(bodies)

    kept, understood = _post(bodies), _process(len(bodies))
    floor = _floor(len(bodies))

    assert Parcel.objects.filter(status="delivered").count() == len(numbers)
    print(
        f"\n{len(bodies)} webhooks of {len(numbers)} parcels, shuffled"
        f"\n  kept       {kept:7.1f}/s by one process, signature checked"
        f"\n  understood {understood:7.1f}/s by {WORKERS} threads"
        f"\n  floor      {floor:7.1f}/s the same rows by raw SQL, one transaction each; ratio {understood / floor:.2f}"
    )


def _post(bodies: list[bytes]) -> float:
    seal, browser = Sealed("X-Hmac-Signature", hexadecimal), Client()
    began = time.perf_counter()
    for body in bodies:
        claim = seal.write(_mac(body))
        answer = browser.post(
            "/hooks/courier/easypost/", body, content_type="application/json", headers={seal.header: claim}
        )
        assert answer.status_code == 202
    return len(bodies) / (time.perf_counter() - began)


def _mac(body: bytes) -> bytes:
    return hmac.digest(b"secret", body, "sha256")


def _process(count: int) -> float:
    def work() -> None:
        while process_inbound(timezone.now()):
            pass
        connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(WORKERS)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Inbound.objects.filter(state="processed").count() == count
    return count / (time.perf_counter() - began)


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
