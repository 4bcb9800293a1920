"""Nothing that can wait rings at night, wherever she is and whatever the clocks do that night."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.rules.quiet_hours import NIGHT, Quiet, may_go_at

LISBON = ZoneInfo("Europe/Lisbon")
ZONES = st.sampled_from(
    [ZoneInfo(name) for name in ("Europe/Lisbon", "America/New_York", "Asia/Colombo", "Australia/Lord_Howe", "UTC")]
)
MINUTES = st.integers(0, 24 * 60 - 1)


@pytest.mark.parametrize(
    ("moment", "goes"),
    [
        ("2026-03-02 20:59", "2026-03-02 20:59"),
        ("2026-03-02 21:00", "2026-03-03 08:00"),
        ("2026-03-03 07:59", "2026-03-03 08:00"),
        ("2026-03-03 08:00", "2026-03-03 08:00"),
        ("2026-03-28 23:00", "2026-03-29 07:00"),  # summer time begins that night: eight on her clock is seven in UTC
        ("2026-10-24 22:00", "2026-10-25 08:00"),  # and ends that night
    ],
)
def test_a_text_waits_for_eight_on_her_clock(moment: str, goes: str) -> None:
    at, expected = (datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (moment, goes))

    assert may_go_at(at, LISBON, NIGHT) == expected


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)), ZONES, MINUTES, MINUTES)
def test_the_moment_is_never_quiet_never_earlier_and_within_a_day(
    naive: datetime, zone: ZoneInfo, start: int, end: int
) -> None:
    moment, quiet = naive.replace(tzinfo=UTC), Quiet(start, end)

    goes = may_go_at(moment, zone, quiet)

    assert moment <= goes <= moment + timedelta(hours=26)
    assert may_go_at(goes, zone, quiet) == goes


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)), ZONES, MINUTES)
def test_without_quiet_hours_everything_goes_at_once(naive: datetime, zone: ZoneInfo, minute: int) -> None:
    moment = naive.replace(tzinfo=UTC)

    assert may_go_at(moment, zone, None) == may_go_at(moment, zone, Quiet(minute, minute)) == moment
