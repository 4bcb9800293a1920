"""One parcel becomes two: nothing is lost, nothing is doubled, neither is empty."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.rules.parcels import BadSplit, split

INSIDE = st.dictionaries(st.integers(1, 9), st.integers(1, 5), min_size=1, max_size=4)


@given(INSIDE, st.dictionaries(st.integers(1, 9), st.integers(-1, 6), max_size=4))
def test_split_keeps_every_piece_or_refuses(inside: dict[int, int], first: dict[int, int]) -> None:
    try:
        stays, moves = split(inside, first)
    except BadSplit:
        asked = sum(first.values())
        foreign = not first.keys() <= inside.keys()
        too_many = any(not 0 <= pieces <= inside.get(line, 0) for line, pieces in first.items())
        assert foreign or too_many or asked in {0, sum(inside.values())}
        return

    assert {line: stays.get(line, 0) + moves.get(line, 0) for line in inside} == inside
    assert {line: pieces for line, pieces in first.items() if pieces} == stays
    assert stays
    assert moves
    assert 0 not in {*stays.values(), *moves.values()}


def test_a_line_nobody_named_moves_whole() -> None:
    assert split({1: 2, 2: 1}, {1: 1}) == ({1: 1}, {1: 1, 2: 1})


@pytest.mark.parametrize("first", [{}, {1: 0}, {1: 2, 2: 1}, {1: 3}, {1: -1}, {7: 1}])
def test_split_refuses_an_empty_box_and_foreign_pieces(first: dict[int, int]) -> None:
    with pytest.raises(BadSplit):
        split({1: 2, 2: 1}, first)
