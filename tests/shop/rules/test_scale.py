from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.rules.scale import Drawing, drawing

MUG = {"diameter": 84, "height": 90, "width": 118}


def test_mug_stands_beside_a_hand_on_one_line() -> None:
    assert drawing(MUG) == Drawing("hand", 118, 90, 120, 100, 238, 190, 0)


@pytest.mark.parametrize(
    ("measures", "seen"),
    [
        ({"diameter": 270, "height": 22}, ("hand", 270, 270, True)),  # a plate, from above
        ({"diameter": 330, "height": 450}, ("table", 330, 450, False)),  # a stool
        ({"length": 415, "width": 170}, ("table-top", 415, 170, False)),  # a board
        ({"width": 600, "length": 900}, ("table-top", 900, 600, False)),  # a towel, turned along the table
        ({"diameter": 400, "height": 30}, ("table-top", 400, 400, True)),  # a tray
        ({"length": 460, "height": 70}, ("table", 460, 70, False)),
    ],
)
def test_every_piece_has_its_measure_beside_it(measures: dict[str, int], seen: tuple[object, ...]) -> None:
    drawn = drawing(measures)

    assert drawn is not None
    assert (drawn.beside, drawn.width, drawn.height, drawn.round) == seen


@pytest.mark.parametrize(
    "measures",
    [{}, {"height": 206}, {"length": 290}, {"brim": 70}, {"length": 1800, "width": 1300}, {"width": 9000, "height": 3}],
)
def test_without_an_outline_or_a_table_large_enough_nothing_is_drawn(measures: dict[str, int]) -> None:
    assert drawing(measures) is None


@given(st.dictionaries(st.sampled_from(["height", "width", "length", "diameter"]), st.integers(0, 5000)))
def test_a_piece_never_leaves_its_picture(measures: dict[str, int]) -> None:
    drawn = drawing(measures)

    if drawn is not None:
        assert 0 <= drawn.x <= drawn.x + drawn.width <= drawn.total_width
        assert 0 <= drawn.y <= drawn.y + drawn.height <= drawn.total_height
