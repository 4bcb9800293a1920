"""What a return gives back: exact, and never more than was paid."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from returns.rules.amounts import Back, MoreThanBought, NotPaidYet, Refund, Sold, payable, refund_of

MUGS = Sold(1, (2400, 2400))
TEE = Sold(2, (3800,))


def test_refund_is_price_times_pieces() -> None:
    assert refund_of(back=[Back(1, 1)], sold=[MUGS, TEE], delivery_minor=490) == Refund((2400,), 0)


def test_refund_brings_the_delivery_fee_with_the_last_piece() -> None:
    everything = [Back(1, 2), Back(2, 1)]

    assert refund_of(back=everything, sold=[MUGS, TEE], delivery_minor=490) == Refund((4800, 3800), 490)
    assert refund_of(back=everything, sold=[MUGS, TEE], delivery_minor=490).total_minor == 9090


def test_refund_never_brings_the_delivery_fee_twice() -> None:
    gone = [Sold(1, ()), Sold(2, ())]

    assert refund_of(back=[Back(1, 0)], sold=gone, delivery_minor=490) == Refund((0,), 0)


def test_refund_refuses_more_than_was_bought() -> None:
    with pytest.raises(MoreThanBought):
        refund_of(back=[Back(1, 1), Back(1, 2)], sold=[MUGS, TEE], delivery_minor=490)


@given(
    st.lists(st.tuples(st.integers(1, 100_000), st.integers(1, 6)), min_size=1, max_size=5),
    st.integers(0, 5_000),
    st.data(),
)
def test_any_sequence_of_partial_returns_stays_within_what_was_paid(
    bought: list[tuple[int, int]], delivery_minor: int, data: st.DataObject
) -> None:
    sold = [Sold(number, (unit,) * quantity) for number, (unit, quantity) in enumerate(bought)]
    paid = sum(sum(line.units_minor) for line in sold) + delivery_minor
    given_back = 0
    for _ in range(data.draw(st.integers(0, 12))):
        index = data.draw(st.integers(0, len(sold) - 1))
        line = sold[index]
        pieces = data.draw(st.integers(0, len(line.units_minor)))
        given_back += refund_of(back=[Back(index, pieces)], sold=sold, delivery_minor=delivery_minor).total_minor
        sold[index] = Sold(index, line.units_minor[pieces:])
        assert given_back <= paid

    rest = [Back(line.line_id, len(line.units_minor)) for line in sold]
    given_back += refund_of(back=rest, sold=sold, delivery_minor=delivery_minor).total_minor

    assert given_back == paid


def test_payable_gives_what_is_there() -> None:
    assert payable(total_minor=2400, due_minor=2890, captured_minor=2890, granted_minor=0) == 2400
    assert payable(total_minor=2890, due_minor=2890, captured_minor=2890, granted_minor=500) == 2390
    assert payable(total_minor=2890, due_minor=2890, captured_minor=2890, granted_minor=2890) == 0
    assert payable(total_minor=0, due_minor=2890, captured_minor=0, granted_minor=0) == 0


def test_payable_waits_for_money_that_has_not_come_in() -> None:
    with pytest.raises(NotPaidYet) as refused:
        payable(total_minor=2400, due_minor=2890, captured_minor=0, granted_minor=0)

    assert refused.value.missing_minor == 2890
