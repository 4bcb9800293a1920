"""Whole working days count, and her window is on the clock of her door."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from orders.rules.stuck import outside_window, too_long
from tests.orders.rules.calendars import closed, route

WAY = route(carrier_closed=closed(date(2026, 3, 10)))
FRIDAY = datetime(2026, 3, 6, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 3, 7), False),  # Saturday is not over
        (date(2026, 3, 8), True),  # Saturday went by without a scan
    ],
)
def test_a_courier_day_counts_once_it_is_over(day: date, expected: bool) -> None:
    at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)

    assert too_long(since_at=FRIDAY, calendar=WAY.carrier, days=1, at=at) is expected


def test_days_of_rest_do_not_count() -> None:
    def stuck_on(day: int) -> bool:
        return too_long(since_at=FRIDAY, calendar=WAY.carrier, days=2, at=datetime(2026, 3, day, 12, tzinfo=UTC))

    # Saturday 7 and Monday 9; nobody drives on Sunday 8.
    assert [stuck_on(day) for day in (8, 9, 10)] == [False, False, True]


@pytest.mark.parametrize(
    ("hour", "weekdays", "part", "expected"),
    [
        (16, frozenset({4}), "morning", False),  # 11:00 in New York
        (18, frozenset({4}), "afternoon", False),
        (18, frozenset({3}), "afternoon", True),
        (18, frozenset(), "morning", True),
        (13, frozenset(), "any", False),
        (2, frozenset({4}), "any", True),  # in New York it is still Thursday
    ],
)
def test_her_window_is_on_the_clock_of_her_door(hour: int, weekdays: frozenset[int], part: str, expected: bool) -> None:
    there = route(destination_zone="America/New_York").destination
    moment = datetime(2026, 3, 6, hour, tzinfo=UTC)

    assert outside_window(delivered_at=moment, weekdays=weekdays, part_of_day=part, calendar=there) is expected
