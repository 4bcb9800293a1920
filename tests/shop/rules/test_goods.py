"""Which arrival a piece comes out of, and how much may be sold of what is on its way."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.rules.goods import NotComing, goods_on, limit_of

MONDAY = date(2026, 3, 2)
ARRIVALS = st.lists(st.tuples(st.integers(0, 60), st.integers(1, 9)), max_size=5).map(
    lambda rows: [(MONDAY + timedelta(days=days), pieces) for days, pieces in sorted(rows)]
)


@pytest.mark.parametrize(
    ("pieces", "at_once", "day"),
    [(1, 1, None), (2, 1, MONDAY), (3, 0, MONDAY), (4, 0, date(2026, 3, 9)), (1, -3, date(2026, 3, 9)), (0, 0, None)],
)
def test_what_was_promised_before_is_served_first(pieces: int, at_once: int, day: date | None) -> None:
    arrivals = [(MONDAY, 3), (date(2026, 3, 9), 2)]

    assert goods_on(pieces, at_once=at_once, arrivals=arrivals) == day


@given(ARRIVALS, st.integers(-5, 5), st.integers(0, 30))
def test_one_piece_more_is_never_here_earlier_and_never_without_an_arrival(
    arrivals: list[tuple[date, int]], at_once: int, pieces: int
) -> None:
    coming = sum(number for _day, number in arrivals)
    if pieces - at_once > coming:
        with pytest.raises(NotComing):
            goods_on(pieces, at_once=at_once, arrivals=arrivals)
        return
    day = goods_on(pieces, at_once=at_once, arrivals=arrivals)
    by_then = sum(number for on, number in arrivals if day and on <= day)
    assert at_once + by_then >= pieces
    if day:
        assert (goods_on(pieces - 1, at_once=at_once, arrivals=arrivals) or MONDAY) <= day


@pytest.mark.parametrize(
    ("on_its_way", "most", "lowest", "limit"), [(5, None, 0, 5), (5, 3, 0, 3), (2, 3, 0, 2), (0, None, 2, 2)]
)
def test_no_more_is_sold_than_is_on_its_way_and_no_promise_taken_back(
    on_its_way: int, most: int | None, lowest: int, limit: int
) -> None:
    assert limit_of(on_its_way=on_its_way, most=most, lowest=lowest) == limit
