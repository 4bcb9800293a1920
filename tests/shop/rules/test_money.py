"""Money: shares that always add up, tax rounded once."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.rules.money import CurrencyMismatch, Money, exponent, split, tax_included

AMOUNTS = st.integers(-(10**9), 10**9)


@given(AMOUNTS, st.lists(st.integers(0, 10**6), min_size=1, max_size=30))
def test_shares_sum_to_the_amount_and_are_fair(amount: int, weights: list[int]) -> None:
    shares = split(amount, weights)

    assert sum(shares) == amount
    parts = weights if sum(weights) else [1] * len(weights)
    for share, part in zip(shares, parts, strict=True):
        assert abs(share - Fraction(amount * part, sum(parts))) < 1


def test_split_gives_the_odd_cent_to_the_earlier_share() -> None:
    assert split(100, [1, 1, 1]) == [34, 33, 33]
    assert split(-100, [1, 1, 1]) == [-34, -33, -33]
    assert split(5, [0, 0]) == [3, 2]
    assert split(0, [3, 4]) == [0, 0]


@pytest.mark.parametrize("weights", [[], [1, -1]])
def test_split_refuses_nobody_and_negative_weights(weights: list[int]) -> None:
    with pytest.raises(ValueError, match="at least one weight"):
        split(100, weights)


@given(st.integers(0, 10**9), st.integers(0, 10_000))
def test_tax_is_the_nearest_cent_and_stays_inside(gross: int, rate: int) -> None:
    tax = tax_included(gross, rate)

    assert 0 <= tax <= gross
    assert abs(tax - Fraction(gross * rate, 10_000 + rate)) <= Fraction(1, 2)
    assert tax_included(-gross, rate) == -tax


def test_tax_of_known_prices() -> None:
    assert tax_included(12_300, 2300) == 2300
    assert tax_included(11_900, 1900) == 1900
    assert tax_included(1, 2300) == 0


@given(AMOUNTS, AMOUNTS, st.integers(0, 1000))
def test_money_adds_and_multiplies(first: int, second: int, times: int) -> None:
    one, other = Money(first, "EUR"), Money(second, "EUR")

    assert one + other == Money(first + second, "EUR")
    assert one - other == Money(first - second, "EUR")
    assert (one + other) - other == one
    assert one * times == Money(first * times, "EUR")
    assert -one == Money(-first, "EUR")
    assert bool(one) is (first != 0)


def test_currencies_do_not_mix() -> None:
    with pytest.raises(CurrencyMismatch, match="EUR and USD"):
        Money(1, "EUR") + Money(1, "USD")

    assert (exponent("EUR"), exponent("JPY"), exponent("KWD")) == (2, 0, 3)
