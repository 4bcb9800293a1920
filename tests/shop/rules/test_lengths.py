from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.rules.lengths import centimetres, inches


@pytest.mark.parametrize(("mm", "cm"), [(0, "0"), (5, "0.5"), (118, "11.8"), (460, "46")])
def test_centimetres_drop_an_empty_decimal(mm: int, cm: str) -> None:
    assert centimetres(mm) == cm


@pytest.mark.parametrize(("mm", "inch"), [(0, "0.0"), (254, "10.0"), (460, "18.1"), (1800, "70.9")])
def test_inches_have_one_decimal(mm: int, inch: str) -> None:
    assert inches(mm) == inch


@given(st.integers(min_value=0, max_value=10_000))
def test_inches_are_rounded_half_up_once(mm: int) -> None:
    exact = Decimal(mm) / Decimal("25.4")

    assert Decimal(inches(mm)) == exact.quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)
