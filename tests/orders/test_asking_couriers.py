"""Parcels whose webhooks stay away are asked about, over real HTTP."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from pytest_django.fixtures import Settings

from orders.models import Parcel, TrackingEvent
from orders.operations.packing import pack_parcel
from orders.operations.polling import ask_couriers
from orders.operations.shipping import hand_over_parcel
from shop.models import Inbound
from shop.operations.inbound import process_inbound
from tests.factories.orders import placed_order

pytestmark = pytest.mark.django_db

BODIES = Path(__file__).parents[1] / "data" / "couriers"


def stored(vendor: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((BODIES / f"{vendor}.json").read_bytes())
    return found


class Peer(ThreadingHTTPServer):
    """Answers like the three providers: remembers what it was asked, with which login."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.asked: list[tuple[str, str, str]] = []
        self.bodies: list[dict[str, Any]] = []
        self.broken = 0
        self.known_to_aftership = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Answers(BaseHTTPRequestHandler):
    server: Peer

    def log_message(self, *_: object) -> None:
        """Keep the tests' output clean."""

    def do_GET(self) -> None:
        self.answer({})

    def do_POST(self) -> None:
        self.answer(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

    def answer(self, body: dict[str, Any]) -> None:
        login = self.headers.get("Authorization") or self.headers.get("as-api-key") or ""
        self.server.asked.append((self.command, self.path, login))
        self.server.bodies.append(body)
        status, said = self.said()
        raw = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def said(self) -> tuple[int, dict[str, Any]]:
        if self.server.broken:
            return self.server.broken, {"error": "no"}
        if self.path.startswith("/trackers"):
            tracker = stored("easypost")["result"]
            return 200, tracker if self.command == "POST" else {"trackers": [tracker], "has_more": False}
        if self.path.startswith("/trackings"):
            if self.command == "POST" and self.server.known_to_aftership:
                return 400, {"meta": {"code": 4003, "message": "Tracking already exists."}}
            tracking = stored("aftership")["msg"]
            answer = tracking if self.command == "POST" else {"trackings": [tracking]}
            return 200, {"meta": {"code": 200}, "data": answer}
        return 200, stored("shippo")["data"]


@pytest.fixture
def peer(settings: Settings) -> Iterator[Peer]:
    with Peer() as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        for vendor in ("EASYPOST", "AFTERSHIP", "SHIPPO"):
            setattr(settings, f"{vendor}_API_URL", server.url)
            setattr(settings, f"{vendor}_API_KEY", "key")
        settings.COURIERS = ["ep:easypost:CTT:CTT", "as:aftership:portugal-ctt:CTT", "sh:shippo:ctt:CTT", "own:own::Us"]
        yield server
        server.shutdown()


def gone(now: datetime, carrier: str, number: str) -> Parcel:
    order = placed_order(at=now, number=f"KP-{carrier}")
    parcel = order.parcels.get()
    pack_parcel(parcel_id=parcel.pk, by=None, at=now)
    return hand_over_parcel(parcel_id=parcel.pk, carrier=carrier, tracking_number=number, by=None, at=now)


@pytest.mark.parametrize(
    ("carrier", "number", "status", "follow", "ask"),
    [
        (
            "ep",
            "EZ1000000001",
            "out_for_delivery",
            ("POST", "/trackers", "Basic a2V5Og=="),
            ("GET", "/trackers?tracking_code=EZ1000000001&carrier=CTT", "Basic a2V5Og=="),
        ),
        (
            "as",
            "AS1000000001",
            "held",
            ("POST", "/trackings", "key"),
            ("GET", "/trackings?tracking_numbers=AS1000000001", "key"),
        ),
        (
            "sh",
            "SH1000000001",
            "attempt_failed",
            ("POST", "/tracks", "ShippoToken key"),
            ("GET", "/tracks/ctt/SH1000000001", "ShippoToken key"),
        ),
    ],
)
def test_a_parcel_is_followed_once_and_asked_about_then(
    now: datetime, peer: Peer, carrier: str, number: str, status: str, follow: tuple[str, ...], ask: tuple[str, ...]
) -> None:
    parcel = gone(now, carrier, number)

    assert ask_couriers(now) == 1
    process_inbound(now)
    Parcel.objects.update(poll_at=now)
    assert ask_couriers(now + timedelta(hours=2)) == 1
    process_inbound(now)

    assert peer.asked == [follow, ask]
    parcel.refresh_from_db()
    assert (parcel.carrier_status, parcel.followed_at) == (status, now)
    assert set(Inbound.objects.values_list("state", flat=True)) == {"processed"}
    told = TrackingEvent.objects.filter(parcel=parcel).values_list("external_id", flat=True)
    assert len(told) == len(set(told)) == {"ep": 5, "as": 4, "sh": 4}[carrier]


def test_a_number_aftership_follows_already_is_asked_about_at_once(now: datetime, peer: Peer) -> None:
    peer.known_to_aftership = True
    parcel = gone(now, "as", "AS1000000001")

    ask_couriers(now)
    process_inbound(now)

    assert [method for method, *_ in peer.asked] == ["POST", "GET"]
    parcel.refresh_from_db()
    assert parcel.carrier_status == "held"


@pytest.mark.parametrize("status", [500, 429, 401])
def test_a_provider_that_is_away_or_refuses_costs_an_hour(now: datetime, peer: Peer, status: int) -> None:
    peer.broken = status
    parcel = gone(now, "ep", "EZ1000000001")

    assert ask_couriers(now) == 1

    parcel.refresh_from_db()
    assert parcel.followed_at is None
    with connection.cursor() as cursor:
        cursor.execute("SELECT poll_at > now() + interval '50 minutes' FROM orders_parcel WHERE id = %s", [parcel.pk])
        assert cursor.fetchone() == (True,)
    assert (ask_couriers(now), Inbound.objects.count()) == (0, 0)


def test_our_own_courier_and_one_without_a_key_are_never_asked(now: datetime, peer: Peer, settings: Settings) -> None:
    settings.SHIPPO_API_KEY = ""
    gone(now, "own", "OWN-1001")
    gone(now, "sh", "SH1000000001")

    assert (ask_couriers(now), peer.asked) == (0, [])


def test_an_arrived_parcel_is_not_asked_about_again(now: datetime, peer: Peer) -> None:
    parcel = gone(now, "ep", "EZ1000000001")
    Parcel.objects.update(carrier_status="delivered")

    ask_couriers(now)

    parcel.refresh_from_db()
    assert parcel.poll_at is None
