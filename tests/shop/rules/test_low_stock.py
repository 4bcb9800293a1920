from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.rules.low_stock import LASTS_DAYS, LOOKS_BACK_DAYS, Pace


@pytest.mark.parametrize(
    ("free", "sold", "low", "lasts"),
    [
        (0, 0, True, None),  # sold out
        (1, 0, False, None),  # nobody buys it
        (3, 1, True, 84),  # hardly anything left
        (4, 1, False, 112),
        (20, 28, True, 20),
        (21, 28, False, 21),
        (-2, 5, True, 0),  # more promised than there is
        (10, -1, False, None),  # more was let go than ordered
    ],
)
def test_low_is_what_is_gone_before_it_can_be_refilled(free: int, sold: int, low: bool, lasts: int | None) -> None:
    pace = Pace(free, sold)

    assert (pace.is_low, pace.lasts_days) == (low, lasts)


@given(st.integers(4, 10_000), st.integers(1, 10_000))
def test_more_on_the_shelf_never_makes_it_low(free: int, sold: int) -> None:
    assert not Pace(free, sold).is_low or Pace(free - 1, sold).is_low
    assert Pace(free, sold).is_low == (free * LOOKS_BACK_DAYS < sold * LASTS_DAYS)
