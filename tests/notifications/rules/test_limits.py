"""Rates as settings write them, and windows in which a channel lets us write."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from notifications.rules.limits import Rate, UnreadableRate, read_rate, window_open


def test_rates_are_read() -> None:
    assert [read_rate(text) for text in ("5/s", "90/m", "3600/h", "")] == [
        Rate(5.0, 5), Rate(1.5, 50), Rate(1.0, 50), None,
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["5", "0/s", "-1/s", "five/s", "5/d", "5 / s"])
def test_an_unreadable_rate_is_refused(text: str) -> None:
    with pytest.raises(UnreadableRate):
        read_rate(text)


def test_a_window_opens_when_somebody_writes_and_closes_after_its_hours(now: datetime) -> None:
    heard = now - timedelta(hours=24)
    moments = (None, heard, heard + timedelta(seconds=1))

    assert [window_open(heard_at=moment, hours=24, at=now) for moment in moments] == [False, False, True]
    assert window_open(heard_at=None, hours=0, at=now)
    assert not window_open(heard_at=now + timedelta(minutes=1), hours=24, at=now)
