"""From when to when a piece may be sent back."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from returns.rules.window import Why, Window, pieces_left, refusal, window_of

THURSDAY = date(2026, 3, 5)
DAYS = st.dates(date(2025, 1, 1), date(2027, 12, 31))


def test_window_counts_from_the_day_after_the_last_parcel() -> None:
    assert window_of(delivered_on=[THURSDAY], window_days=30) == Window(THURSDAY, date(2026, 4, 4))
    assert window_of(delivered_on=[THURSDAY, date(2026, 3, 9)], window_days=30) == Window(THURSDAY, date(2026, 4, 8))


def test_window_has_no_end_while_a_parcel_is_on_its_way() -> None:
    assert window_of(delivered_on=[THURSDAY, None], window_days=30) == Window(THURSDAY, None)
    assert window_of(delivered_on=[None], window_days=30) == Window(None, None)
    assert window_of(delivered_on=[], window_days=30) == Window(None, None)


@pytest.mark.parametrize(
    ("today", "why"),
    [(date(2026, 4, 4), None), (date(2026, 4, 5), Why.WINDOW_OVER)],
)
def test_the_last_day_still_counts(today: date, why: Why | None) -> None:
    window = window_of(delivered_on=[THURSDAY], window_days=30)

    assert refusal(window=window, delivered=1, left=1, today=today) == why


def test_refusal_says_the_reason_that_helps_most() -> None:
    window = window_of(delivered_on=[THURSDAY], window_days=30)

    assert refusal(window=Window(None, None), delivered=0, left=0, today=THURSDAY) == Why.NOT_DELIVERED
    assert refusal(window=window, delivered=1, left=0, today=date(2027, 1, 1)) == Why.NOTHING_LEFT


@given(st.lists(DAYS, min_size=1), st.integers(14, 100))
def test_window_gives_every_parcel_its_whole_time(days: list[date], window_days: int) -> None:
    window = window_of(delivered_on=days, window_days=window_days)

    assert window.last_on is not None
    for day in days:
        last = day + timedelta(days=window_days)
        assert not window.is_over(last)


@given(st.integers(0, 20), st.integers(0, 20), st.integers(0, 20))
def test_pieces_left_are_never_more_than_she_has(delivered: int, returned: int, asked: int) -> None:
    left = pieces_left(delivered=delivered, returned=returned, asked=asked)

    assert left == max(0, delivered - returned - asked)
