"""How far away a deadline is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from orders.rules.deadlines import Distance, Nearness, distance

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("left", "expected"),
    [
        (timedelta(days=-2, hours=-3), Distance(Nearness.MISSED, 2, "day")),
        (timedelta(minutes=-61), Distance(Nearness.MISSED, 2, "hour")),
        (timedelta(0), Distance(Nearness.MISSED, 1, "hour")),
        (timedelta(minutes=59), Distance(Nearness.HOURS, 0, "hour")),
        (timedelta(hours=2, minutes=59), Distance(Nearness.HOURS, 2, "hour")),
        (timedelta(hours=9), Distance(Nearness.TODAY)),
        (timedelta(hours=20), Distance(Nearness.TOMORROW)),
        (timedelta(days=3), Distance(Nearness.LATER)),
    ],
)
def test_distance_in_steps_people_think_in(left: timedelta, expected: Distance) -> None:
    assert distance(due_at=AT + left, at=AT, zone=ZoneInfo("Europe/Lisbon")) == expected


def test_distance_counts_days_on_the_clock_of_the_zone() -> None:
    due_at = datetime(2026, 3, 2, 16, tzinfo=UTC)

    assert distance(due_at=due_at, at=AT, zone=ZoneInfo("Europe/Lisbon")).nearness == "today"
    assert distance(due_at=due_at, at=AT, zone=ZoneInfo("Asia/Tokyo")).nearness == "tomorrow"
