"""Shares of money: split without a lost cent, and whatever goes back sums to what was paid."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.rules.shares import (
    Amount,
    Beyond,
    Everything,
    MoreThanPaid,
    NoSuchPiece,
    Pieces,
    Slot,
    What,
    delivery_shares,
    parts_of,
    take,
    unit_shares,
)
from orders.rules.tax_table import rates
from shop.rules.money import tax_included


@given(st.integers(0, 10**6), st.integers(1, 20), st.integers(0, 3000))
def test_pieces_share_price_and_tax_exactly(paid: int, quantity: int, rate_bp: int) -> None:
    units, taxes = unit_shares(paid_minor=paid, tax_minor=tax_included(paid, rate_bp), quantity=quantity)

    assert (sum(units), sum(taxes)) == (paid, tax_included(paid, rate_bp))
    assert max(units) - min(units) <= 1
    assert all(0 <= tax <= unit for unit, tax in zip(units, taxes, strict=True))


def test_delivery_shares_the_rates_of_what_it_brings() -> None:
    assert delivery_shares(delivery_minor=490, goods=[(2300, 4800)]) == [(2300, 490, 92)]
    assert delivery_shares(delivery_minor=490, goods=[(2300, 3000), (600, 1000), (2300, 1000)]) == [
        (2300, 392, 73),
        (600, 98, 6),
    ]
    assert delivery_shares(delivery_minor=0, goods=[(2300, 4800)]) == []


SLOTS = [
    Slot(1, 1, 800, 150, 2300),
    Slot(1, 2, 799, 149, 2300),
    Slot(2, 1, 3800, 711, 2300),
    Slot(None, 0, 490, 92, 2300),
]


def test_pieces_go_back_with_what_is_left_of_them() -> None:
    first = take(SLOTS, Pieces({1: 1}))
    assert [(part.amount_minor, part.tax_minor, part.whole) for part in first] == [(800, 150, True)]
    gesture = take(SLOTS, Amount(300, line_id=2))
    later = [part.taken() for part in gesture]

    both = take([*SLOTS[:2], *later, SLOTS[3]], Pieces({2: 1, 1: 2}, delivery=True))

    assert [part.amount_minor for part in both] == [800, 799, 3500, 490]
    assert sum(part.tax_minor for part in [*gesture, *both]) == 150 + 149 + 711 + 92


def test_a_piece_that_came_back_for_less_keeps_the_rest_of_its_money() -> None:
    parts, beyond = parts_of(SLOTS[:1], Pieces({1: 1}), 100)
    assert [(part.amount_minor, part.whole, beyond) for part in parts] == [(100, True, 0)]

    rest = take([parts[0].taken()], Everything())

    assert [(part.amount_minor, part.whole) for part in rest] == [(700, False)]
    assert parts_of(SLOTS, Beyond(), 50) == ([], 50)
    assert parts_of(SLOTS[:1], Everything(), 900)[1] == 100


@pytest.mark.parametrize(
    ("what", "refusal"),
    [
        (Amount(0), MoreThanPaid),
        (Amount(-1), MoreThanPaid),
        (Amount(5890), MoreThanPaid),
        (Amount(1600, line_id=1), MoreThanPaid),
        (Amount(1, line_id=9), MoreThanPaid),
        (Pieces({1: 3}), NoSuchPiece),
        (Pieces({9: 1}), NoSuchPiece),
    ],
)
def test_more_than_was_paid_never_goes_back(what: What, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        take(SLOTS, what)


LINES = st.lists(st.tuples(st.integers(0, 9999), st.integers(1, 4), st.sampled_from([0, 600, 2300, 2550])), max_size=4)


@given(LINES, st.integers(0, 900), st.data())
def test_any_sequence_of_refunds_sums_to_what_was_paid(
    lines: list[tuple[int, int, int]], delivery: int, data: st.DataObject
) -> None:
    slots = [
        Slot(line, number, paid, tax, rate)
        for line, (unit, quantity, rate) in enumerate(lines)
        for number, (paid, tax) in enumerate(
            zip(*unit_shares(paid_minor=unit, tax_minor=tax_included(unit, rate), quantity=quantity), strict=True), 1
        )
    ]
    fees = delivery_shares(delivery_minor=delivery, goods=[(rate, unit) for unit, _quantity, rate in lines])
    slots += [Slot(None, number, fee, tax, rate) for number, (rate, fee, tax) in enumerate(fees)]
    paid, tax = sum(slot.paid_minor for slot in slots), sum(slot.tax_minor for slot in slots)
    back = back_tax = 0

    for _step in range(data.draw(st.integers(0, 6))):
        what = data.draw(
            st.one_of(
                st.builds(Amount, st.integers(1, 2000), st.none() | st.integers(0, 3)),
                st.builds(Pieces, st.dictionaries(st.integers(0, 3), st.integers(0, 3)), st.booleans()),
            )
        )
        try:
            parts = take(slots, what)
        except (MoreThanPaid, NoSuchPiece):
            continue
        assert all(0 <= part.tax_minor <= part.amount_minor for part in parts)
        if isinstance(what, Amount):
            assert sum(part.amount_minor for part in parts) == what.minor
        taken = {(part.slot.line_id, part.slot.number): part.taken() for part in parts}
        slots = [taken.get((slot.line_id, slot.number), slot) for slot in slots]
        back, back_tax = back + sum(p.amount_minor for p in parts), back_tax + sum(p.tax_minor for p in parts)
        assert back <= paid
    rest = take(slots, Everything())

    assert back + sum(part.amount_minor for part in rest) == paid
    assert back_tax + sum(part.tax_minor for part in rest) == tax
    assert take([part.taken() for part in rest], Everything()) == []


def test_the_table_knows_every_state_of_the_union_today() -> None:
    now = [rate for rate in rates() if rate.until_on is None]

    assert len({rate.country for rate in now}) == 27
    assert len(now) == 54
    assert {rate.country: rate.rate_bp for rate in now if rate.tax_class == "standard"}["PT"] == 2300
