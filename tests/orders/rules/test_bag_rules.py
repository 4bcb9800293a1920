"""The bag's own rules, and the codes of vouchers."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.rules.bag import Form, Ready, merged, ready_first, ready_last, two_sizes
from orders.rules.codes import ALPHABET, BITS, code_of, plain_code, possible


def test_of_what_is_in_both_bags_the_larger_number_counts() -> None:
    assert merged({1: 2, 2: 1}, {2: 3, 3: 30}, most=20) == {1: 2, 2: 3, 3: 20}


@given(
    mine=st.dictionaries(st.integers(1, 5), st.integers(1, 20)),
    guest=st.dictionaries(st.integers(1, 5), st.integers(1, 20)),
)
def test_merging_loses_nothing_doubles_nothing_and_can_be_done_twice(
    mine: dict[int, int], guest: dict[int, int]
) -> None:
    once = merged(mine, guest, most=20)

    assert once.keys() == mine.keys() | guest.keys()
    assert all(once[v] in {mine.get(v), guest.get(v)} for v in once)
    assert merged(once, guest, most=20) == once == merged(guest, mine, most=20)


def test_two_sizes_of_one_thing_are_found_and_two_colours_are_not() -> None:
    sage, ink = frozenset({7}), frozenset({8})
    forms = [Form(1, "S", sage), Form(2, "M", sage), Form(1, "M", sage), Form(3, "S", sage), Form(3, "M", ink)]

    assert two_sizes(forms) == {1: ("S", "M")}
    assert two_sizes([Form(1, "", sage), Form(1, "", sage)]) == {}


@pytest.mark.parametrize(("days", "first"), [([], None), ([0], None), ([3, 3], None), ([5, 0, 3], 0), ([5, 3], 3)])
def test_what_is_ready_first(days: list[int], first: int | None) -> None:
    assert ready_first(Ready(each) for each in days) == (None if first is None else Ready(first))


def test_goods_on_their_way_wait_longer_than_what_is_made_and_the_last_of_both_counts_together() -> None:
    made, early, late = Ready(5), Ready(0, date(2026, 3, 3)), Ready(2, date(2026, 3, 9))

    assert ready_first([late, made, early]) == made
    assert ready_first([late, early]) == early
    assert ready_last([late, made, early]) == Ready(5, date(2026, 3, 9))
    assert ready_last([]) == Ready()


@given(number=st.integers(0, (1 << BITS) - 1))
def test_a_code_reads_back_however_it_is_typed(number: int) -> None:
    code = code_of(number)
    plain = plain_code(code)

    assert (len(code), possible(plain)) == (19, True)
    assert int("".join(f"{ALPHABET.index(sign):05b}" for sign in plain), 2) == number
    misread = code.lower().replace("0", "o").replace("1", "l").replace("-", " ")
    assert plain_code(misread) == plain


@pytest.mark.parametrize("typed", ["", "SPRING", "A" * 15, "A" * 17, "U" * 16, "é" * 16])
def test_what_cannot_be_a_code(typed: str) -> None:
    assert not possible(plain_code(typed))


def test_a_number_beyond_eighty_bits_is_refused() -> None:
    with pytest.raises(ValueError, match="80 bits"):
        code_of(1 << BITS)
