from __future__ import annotations

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from shop.rules.ranking import area, macro_area


def test_area_of_a_perfect_and_of_a_reversed_ranking() -> None:
    assert area([0.1, 0.2, 0.8, 0.9], [False, False, True, True]) == 1.0
    assert area([0.9, 0.8, 0.2, 0.1], [False, False, True, True]) == 0.0


def test_area_is_unknown_without_hits_or_without_misses() -> None:
    assert area([0.1, 0.2], [True, True]) is None
    assert area([], []) is None


@given(st.lists(st.tuples(st.integers(min_value=0, max_value=4), st.booleans()), min_size=2, max_size=25))
def test_area_is_the_share_of_pairs_in_the_right_order(rows: list[tuple[int, bool]]) -> None:
    hits = [score for score, hit in rows if hit]
    misses = [score for score, hit in rows if not hit]
    pairs = list(product(hits, misses))
    right = sum(1.0 if hit > miss else 0.5 if hit == miss else 0.0 for hit, miss in pairs)

    found = area([float(score) for score, _ in rows], [hit for _, hit in rows])

    assert found == (right / len(pairs) if pairs else None)


def test_macro_area_is_the_mean_over_classes() -> None:
    rows = [((0.9, 0.1), 0), ((0.4, 0.6), 0), ((0.5, 0.5), 1), ((0.1, 0.9), 1)]

    assert macro_area(rows) == (0.75, [0.75, 0.75])


def test_macro_area_is_unknown_when_a_class_never_occurs() -> None:
    assert macro_area([((0.9, 0.1), 0)]) == (None, [None, None])
    assert macro_area([]) == (None, [])
