"""Hours a courier keeps: read from what staff type, kept as plain values, chosen by their key."""

from __future__ import annotations

from datetime import UTC, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.rules.hours import (
    MOST,
    Window,
)
from orders.rules.redelivery import MoneyMoves, hours_to_choose
from orders.rules.stuck import outside_window
from tests.orders.rules.calendars import route

MORNING, EVENING = Window(time(8), time(12)), Window(time(18), time(21), 200)

minutes = st.integers(0, 24 * 60 - 1).map(lambda m: time(m // 60, m % 60))
windows = st.builds(Window, minutes, minutes, st.integers(0, 999_999)).filter(lambda w: w.from_at < w.to_at)


@given(
    st.lists(windows, max_size=MOST, unique_by=lambda w: w.key),
    st.none() | windows,
    st.integers(0, 999_999),
    st.booleans(),
    st.booleans(),
)
def test_an_order_changes_to_no_hours_whose_price_the_money_cannot_follow(
    offered: list[Window], mine: Window | None, agreed: int, down: bool, up: bool
) -> None:
    found = hours_to_choose(offered, mine=mine, agreed_minor=agreed, moves=MoneyMoves(down=down, up=up))

    assert all(up or each.price_minor <= agreed or each == mine for each in found)
    assert all(down or each.price_minor >= agreed or each == mine for each in found)
    assert {each.key for each in found} >= {each.key for each in offered if each.price_minor == agreed}
    assert {each.key for each in found} >= {each.key for each in offered if down and up}
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
