from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from shop.rules.fibres import Part, Share, parts_of, wrong_sums


def test_parts_name_the_whole_piece_first_and_the_largest_share_first() -> None:
    shares = [("lining", Share("cotton", 100)), ("", Share("elastane", 2)), ("", Share("wool", 98))]

    assert parts_of(shares) == (
        Part("", (Share("wool", 98), Share("elastane", 2))),
        Part("lining", (Share("cotton", 100),)),
    )


def test_a_part_that_does_not_make_a_hundred_is_named_with_what_it_makes() -> None:
    assert wrong_sums([("", 75), ("", 23), ("lining", 100)]) == {"": 98}


@given(st.lists(st.integers(1, 99), max_size=5))
def test_what_is_filled_up_to_a_hundred_is_right(percents: list[int]) -> None:
    rest = 100 - sum(percents)
    rows = [("", percent) for percent in percents]

    assert wrong_sums([*rows, ("", rest)]) == {}
    assert bool(wrong_sums(rows)) == bool(percents and rest != 0)
