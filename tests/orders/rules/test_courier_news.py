"""What a webhook body says."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.rules.courier_news import CourierNews, Malformed, read

GOOD = {
    "event_id": "e-17",
    "tracking_number": "HP-1001",
    "code": "held",
    "occurred_at": "2026-03-04T10:00:00+01:00",
    "reason": "weather",
    "eta_on": "2026-03-06",
}


def test_read_takes_the_documented_body() -> None:
    assert read(json.dumps(GOOD).encode()) == CourierNews(
        event_id="e-17",
        tracking_number="HP-1001",
        code="held",
        occurred_at=datetime(2026, 3, 4, 9, tzinfo=UTC),
        reason="weather",
        eta_on=date(2026, 3, 6),
    )


@pytest.mark.parametrize(
    "change",
    [
        {"event_id": None},
        {"event_id": ""},
        {"event_id": 17},
        {"event_id": "x" * 101},
        {"event_id": "a\u0000b"},
        {"event_id": "\ud800"},
        {"tracking_number": ["HP"]},
        {"code": " "},
        {"occurred_at": "yesterday"},
        {"occurred_at": "2026-03-04T10:00:00"},
        {"occurred_at": "0001-01-01T00:00:00+14:00"},
        {"eta_on": "06/03/2026"},
        {"place": "a\nb"},
    ],
)
def test_read_refuses_a_field_that_is_not_as_documented(change: dict[str, object]) -> None:
    with pytest.raises(Malformed, match=next(iter(change))):
        read(json.dumps(GOOD | change).encode())


@pytest.mark.parametrize("raw", [b"", b"[]", b"null", b"{", b"\xff", b"[" * 100_000])
def test_read_refuses_what_is_no_json_object(raw: bytes) -> None:
    with pytest.raises(Malformed):
        read(raw)


@given(st.binary(max_size=200))
def test_read_never_fails_in_another_way(raw: bytes) -> None:
    with pytest.raises(Malformed):
        read(raw)
