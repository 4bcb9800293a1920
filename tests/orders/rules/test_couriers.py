"""What EasyPost, AfterShip and Shippo say, and how each proves that it said it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.rules.courier_news import Malformed
from orders.rules.couriers import ASKED, PROVIDERS, BadCourier, Courier, parse, seal_of
from orders.rules.couriers.delivery import Delivery
from orders.rules.tracking import Scan, fold
from orders.rules.vocabularies import translate
from shop.rules.signatures import BadSignature, base64_text, hexadecimal

BODIES = Path(__file__).parents[2] / "data" / "couriers"
VENDORS = sorted(ASKED)
T = 1_772_443_800


def body(vendor: str) -> bytes:
    return (BODIES / f"{vendor}.json").read_bytes()


def scans(vendor: str, delivery: Delivery) -> list[Scan]:
    found = []
    for item in delivery.news:
        meaning = translate(provider=vendor, code=item.code, detail=item.detail)
        found.append(Scan(item.occurred_at, meaning.status, vendor, item.event_id, meaning.reason, item.eta_on))
    return found


@pytest.mark.parametrize(
    ("vendor", "number", "statuses", "places", "eta_on"),
    [
        (
            "easypost",
            "EZ1000000001",
            ["label_created", "accepted", "held", "out_for_delivery", "eta_revised"],
            ["", "Porto, PT", "Leiria, PT", "Lisboa, PT", ""],
            date(2026, 3, 4),
        ),
        (
            "aftership",
            "AS1000000001",
            ["label_created", "in_transit", "held", "eta_revised"],
            ["Portugal", "Porto, Portugal", "Lisboa, Portugal", ""],
            date(2026, 3, 6),
        ),
        (
            "shippo",
            "SH1000000001",
            ["label_created", "accepted", "attempt_failed", "eta_revised"],
            ["", "Porto, PT", "Lisboa, PT", ""],
            date(2026, 3, 5),
        ),
    ],
)
def test_read_tells_the_whole_history_in_our_words(
    vendor: str, number: str, statuses: list[str], places: list[str], eta_on: date
) -> None:
    delivery = PROVIDERS[vendor].read(body(vendor))

    assert {item.tracking_number for item in delivery.news} == {number}
    assert [scan.status for scan in scans(vendor, delivery)] == statuses
    assert [item.place for item in delivery.news] == places
    assert fold(scans(vendor, delivery)).eta_on == eta_on


def test_read_keeps_moments_in_utc_and_the_reason() -> None:
    held = PROVIDERS["aftership"].read(body("aftership")).news[2]

    assert (held.occurred_at, held.words) == (datetime(2026, 3, 3, 16, 59, tzinfo=UTC), "Held by customs")
    meaning = translate(provider="aftership", code=held.code, detail=held.detail)
    assert (meaning.status, meaning.reason) == ("held", "customs")


@pytest.mark.parametrize("vendor", VENDORS)
def test_the_same_history_told_again_is_the_same_scans(vendor: str) -> None:
    once = PROVIDERS[vendor].read(body(vendor))
    data = json.loads(body(vendor))
    told_again = PROVIDERS[vendor].read(json.dumps(data | {"id": "evt_other", "event_id": "other"}).encode())

    assert {item.event_id for item in told_again.news} == {item.event_id for item in once.news}


@pytest.mark.parametrize(
    ("vendor", "wrap"),
    [
        ("easypost", lambda data: data["result"]),
        ("easypost", lambda data: {"trackers": [data["result"]], "has_more": False}),
        ("aftership", lambda data: {"meta": {"code": 200}, "data": {"trackings": [data["msg"]]}}),
        ("aftership", lambda data: {"meta": {"code": 200}, "data": {"tracking": data["msg"]}}),
        ("aftership", lambda data: {"meta": {"code": 201}, "data": data["msg"]}),
        ("shippo", lambda data: data["data"]),
    ],
)
def test_an_answer_to_our_asking_tells_what_the_webhook_tells(
    vendor: str, wrap: Callable[[dict[str, Any]], dict[str, Any]]
) -> None:
    answer = json.dumps(wrap(json.loads(body(vendor)))).encode()

    asked = {item.event_id for item in PROVIDERS[vendor].read(answer).news}

    assert asked == {item.event_id for item in PROVIDERS[vendor].read(body(vendor)).news}


@pytest.mark.parametrize(
    ("vendor", "data"),
    [
        ("easypost", {"id": "evt_1", "object": "Event", "description": "batch.updated", "result": {"object": "Batch"}}),
        ("aftership", {"meta": {"code": 200}, "data": {"trackings": []}}),
        ("shippo", {"event": "transaction_created", "data": {"status": "SUCCESS"}}),
    ],
)
def test_news_about_other_things_is_no_news_of_a_parcel(vendor: str, data: dict[str, Any]) -> None:
    assert PROVIDERS[vendor].read(json.dumps(data).encode()).news == ()


@pytest.mark.parametrize(
    ("vendor", "data"),
    [
        ("easypost", {"object": "Tracker", "tracking_code": None}),
        ("easypost", {"object": "Tracker", "tracking_code": "x" * 61}),
        ("aftership", {"event_id": "e", "msg": {"tag": "InTransit"}}),
        ("shippo", {"event": "track_updated", "data": {}}),
    ],
)
def test_a_body_without_a_number_is_refused(vendor: str, data: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        PROVIDERS[vendor].read(json.dumps(data).encode())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
KEYS = ["object", "result", "tracking_code", "tracking_details", "datetime", "msg", "ts", "tracking_number"]
KEYS += ["checkpoints", "event", "data", "tracking_history", "status_date", "eta", "updated_at", "est_delivery_date"]


@pytest.mark.parametrize("vendor", VENDORS)
@given(st.dictionaries(st.sampled_from(KEYS), JSON, max_size=5), st.sampled_from(KEYS), JSON)
def test_whatever_comes_is_read_or_refused(vendor: str, strange: dict[str, Any], key: str, value: Any) -> None:
    whole = json.loads(body(vendor))
    inner = whole.get("result") or whole.get("msg") or whole.get("data")
    inner[key] = value
    for data in (strange, whole, whole | strange):
        try:
            delivery = PROVIDERS[vendor].read(json.dumps(data).encode())
        except Malformed:
            continue
        assert all(len(item.event_id) == 40 and item.occurred_at.tzinfo is UTC for item in delivery.news)


@pytest.mark.parametrize("vendor", VENDORS)
@given(st.binary(max_size=20))
def test_bytes_that_are_no_object_are_refused(vendor: str, raw: bytes) -> None:
    with pytest.raises(Malformed):
        PROVIDERS[vendor].read(b"[" + raw)


# What each vendor's own code computes for this body and secret, worked out apart from ours with openssl.
SIGNED = b'{"id":"evt_1"}'
OPENSSL = "16abb10adb33ff9cff34f6a57fc2c0b902c11ea19fe73dae86f2940c235e7ed5"


def claims(vendor: str, headers: dict[str, str], query: dict[str, str] | None = None) -> tuple[Any, str]:
    provider = PROVIDERS[vendor]
    said = {seal: seal.claim(headers, query or {}) for seal in provider.seals}
    seal = seal_of(provider, said)
    return seal, said[seal]


@pytest.mark.parametrize(
    ("vendor", "headers", "query"),
    [
        ("easypost", {"X-Hmac-Signature": hexadecimal(bytes.fromhex(OPENSSL))}, {}),
        ("aftership", {"aftership-hmac-sha256": base64_text(bytes.fromhex(OPENSSL))}, {}),
        ("shippo", {}, {"token": "secret"}),
    ],
)
def test_seals_take_what_the_vendor_sends_and_nothing_else(
    vendor: str, headers: dict[str, str], query: dict[str, str]
) -> None:
    seal, claim = claims(vendor, headers, query)

    seal.check(claim=claim, body=SIGNED, secrets=["new", "secret"], unix_seconds=T)
    for wrong in (["new"], [], [""]):
        with pytest.raises(BadSignature):
            seal.check(claim=claim, body=SIGNED, secrets=wrong, unix_seconds=T)
    with pytest.raises(BadSignature):
        seal.check_early(claim="", unix_seconds=T)
    if vendor != "shippo":
        with pytest.raises(BadSignature):
            seal.check(claim=claim, body=SIGNED + b" ", secrets=["secret"], unix_seconds=T)


def test_a_shippo_that_signs_is_held_to_its_stamp() -> None:
    seal, claim = claims("shippo", {"Shippo-Auth-Signature": f"t={T - 301},v1=ff"}, {"token": "secret"})

    with pytest.raises(BadSignature, match="older than five minutes"):
        seal.check_early(claim=claim, unix_seconds=T)


def test_couriers_are_read_from_a_setting() -> None:
    assert parse(["own:own::our own courier", "ctt : aftership : portugal-ctt : CTT: Expresso"]) == {
        "own": Courier("own", "own", "", "our own courier"),
        "ctt": Courier("ctt", "aftership", "portugal-ctt", "CTT: Expresso"),
    }


@pytest.mark.parametrize("entry", ["ctt", "ctt:pigeon::CTT", ":own::x", "own:own::", f"{'c' * 41}:own::x"])
def test_a_courier_nobody_can_read_is_refused_with_what_to_write(entry: str) -> None:
    with pytest.raises(BadCourier, match=r"provider|code:provider:slug:name"):
        parse([entry])
