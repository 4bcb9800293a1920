"""Which shelves pieces are taken from."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.rules.shelves import lowest_limit, spread


@pytest.mark.parametrize(
    ("quantity", "free", "parts"),
    [
        (2, [5, 5], [2, 0]),
        (3, [2, 5], [0, 3]),
        (6, [2, 5], [2, 4]),
        (8, [2, 5], None),
        (1, [-3, 1], [0, 1]),
        (1, [], None),
        (4, [3, -2, 1], [3, 0, 1]),
    ],
)
def test_one_shelf_with_everything_is_best(quantity: int, free: list[int], parts: list[int] | None) -> None:
    assert spread(quantity, free) == parts


@given(quantity=st.integers(1, 60), free=st.lists(st.integers(-5, 30), max_size=6))
def test_the_parts_are_the_whole_and_no_shelf_gives_more_than_it_has(quantity: int, free: list[int]) -> None:
    parts = spread(quantity, free)

    if parts is None:
        assert sum(max(pieces, 0) for pieces in free) < quantity
    else:
        assert sum(parts) == quantity
        assert all(0 <= part <= max(pieces, 0) for part, pieces in zip(parts, free, strict=True))


@given(on_hand=st.integers(0, 50), allocated=st.integers(0, 80), limit=st.integers(0, 80))
def test_a_limit_is_allowed_exactly_when_every_promised_piece_stays_covered(
    on_hand: int, allocated: int, limit: int
) -> None:
    allowed = limit >= lowest_limit(on_hand=on_hand, allocated=allocated)

    assert allowed == (allocated <= on_hand + limit)
