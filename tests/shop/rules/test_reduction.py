"""What a price may be called reduced from."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.rules.reduction import Stretch, Verdict, Why, judge, percent_off, reduced_minor, reference_minor

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def ago(**time: float) -> datetime:
    return NOW - timedelta(**time)


def history(*steps: tuple[int, datetime]) -> list[Stretch]:
    ends = [*(at for _price, at in steps[1:]), None]
    return [Stretch(price, at, end) for (price, at), end in zip(steps, ends, strict=False)]


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([(5000, ago(days=90))], 5000),
        ([(5000, ago(days=30))], 5000),  # known from end to end, to the second
        ([(5000, ago(days=29, hours=23))], None),  # too new
        ([(4000, ago(days=90)), (5000, ago(days=30, seconds=1))], 5000),  # the cheap days are over
        ([(4000, ago(days=90)), (5000, ago(days=30) + timedelta(seconds=1))], 4000),  # a second within the 30 days
        ([(5000, ago(days=90)), (3000, ago(days=10)), (6000, ago(days=9))], 3000),  # raised just before: no help
        ([], None),
    ],
)
def test_the_reference_is_the_lowest_price_of_thirty_days(
    steps: list[tuple[int, datetime]], expected: int | None
) -> None:
    assert reference_minor(history(*steps), begins_at=NOW) == expected


@pytest.mark.parametrize(
    ("price", "percent_bp", "off", "expected"),
    [(3800, 2000, 0, 3040), (999, 2000, 0, 799), (995, 1000, 0, 896), (500, 0, 200, 300), (100, 0, 200, 1)],
)
def test_so_much_off_rounds_half_up_and_is_never_for_nothing(
    price: int, percent_bp: int, off: int, expected: int
) -> None:
    assert reduced_minor(price, percent_bp=percent_bp, off_minor=off) == expected


def test_raised_before_and_lowered_again_is_no_reduction() -> None:
    known = history((5000, ago(days=90)), (6500, ago(days=5)))

    assert judge(price_minor=6500, history=known, begins_at=NOW, percent_bp=2000) == Verdict(5200, 5000, Why.NOT_LOWER)


def test_what_is_new_may_not_be_called_reduced() -> None:
    found = judge(price_minor=5000, history=history((5000, ago(days=3))), begins_at=NOW, percent_bp=2000)

    assert found == Verdict(4000, None, Why.TOO_NEW)


def test_a_further_step_keeps_the_first_reference() -> None:
    known = history((5000, ago(days=90)), (4500, ago(days=8)))

    further = judge(price_minor=4500, history=known, begins_at=NOW, percent_bp=3000, running=(5000, 5000))
    back = judge(price_minor=4500, history=known, begins_at=NOW, percent_bp=500, running=(5000, 5000))

    assert further == Verdict(3500, 5000)
    assert back == Verdict(4750, 5000, Why.NOT_LOWER)


@given(
    steps=st.lists(st.tuples(st.integers(1, 10**6), st.floats(0.01, 80)), min_size=1, max_size=8),
    percent_bp=st.integers(1, 9_999),
)
def test_nothing_is_called_reduced_that_cost_less_within_thirty_days(
    steps: list[tuple[int, float]], percent_bp: int
) -> None:
    known = history(*((price, ago(days=days)) for price, days in sorted(steps, key=lambda step: -step[1])))
    found = judge(price_minor=known[-1].price_minor, history=known, begins_at=NOW, percent_bp=percent_bp)

    lately = [one.price_minor for one in known if one.ends_at is None or one.ends_at > ago(days=30)]
    if found.why is None:
        assert found.reference_minor == min(lately)
        assert found.price_minor < min(lately)
        assert found.reference_minor is not None
        off = percent_off(reference_minor=found.reference_minor, price_minor=found.price_minor)
        assert found.price_minor * 100 <= found.reference_minor * (100 - off)  # never more percent than it is
    else:
        assert known[0].starts_at > ago(days=30) or found.price_minor >= min(lately)
