"""What promotions give after a change: on their own terms, never more than there is, exact to the cent."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from orders.rules.given import Used, fallen_gifts, given_after, off_delivery, off_goods
from orders.rules.promotions import Chance, Kind, promise_of

PER_CENT = Used(1, "Tenth", Kind.PERCENT, 300, percent_bp=1000, minimum_minor=2000, by_voucher=True)
AMOUNT = Used(2, "Five off", Kind.AMOUNT, 500, amount_minor=500)
FREE = Used(3, "On us", Kind.FREE_DELIVERY, 490)
GIFT = Used(4, "A soap", Kind.GIFT, 700, gift_variant_id=9, minimum_minor=3000)


def saved(*used: Used, before: int = 3000, goods: int, delivery: int = 490) -> list[tuple[int, bool]]:
    given = given_after(used, goods_before_minor=before, goods_minor=goods, delivery_minor=delivery)
    return [(one.saved_minor, one.falls) for one in given]


def test_per_cents_follow_the_goods_and_amounts_stay() -> None:
    assert saved(PER_CENT, AMOUNT, goods=4005) == [(401, False), (500, False)]  # 400.5 rounds up
    assert saved(PER_CENT, AMOUNT, goods=2000) == [(200, False), (500, False)]
    assert saved(AMOUNT, goods=300) == [(300, False)]


def test_below_its_minimum_one_falls_away_and_a_gift_with_it() -> None:
    assert saved(PER_CENT, goods=1999) == [(0, True)]
    given_ = given_after([GIFT], goods_before_minor=3000, goods_minor=2999, delivery_minor=490)
    assert fallen_gifts(given_) == [9]
    assert saved(GIFT, goods=3000) == [(700, False)]


def test_free_delivery_saves_what_delivery_costs_then_and_falls_where_it_costs_nothing() -> None:
    assert saved(FREE, goods=900, delivery=690) == [(690, False)]
    assert saved(FREE, goods=9000, delivery=0) == [(0, True)]


def test_a_budget_gives_no_more_than_it_has_and_never_less_than_it_gave() -> None:
    tight = Used(1, "Tenth", Kind.PERCENT, 300, percent_bp=1000, budget_left_minor=50)
    assert saved(tight, goods=3500) == [(350, False)]
    assert saved(tight, goods=3510) == [(300, False)]
    assert saved(tight, goods=1000) == [(100, False)]


def test_goods_of_the_same_price_keep_what_was_taken_off_them() -> None:
    """Also where the terms would say another cent, as those of an older release may."""
    assert saved(Used(1, "Tenth", Kind.PERCENT, 299, percent_bp=1000), goods=3000) == [(299, False)]


USED = st.lists(
    st.sampled_from([PER_CENT, AMOUNT, FREE, GIFT, Used(5, "Third", Kind.PERCENT, 1, percent_bp=3333)]), unique=True
)


@given(USED, st.integers(1, 9000), st.integers(1, 9000), st.integers(0, 900))
def test_never_more_than_there_is_and_the_order_of_use_never_matters(
    used: list[Used], before: int, goods: int, delivery: int
) -> None:
    found = given_after(used, goods_before_minor=before, goods_minor=goods, delivery_minor=delivery)
    turned = given_after(used[::-1], goods_before_minor=before, goods_minor=goods, delivery_minor=delivery)

    assert found == turned
    assert 0 <= off_goods(found) <= goods
    assert 0 <= off_delivery(found) <= delivery
    assert all(one.saved_minor == 0 for one in found if one.falls)


@given(st.integers(2000, 9000), st.integers(0, 900))
def test_a_changed_order_saves_what_the_same_bag_would_have_saved(goods: int, delivery: int) -> None:
    """The sums of the checkout and those of a change are the same rule."""
    chances = [
        Chance(1, "Tenth", Kind.PERCENT, True, percent_bp=1000, minimum_minor=2000),
        Chance(2, "Five off", Kind.AMOUNT, True, amount_minor=500),
        Chance(3, "On us", Kind.FREE_DELIVERY, True),
    ]
    checkout = promise_of(chances, goods_minor=goods, delivery_minor=delivery)
    change = given_after([PER_CENT, AMOUNT, FREE], goods_before_minor=1, goods_minor=goods, delivery_minor=delivery)

    assert (off_goods(change), off_delivery(change)) == (checkout.off_goods_minor, checkout.off_delivery_minor)
