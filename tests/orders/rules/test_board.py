"""Shares say how sure they are, and bins lie where their figures say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.rules.board import Bin, Share, calibrate, floor_of, place, point_of


@given(st.integers(0, 500), st.integers(0, 500))
def test_the_bounds_hold_the_share_and_narrow_with_more_orders(kept: int, late: int) -> None:
    found, more = Share(kept, kept + late), Share(kept * 10, (kept + late) * 10)

    low, high = found.bounds
    assert 0 <= low <= found.share <= high <= 1 or not found.total
    if found.total:
        assert more.bounds[1] - more.bounds[0] < high - low


def test_wilson_as_in_the_book() -> None:
    assert Share(8, 10).bounds == pytest.approx((0.490, 0.943), abs=0.001)
    assert Share(0, 0).bounds == (0.0, 1.0)


def test_bins_gather_by_five_points_and_keep_their_own_mean() -> None:
    found = calibrate([(9_000, 10, 9), (9_400, 30, 27), (9_500, 20, 19), (10_000, 1, 1), (5_000, 0, 0)])

    assert found == [Bin(0.93, Share(36, 40)), Bin((9_500 * 20 + 10_000) / 21 / 10_000, Share(20, 21))]
    assert [each.honest for each in found] == [True, True]
    assert not Bin(0.95, Share(50, 100)).honest
    shares = [Share(3, 3), Share(0, 1), Share(19, 20), Share(0, 10), Share(48, 50)]
    assert [Bin(0.95, each).too_few for each in shares] == [True, True, True, False, False]


@given(st.floats(0, 1), st.floats(0, 0.9))
def test_a_point_lies_inside_the_drawing(share: float, floor: float) -> None:
    assert 0 <= place(share, size=320, floor=floor) <= 320
    point = point_of(Bin(share, Share(9, 10)), size=320, floor=floor)
    assert point.high_y <= point.y <= point.low_y


def test_the_axis_begins_below_the_least_share() -> None:
    assert floor_of([]) == 0.9
    assert floor_of([0.97, 0.84]) == 0.8
    assert [floor_of([share]) for share in (0.5, 0.8, 0.0)] == [0.4, 0.7, 0.0]
    assert floor_of([1.0]) == 0.9
