"""Hours a courier keeps: read from what staff type, kept as plain values, chosen by their key."""

from __future__ import annotations

from datetime import UTC, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.rules.hours import (
    MOST,
    NotHours,
    Why,
    Window,
    choice_of,
    read_windows,
    split_choice,
    swappable,
    windows_of,
    write_windows,
)
from orders.rules.stuck import outside_window
from tests.orders.rules.calendars import route

MORNING, EVENING = Window(time(8), time(12)), Window(time(18), time(21), 200)

minutes = st.integers(0, 24 * 60 - 1).map(lambda m: time(m // 60, m % 60))
windows = st.builds(Window, minutes, minutes, st.integers(0, 999_999)).filter(lambda w: w.from_at < w.to_at)


@given(st.lists(windows, max_size=MOST, unique_by=lambda w: w.key))
def test_what_is_typed_kept_and_written_again_is_the_same(found: list[Window]) -> None:
    assert read_windows(write_windows(found)) == windows_of([w.kept for w in found]) == tuple(sorted(found))


@pytest.mark.parametrize(
    ("typed", "why", "line"),
    [
        ("8 to noon", Why.UNREADABLE, "8 to noon"),
        ("08:00-25:00", Why.UNREADABLE, "08:00-25:00"),
        ("08:00-12:00 -5", Why.UNREADABLE, "08:00-12:00 -5"),
        ("08:00-12:00 9999999", Why.UNREADABLE, "08:00-12:00 9999999"),
        ("12:00-08:00", Why.BACKWARDS, "12:00-08:00"),
        ("08:00-12:00\n8:00 – 12:00 5", Why.TWICE, ""),
        ("\n".join(f"0{n}:00-0{n}:30" for n in range(5)), Why.TOO_MANY, ""),
    ],
)
def test_hours_that_cannot_be_kept_are_refused_by_their_line(typed: str, why: Why, line: str) -> None:
    with pytest.raises(NotHours) as refused:
        read_windows(typed)

    assert (refused.value.why, refused.value.line) == (why, line)


@given(st.from_regex(r"[a-z0-9_-]{1,50}", fullmatch=True), st.none() | windows)
def test_a_choice_names_its_service_and_its_hours(code: str, window: Window | None) -> None:
    assert split_choice(choice_of(code, window)) == (code, window.key if window else "")


@given(st.lists(windows, max_size=MOST, unique_by=lambda w: w.key), st.none() | windows, st.integers(0, 999_999))
def test_an_order_changes_to_nothing_that_costs_more_than_was_paid(
    offered: list[Window], mine: Window | None, paid: int
) -> None:
    found = swappable(offered, mine=mine, paid_minor=paid)

    assert all(each.price_minor <= paid or each == mine for each in found)
    assert {each.key for each in found} >= {each.key for each in offered if each.price_minor <= paid}
    assert mine is None or mine in found


@pytest.mark.parametrize(("hour", "outside"), [(7, True), (8, False), (10, False), (11, True)])
def test_hours_are_those_of_the_clock_at_the_door(hour: int, outside: bool) -> None:
    berlin = route(destination_zone="Europe/Berlin").destination  # an hour ahead of UTC in winter
    moment = datetime(2026, 3, 3, hour, 0, tzinfo=UTC)

    found = outside_window(
        delivered_at=moment,
        weekdays=frozenset(),
        part_of_day="evening",
        calendar=berlin,
        window=Window(time(9), time(12)),
    )

    assert found is outside
