from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.rules.bulk_prices import EXACT, HALVES, WHOLE, changed_price


@pytest.mark.parametrize(
    ("price", "percent", "step", "then"),
    [
        (3800, "5", EXACT, 3990),
        (3800, "5", HALVES, 4000),
        (3800, "5", WHOLE, 4000),
        (3800, "-5", EXACT, 3610),
        (3875, "0.1", EXACT, 3879),
        (3825, "0", HALVES, 3850),  # half up
        (30, "-90", WHOLE, 100),  # never nothing
    ],
)
def test_a_price_is_rounded_to_its_step(price: int, percent: str, step: int, then: int) -> None:
    assert changed_price(price, percent=Decimal(percent), step=step) == then


@given(st.integers(1, 10**8), st.decimals(-90, 300, places=1), st.sampled_from([EXACT, HALVES, WHOLE]))
def test_it_is_never_further_off_than_half_a_step(price: int, percent: Decimal, step: int) -> None:
    then = changed_price(price, percent=percent, step=step)

    exact = Decimal(price) * (100 + percent) / 100
    assert then % step == 0
    assert then == step or abs(then - exact) <= Decimal(step) / 2
