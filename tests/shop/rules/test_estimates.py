from __future__ import annotations

import json
from statistics import fmean, pstdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.rules.estimates import Line, Moments, chance


def test_chance_of_log_odds() -> None:
    assert [round(chance(each), 4) for each in (-800.0, -2.0, 0.0, 2.0, 800.0)] == [0.0, 0.1192, 0.5, 0.8808, 1.0]


@given(st.lists(st.floats(min_value=-1e3, max_value=1e3), min_size=1, max_size=30))
def test_moments_are_those_of_all_values(values: list[float]) -> None:
    moments = Moments(weight=0.0, spread=0.0)

    for value in values:
        moments.add(value)

    assert moments.mean == pytest.approx(fmean(values), abs=1e-6)
    assert (moments.squares / moments.weight) ** 0.5 == pytest.approx(pstdev(values), abs=1e-3)


def test_moments_keep_a_place_within_four_spreads() -> None:
    moments = Moments(mean=10.0, spread=2.0, weight=50.0)

    assert [moments.place(each) for each in (10.0, 12.0, 100.0, -100.0)] == [0.0, 1.0, 4.0, -4.0]


def test_line_learns_what_least_squares_says() -> None:
    line = Line([0.0, 0.0], 1e6)

    for x in range(-5, 6):
        values = [1.0, float(x)]
        line.learn(values, 3.0 - 2.0 * x - line.sum(values), 1.0)

    assert line.weights == pytest.approx([3.0, -2.0], abs=1e-4)


def test_line_survives_being_kept_as_json() -> None:
    line = Line([0.5, 0.0], 2.0)
    line.learn([1.0, 2.0], 1.0, 0.2)

    again = Line.of(json.loads(json.dumps(line.as_dict())))

    assert (again.weights, again.covariance) == (line.weights, line.covariance)
