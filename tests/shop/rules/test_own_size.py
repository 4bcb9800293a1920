"""Which size for a body, and which is nearest to a garment."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.rules.lengths import millimetres
from shop.rules.own_size import Asked, Range, compare, suggest

SIZES = (
    ("S", {"chest": Range(860, 920), "waist": Range(700, 760)}),
    ("M", {"chest": Range(930, 980), "waist": Range(760, 820)}),
    ("L", {"chest": Range(980, 1060), "waist": Range(820, 900)}),
)
FLAT = (
    ("S", {"width": Range(460, 460), "length": Range(660, 660)}),
    ("M", {"width": Range(490, 490)}),
    ("L", {"width": Range(520, 520), "length": Range(700, 700)}),
)


@pytest.mark.parametrize(
    ("measures", "size"),
    [
        ({"chest": 900}, "S"),
        ({"chest": 920}, "S"),  # the end of a range belongs to it
        ({"chest": 925}, "M"),  # between two ranges, the larger
        ({"chest": 980}, "M"),
        ({"chest": 900, "waist": 830}, "L"),  # room for both
        ({"chest": 900, "hips": 2000}, "S"),  # nothing is known of hips
    ],
)
def test_the_smallest_size_with_room_for_every_measure(measures: dict[str, int], size: str) -> None:
    found = suggest(measures, SIZES)

    assert found
    assert (found.size, found.beyond, found.below) == (size, (), False)


def test_each_measure_says_what_it_asks_for() -> None:
    found = suggest({"chest": 900, "waist": 830}, SIZES)

    assert found
    assert found.asked == (Asked("chest", 900, "S"), Asked("waist", 830, "L"))
    assert not found.agrees


def test_beyond_the_largest_size_none_is_suggested() -> None:
    found = suggest({"chest": 1061, "waist": 800}, SIZES)

    assert found
    assert (found.size, found.beyond, found.agrees) == ("", ("chest",), False)


@pytest.mark.parametrize(("waist", "below"), [(600, True), (700, False)])
def test_below_the_smallest_size_only_when_every_measure_is(waist: int, below: bool) -> None:
    found = suggest({"chest": 800, "waist": waist}, SIZES)

    assert found
    assert (found.size, found.below) == ("S", below)


def test_a_guide_that_knows_none_of_her_measures_says_nothing() -> None:
    assert suggest({"hips": 900}, SIZES) is None
    assert suggest({}, SIZES) is None
    assert suggest({"chest": 900}, ()) is None


@given(chest=st.integers(500, 1060), waist=st.integers(500, 900), more=st.integers(0, 200))
def test_a_larger_body_never_gets_a_smaller_size(chest: int, waist: int, more: int) -> None:
    places = [label for label, _ in SIZES]
    small, large = (suggest({"chest": each, "waist": waist}, SIZES) for each in (chest, chest + more))

    assert small
    assert large
    assert large.beyond or places.index(small.size) <= places.index(large.size)
    assert large.beyond == (("chest",) if chest + more > 1060 else ())


def test_the_nearest_size_is_the_one_that_differs_least_on_average() -> None:
    found = compare({"width": 500, "length": 700}, FLAT)

    assert [(one.size, dict(one.larger_mm), one.nearest) for one in found] == [
        ("S", {"width": -40, "length": -40}, False),
        ("M", {"width": -10}, False),
        ("L", {"width": 20, "length": 0}, True),
    ]


def test_of_two_as_near_the_larger_is_named() -> None:
    assert [one.size for one in compare({"width": 505}, FLAT) if one.nearest] == ["L"]


def test_what_shares_no_measure_is_not_compared() -> None:
    assert compare({"sleeve": 600}, FLAT) == ()


@given(owned=st.dictionaries(st.sampled_from(["width", "length", "sleeve"]), st.integers(100, 1000)))
def test_exactly_one_size_is_nearest_whenever_something_is_compared(owned: dict[str, int]) -> None:
    found = compare(owned, FLAT)

    assert sum(one.nearest for one in found) == (1 if found else 0)


@pytest.mark.parametrize(("length", "unit", "mm"), [("96.5", "cm", 965), ("38", "in", 965), ("0.05", "cm", 1)])
def test_lengths_become_whole_millimetres(length: str, unit: str, mm: int) -> None:
    assert millimetres(Decimal(length), unit) == mm
