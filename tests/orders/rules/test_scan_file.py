"""A courier's list: read whole, or refused with every line that is wrong."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.rules.scan_file import BadFile, ScanRow, read

LISBON, PARIS = ZoneInfo("Europe/Lisbon"), ZoneInfo("Europe/Paris")


def test_read_takes_commas_semicolons_tabs_and_a_byte_order_mark() -> None:
    for delimiter in ",;\t":
        raw = "Tracking_Number;code;occurred_at;place\n hp 1001;held;2026-03-05 14:22;Porto\n;;;\n".replace(
            ";", delimiter
        )
        expected = [ScanRow(2, "HP1001", "held", datetime(2026, 3, 5, 13, 22, tzinfo=UTC), place="Porto")]

        assert read(b"\xef\xbb\xbf" + raw.encode(), zone=PARIS) == expected


def test_a_moment_with_a_zone_keeps_it() -> None:
    raw = b"tracking_number,code,occurred_at\nHP-1,delivered,2026-03-05T14:22:00+05:30\n"

    assert read(raw, zone=LISBON)[0].occurred_at == datetime(2026, 3, 5, 8, 52, tzinfo=UTC)


def test_every_wrong_line_is_named() -> None:
    raw = (
        b"tracking_number,code,occurred_at,reason,eta_on\n"
        b"HP-1,delivered,2026-03-05 10:00,,\n"
        b",flown,soon,moon,never\n"
        b"HP-2,held,2026-03-05 10:00,weather,2029-01-01\n"
        b"HP-3,held,2026-03-05 10:00,weather,2026-03-06,more\n"
    )

    with pytest.raises(BadFile) as refusal:
        read(raw, zone=LISBON)

    named = [problem.partition(":")[0] for problem in refusal.value.problems]
    assert named == [
        "Line 3, tracking_number",
        "Line 3, code",
        "Line 3, occurred_at",
        "Line 3, reason",
        "Line 3, eta_on",
        "Line 4, eta_on",
        "Line 5",
    ]


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (b"", "Line 1 lacks tracking_number, code, occurred_at."),
        (b"tracking_number,code\n", "Line 1 lacks occurred_at."),
        (b"tracking_number,code,occurred_at,colour\n", "Line 1 has colour."),
        (b"tracking_number,code,occurred_at,code\n", "Line 1 has one twice."),
        (b"tracking_number,code,occurred_at\n\n", "The file holds no scans."),
        (b"\xff\xfe", "The file is not UTF-8."),
        (b"PK\x03\x04\0\0", "The file is not text."),
    ],
)
def test_a_file_that_is_none_is_refused_with_what_to_do(raw: bytes, sentence: str) -> None:
    with pytest.raises(BadFile) as refusal:
        read(raw, zone=LISBON)

    assert str(refusal.value).startswith(sentence)


def test_a_file_too_long_is_refused() -> None:
    raw = b"tracking_number,code,occurred_at\n" + b"HP-1,held,2026-03-05 10:00\n" * 5_001

    with pytest.raises(BadFile, match="more than 5000 lines"):
        read(raw, zone=LISBON)


@given(st.text(max_size=60))
def test_whatever_stands_below_the_head_is_read_or_refused(body: str) -> None:
    raw = b"tracking_number,code,occurred_at\n" + body.encode(errors="replace")
    try:
        found: list[ScanRow] | tuple[str, ...] = read(raw, zone=LISBON)
    except BadFile as refusal:
        found = refusal.problems

    assert found
