from __future__ import annotations

from itertools import combinations
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.rules.fit_alarm import Cell, chance_of_as_many, out_of_line


def _month(*counts: tuple[int, int]) -> list[Cell]:
    return [Cell(number, "small", misfits, pieces) for number, (misfits, pieces) in enumerate(counts)]


@given(st.integers(1, 9), st.integers(0, 9), st.data())
def test_chance_is_that_of_every_way_to_draw(pieces: int, others: int, data: st.DataObject) -> None:
    whole = pieces + others
    all_misfits = data.draw(st.integers(0, whole))
    misfits = data.draw(st.integers(0, min(pieces, all_misfits)))
    ways = sum(
        1 for drawn in combinations(range(whole), pieces) if sum(each < all_misfits for each in drawn) >= misfits
    )

    assert chance_of_as_many(misfits, pieces, all_misfits, whole) == pytest.approx(ways / comb(whole, pieces))


def test_six_of_eight_among_a_hundred_is_out_of_line() -> None:
    findings = out_of_line(_month((6, 8), (9, 100)))

    assert [(each.cell.variant_id, each.usual_bp) for each in findings] == [(0, 900)]


@pytest.mark.parametrize(
    "month",
    [
        _month((3, 3), (0, 100)),  # three people are no pattern
        _month((6, 8)),  # nothing to compare with
        _month((4, 40), (4, 40)),
        _month((4, 11), *[(1, 12)] * 8),  # rare in one size, not in the worst of nine
        [],
    ],
)
def test_small_numbers_and_the_worst_of_many_raise_no_alarm(month: list[Cell]) -> None:
    assert out_of_line(month) == []


def test_one_size_alone_would_be_out_of_line_where_the_worst_of_nine_is_not() -> None:
    assert len(out_of_line(_month((4, 11), (8, 96)))) == 1
