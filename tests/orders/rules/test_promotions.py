"""Promotions: exact to the minor unit, never negative, the same whatever the order of the codes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.rules.promotions import NOTHING, Chance, Kind, Outcome, Why, customer_key, promise_of, share

TEN = Chance(1, "Ten", Kind.PERCENT, combines=True, percent_bp=1000)
FIVE_OFF = Chance(2, "Five off", Kind.AMOUNT, combines=True, amount_minor=500)
FREE = Chance(3, "Free delivery", Kind.FREE_DELIVERY, combines=True)
GIFT = Chance(4, "A mug", Kind.GIFT, combines=True, gift_variant_id=9, worth_minor=1200)
ALONE = Chance(5, "Half price", Kind.PERCENT, combines=False, percent_bp=5000)


def outcome(*chances: Chance, goods: int = 10_000, delivery: int = 490) -> Outcome:
    return promise_of(chances, goods_minor=goods, delivery_minor=delivery)


def saved(found: Outcome) -> dict[str, int]:
    return {one.chance.name: one.saved_minor for one in found.applied}


def why(found: Outcome) -> dict[str, Why]:
    return {one.chance.name: one.why for one in found.refused}


def test_per_cents_count_from_the_full_price_and_amounts_come_after() -> None:
    found = outcome(TEN, replace(TEN, promotion_id=6, name="Five", percent_bp=500), FIVE_OFF, FREE, GIFT)

    assert saved(found) == {"Ten": 1000, "Five": 500, "Five off": 500, "Free delivery": 490, "A mug": 1200}
    assert (found.off_goods_minor, found.off_delivery_minor, found.gifts) == (2000, 490, (9,))


def test_one_that_stands_alone_is_used_only_when_it_gives_more() -> None:
    assert saved(outcome(TEN, FIVE_OFF, ALONE)) == {"Half price": 5000}
    assert why(outcome(TEN, FIVE_OFF, ALONE)) == {"Ten": Why.BETTER_WITHOUT, "Five off": Why.BETTER_WITHOUT}

    small = outcome(TEN, FIVE_OFF, replace(ALONE, percent_bp=1400))
    assert saved(small) == {"Ten": 1000, "Five off": 500}
    assert why(small) == {"Half price": Why.BETTER_WITHOUT}


def test_goods_never_cost_less_than_nothing() -> None:
    found = outcome(TEN, replace(FIVE_OFF, amount_minor=20_000))

    assert (found.off_goods_minor, saved(found)) == (10_000, {"Ten": 1000, "Five off": 9000})


@pytest.mark.parametrize(
    ("chance", "goods", "delivery", "reason"),
    [
        (replace(TEN, minimum_minor=10_001), 10_000, 490, Why.MINIMUM),
        (FREE, 10_000, 0, Why.NOTHING_TO_GAIN),
        (replace(GIFT, gift_there=False), 10_000, 490, Why.GIFT_GONE),
        (replace(TEN, budget_left_minor=999), 10_000, 490, Why.USED_UP),
        (replace(TEN, refused=Why.ENDED), 10_000, 490, Why.ENDED),
        (replace(TEN, percent_bp=1), 10, 490, Why.NOTHING_TO_GAIN),
    ],
)
def test_what_does_not_count_says_why_and_saves_nothing(chance: Chance, goods: int, delivery: int, reason: Why) -> None:
    found = outcome(chance, goods=goods, delivery=delivery)

    assert (saved(found), list(why(found).values())) == ({}, [reason])


def test_a_minimum_says_what_is_missing_and_the_limit_itself_is_enough() -> None:
    assert outcome(replace(TEN, minimum_minor=10_350)).refused[0].missing_minor == 350
    assert saved(outcome(replace(TEN, minimum_minor=10_000))) == {"Ten": 1000}


def test_a_budget_that_is_short_lets_the_others_count() -> None:
    found = outcome(replace(ALONE, budget_left_minor=100), TEN)

    assert (saved(found), why(found)) == ({"Ten": 1000}, {"Half price": Why.USED_UP})


def test_two_vouchers_of_one_promotion_count_once() -> None:
    found = outcome(replace(TEN, voucher_id=1, refused=Why.USED_UP), replace(TEN, voucher_id=2))

    assert [(one.chance.voucher_id, one.saved_minor) for one in found.applied] == [(2, 1000)]


def test_without_promotions_nothing_changes() -> None:
    assert outcome() == NOTHING


chances = st.builds(
    Chance,
    promotion_id=st.integers(1, 6),
    name=st.just("x"),
    kind=st.sampled_from(Kind),
    combines=st.booleans(),
    percent_bp=st.integers(1, 10_000),
    amount_minor=st.integers(1, 30_000),
    gift_variant_id=st.integers(1, 3),
    worth_minor=st.integers(0, 5_000),
    gift_there=st.booleans(),
    minimum_minor=st.integers(0, 20_000),
    budget_left_minor=st.none() | st.integers(0, 5_000),
    voucher_id=st.none() | st.integers(1, 9),
    refused=st.sampled_from([None, None, None, Why.ENDED]),
)


@given(
    mine=st.lists(chances, max_size=6),
    goods=st.integers(0, 40_000),
    delivery=st.integers(0, 2_000),
    shuffle=st.randoms(use_true_random=False),
)
def test_sums_are_exact_and_the_order_of_codes_is_irrelevant(
    mine: list[Chance], goods: int, delivery: int, shuffle: object
) -> None:
    unlike = list({chance.promotion_id: chance for chance in mine}.values())
    found = promise_of(unlike, goods_minor=goods, delivery_minor=delivery)
    mixed = list(unlike)
    shuffle.shuffle(mixed)  # type: ignore[attr-defined]

    assert promise_of(mixed, goods_minor=goods, delivery_minor=delivery) == found
    assert 0 <= found.off_goods_minor <= goods
    assert 0 <= found.off_delivery_minor <= delivery
    assert all(one.saved_minor >= 0 for one in found.applied)
    told = [one.chance.promotion_id for one in (*found.applied, *found.refused)]
    assert len(told) == len(set(told))
    for one in found.applied:
        assert one.chance.refused is None
        assert goods >= one.chance.minimum_minor
        left = one.chance.budget_left_minor
        assert left is None or one.saved_minor <= left


@given(off=st.integers(0, 50_000), lines=st.lists(st.integers(0, 9_000), min_size=1, max_size=8))
def test_what_comes_off_is_split_without_a_lost_cent_and_no_line_gives_more_than_it_costs(
    off: int, lines: list[int]
) -> None:
    off = min(off, sum(lines))

    parts = share(off, lines)

    assert sum(parts) == off
    assert all(0 <= part <= line for part, line in zip(parts, lines, strict=True))


def test_an_address_counts_as_one_however_it_is_written() -> None:
    assert customer_key(" Ana@Example.com ") == customer_key("ana@example.com")
    assert "ana" not in customer_key("ana@example.com")
