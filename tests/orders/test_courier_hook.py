"""The courier's webhook: signed, kept once, understood later."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from orders.models import Parcel, TrackingEvent
from shop.models import Inbound
from shop.operations.inbound import process_inbound
from shop.rules.signatures import sign
from tests.factories.orders import placed_order
from tests.orders.test_operations_fulfilment import handed_over

pytestmark = pytest.mark.django_db

URL = "/hooks/courier/demo/"
SECRET = "demo-courier-secret"


def news(code: str = "accepted", *, event_id: str = "", number: str = "HP-1001", **more: Any) -> bytes:
    moment = more.pop("occurred_at", "2026-03-02T12:00:00+00:00")
    return json.dumps(
        {"event_id": event_id or code, "tracking_number": number, "code": code, "occurred_at": moment, **more}
    ).encode()


def post(body: bytes, *, url: str = URL, secret: str = SECRET, age: int = 0, **headers: str) -> HttpResponse:
    stamp = int(timezone.now().timestamp()) - age
    signature = {"X-Kingpost-Signature": sign(body=body, secret=secret, unix_seconds=stamp)} | headers
    client = Client(enforce_csrf_checks=True)
    return client.post(url, body, content_type="application/json", headers=signature)


def test_hook_keeps_a_delivery_once_however_often_it_comes(now: datetime) -> None:
    parcel = handed_over(placed_order(at=now), now)

    answers = [post(news("out_for_delivery")) for _ in range(10)]

    assert [answer.status_code for answer in answers] == [202] * 10
    assert [json.loads(answer.content)["new"] for answer in answers] == [True] + [False] * 9
    row = Inbound.objects.get()
    assert (row.source, row.source_key, bytes(row.raw)) == (
        "courier:demo",
        "out_for_delivery",
        news("out_for_delivery"),
    )
    assert TrackingEvent.objects.count() == 0  # the hook keeps, the sweep understands
    process_inbound(now)
    parcel.refresh_from_db()
    assert (parcel.carrier_status, TrackingEvent.objects.count()) == ("out_for_delivery", 1)
    assert Inbound.objects.get().state == "processed"


def test_hook_takes_two_secrets_while_one_is_changed(settings: Settings) -> None:
    settings.CARRIER_WEBHOOK_SECRETS = ["new", "old"]

    assert [post(news(event_id=secret), secret=secret).status_code for secret in ("new", "old", "older")] == [
        202,
        202,
        401,
    ]


@pytest.mark.parametrize(
    ("headers", "age"),
    [({"X-Kingpost-Signature": ""}, 0), ({"X-Kingpost-Signature": "t=1,v1=ff"}, 0), ({}, 301), ({}, -302)],
)
def test_hook_refuses_an_unsigned_or_stale_delivery(headers: dict[str, str], age: int) -> None:
    answer = post(news(), age=age, **headers)

    assert answer.status_code == 401
    assert set(json.loads(answer.content)) == {"error"}
    assert Inbound.objects.count() == 0


def test_hook_refuses_everything_when_no_secret_is_set(settings: Settings) -> None:
    settings.CARRIER_WEBHOOK_SECRETS = []

    assert post(news()).status_code == 401
    assert post(news(), secret="").status_code == 401


def test_hook_refuses_a_body_that_was_re_encoded() -> None:
    body = news()
    stamp = int(timezone.now().timestamp())
    signature = sign(body=body, secret=SECRET, unix_seconds=stamp)

    answer = post(body + b"\n", **{"X-Kingpost-Signature": signature})

    assert (answer.status_code, Inbound.objects.count()) == (401, 0)


@pytest.mark.parametrize("body", [b" ", b"{", b"[1]", news(event_id="x" * 101), news(occurred_at="soon")])
def test_hook_refuses_what_it_cannot_read(body: bytes) -> None:
    answer = post(body)

    assert (answer.status_code, Inbound.objects.count()) == (400, 0)
    assert json.loads(answer.content)["error"].endswith(".")


def test_hook_refuses_a_body_too_big(settings: Settings) -> None:
    settings.WEBHOOK_MAX_BYTES = 1000

    answer = post(news(words="x" * 2000))

    assert (answer.status_code, Inbound.objects.count()) == (413, 0)


def test_hook_knows_its_couriers_and_only_post() -> None:
    assert post(news(), url="/hooks/courier/nobody/").status_code == 404
    assert Client().get(URL).status_code == 405
    assert Inbound.objects.count() == 0


def test_a_number_nobody_has_is_asked_again_for_three_days_and_then_ignored_with_the_reason(now: datetime) -> None:
    post(news(number="HP-STRANGER"))

    process_inbound(now)
    row = Inbound.objects.get()
    assert (row.state, row.error) == ("received", "no parcel of ours has this tracking number so far")
    Inbound.objects.update(received_at=now - timedelta(days=4), due_at=now - timedelta(hours=1))
    process_inbound(now)

    row.refresh_from_db()
    assert (row.state, row.error) == ("ignored", "no parcel of ours has this tracking number")


def test_a_scan_that_comes_before_the_hand_over_is_not_lost(now: datetime) -> None:
    post(news(number="HP-1001"))
    process_inbound(now)

    parcel = handed_over(placed_order(at=now), now)
    Inbound.objects.update(due_at=now - timedelta(hours=1))
    process_inbound(now)

    parcel.refresh_from_db()
    assert (parcel.carrier_status, Inbound.objects.get().state) == ("accepted", "processed")


def test_an_unknown_code_is_a_sign_of_life_and_no_state(now: datetime) -> None:
    parcel = handed_over(placed_order(at=now), now)
    post(news("teleported"))

    process_inbound(now)

    parcel.refresh_from_db()
    assert (parcel.carrier_status, parcel.status) == ("", "handed_over")
    assert parcel.last_scan_at == now + timedelta(hours=2, minutes=30)
    scan = TrackingEvent.objects.get()
    assert (scan.status, scan.words) == ("unknown", "teleported")


SCANS = [
    ("accepted", "2026-03-02T12:00:00+00:00"),
    ("in_transit", "2026-03-02T18:00:00+00:00"),
    ("out_for_delivery", "2026-03-03T08:00:00+00:00"),
    ("delivered", "2026-03-03T11:00:00+00:00"),
]


@pytest.mark.parametrize("order", list(permutations(range(4)))[::5])
def test_scans_in_any_order_give_the_same_parcel(now: datetime, order: tuple[int, ...]) -> None:
    parcel = handed_over(placed_order(at=now), now)

    for number in order:
        code, moment = SCANS[number]
        post(news(code, occurred_at=moment))
        process_inbound(now)

    parcel.refresh_from_db()
    assert (parcel.status, parcel.carrier_status) == ("delivered", "delivered")
    assert Parcel.objects.get().delivered_at == datetime.fromisoformat("2026-03-03T11:00:00+00:00")


def test_what_only_repeats_known_scans_is_settled_unread_and_what_adds_one_is_read(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    parcel = handed_over(placed_order(at=now), now)
    post(news("accepted"))
    process_inbound(now)
    read: list[str] = []
    monkeypatch.setattr("shop.operations.inbound._read", lambda row, **_: read.append(row.source_key))
    source = {"source": "courier:demo", "raw": news("accepted")}
    Inbound.objects.create(**source, source_key="again")
    Inbound.objects.create(**source | {"raw": news("in_transit")}, source_key="new")

    process_inbound(now)

    parcel.refresh_from_db()
    assert (read, parcel.carrier_status, TrackingEvent.objects.count()) == (["new"], "accepted", 1)
    assert list(Inbound.objects.order_by("id").values_list("state", flat=True)) == [
        "processed",
        "processed",
        "received",
    ]
