from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.rules.contrast import contrast

colours = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#000000", "#ffffff", 21.0), ("#777777", "#ffffff", 4.48), ("#8a3b1f", "#fbf7f1", 7.22)],
)
def test_contrast_is_what_wcag_counts(one: str, other: str, ratio: float) -> None:
    assert round(contrast(one, other), 2) == ratio


@given(colours, colours)
def test_contrast_has_no_direction_and_stays_in_range(one: str, other: str) -> None:
    assert contrast(one, other) == contrast(other, one)
    assert 1 <= contrast(one, other) <= 21


@pytest.mark.parametrize("colour", ["", "#fff", "red", "#gggggg"])
def test_contrast_refuses_what_is_not_a_colour(colour: str) -> None:
    with pytest.raises(ValueError, match=r"colour|invalid literal"):
        contrast(colour, "#ffffff")
