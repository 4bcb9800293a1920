from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.rules.fit_votes import RUNS_LARGE, RUNS_SMALL, Rates, Tally, label, parent_of, smoothed

USUAL = Rates(0.13, 0.13, 1000.0)


def test_percent_is_rounded_half_up_and_nought_without_votes() -> None:
    assert [Tally(31, 50, 6).percent(each) for each in ("small", "fit", "large")] == [36, 57, 7]
    assert Tally(1, 7, 0).percent("small") == 13
    assert Tally().percent("fit") == 0


@pytest.mark.parametrize(
    ("tally", "said"),
    [
        (Tally(31, 50, 6), RUNS_SMALL),
        (Tally(6, 50, 31), RUNS_LARGE),
        (Tally(9, 0, 0), ""),  # nine votes are too few, whatever they say
        (Tally(10, 0, 0), RUNS_SMALL),
        (Tally(30, 40, 30), ""),  # many find it small, as many large
        (Tally(15, 70, 15), ""),
        (Tally(4, 10, 1), ""),
    ],
)
def test_label_needs_a_clear_majority_of_one_side(tally: Tally, said: str) -> None:
    assert label(tally, USUAL) == said


@given(small=st.integers(0, 200), fit=st.integers(0, 200), large=st.integers(0, 200))
def test_label_of_mirrored_votes_is_mirrored(small: int, fit: int, large: int) -> None:
    mirror = {RUNS_SMALL: RUNS_LARGE, RUNS_LARGE: RUNS_SMALL, "": ""}

    assert label(Tally(large, fit, small), USUAL) == mirror[label(Tally(small, fit, large), USUAL)]


@given(small=st.integers(0, 200), fit=st.integers(0, 200), large=st.integers(0, 200))
def test_label_stays_when_more_votes_say_the_same(small: int, fit: int, large: int) -> None:
    if label(Tally(small, fit, large), USUAL) == RUNS_SMALL:
        assert label(Tally(small + 5, fit, large), USUAL) == RUNS_SMALL


def test_smoothed_shares_begin_at_the_parent_and_end_at_their_own() -> None:
    none, many = smoothed(Tally(), USUAL), smoothed(Tally(5000, 5000, 0), USUAL)

    assert (round(none.small, 3), round(none.large, 3)) == (0.13, 0.13)
    assert (round(many.small, 2), round(many.large, 2)) == (0.5, 0.0)


def test_parent_of_nothing_is_one_in_eight_on_either_side() -> None:
    assert parent_of([]) == Rates(0.125, 0.125, 8.0)
    assert parent_of([Tally(2, 5, 1)]) == Rates(0.1875, 0.125, 16.0)
