"""Orders with vouchers, offers and gifts are changed to the cent: what stays, what falls away, what is said first."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from orders.models import Order, OrderChange, OrderLine, Payment, Promotion, Redemption, RefundGrant, Voucher
from orders.operations import basket, redeeming, vouchers
from orders.operations.access import issue_link
from orders.operations.cancelling import cancel_order
from orders.operations.documents import issue_what_is_due
from orders.operations.paying_out import execute_refunds
from orders.operations.refunding import NothingToRefund, grant_refund
from orders.rules.changing import NotChangeable, Why, less_to_fit, unit_after
from shop.models import Variant
from shop.queries.audit import breaches
from tests.breaches import sql
from tests.factories.bags import filled_bag, for_everybody, gift_wrap, ordered, voucher
from tests.factories.shop import VariantFactory
from tests.orders.test_changing import allocated, confirm, sizes, stage, sums
from tests.orders.test_promotions_invariants import placed
from tests.owners import know
from tests.pages import words

pytestmark = pytest.mark.django_db


def with_voucher(now: datetime, *wanted: tuple[Variant, int], **terms: Any) -> Order:
    """An order that used a voucher."""
    _row, code = voucher(at=now, **terms)
    cart, _token = filled_bag(*wanted, at=now)
    vouchers.add_voucher(cart_id=cart.pk, code=code, at=now)
    return placed(cart, now)


def discounts(order: Order) -> list[tuple[int, int, int]]:
    """Price, what is taken off, and how it is split to the pieces."""
    rows = order.lines.order_by("id")
    return [(row.gross_minor, row.discount_minor, sum(row.units_paid_minor)) for row in rows]


def test_a_percentage_follows_the_goods_and_every_line_shares_it(now: datetime) -> None:
    small, large = sizes(999, 1333)
    cup = VariantFactory(price_minor=501)
    order = with_voucher(now, (small, 1), (cup, 1), percent_bp=1500)
    assert discounts(order) == [(999, 150, 849), (501, 75, 426)]

    confirm(stage(order, now, (large, 2)), now)

    assert discounts(order) == [(2666, 400, 2266), (501, 75, 426)]
    assert Redemption.objects.get().saved_minor == 475
    assert sums(order) == (2692 + 490, 3182, 3182, 0)
    assert breaches() == []


def test_fewer_pieces_give_the_difference_back_and_an_amount_stays(now: datetime) -> None:
    cup = VariantFactory(price_minor=1000, stock=9)
    for_everybody()
    order = ordered((cup, 3), at=now)

    confirm(stage(order, now, (cup, 1)), now)
    execute_refunds(now)

    assert discounts(order) == [(1000, 500, 500)]
    assert sums(order) == (990, 990, 2990, 2000)
    assert breaches() == []


def test_below_its_minimum_a_voucher_falls_away_is_hers_again_and_that_is_said_first(now: datetime) -> None:
    cup = VariantFactory(price_minor=1000, stock=9)
    order = with_voucher(now, (cup, 3), minimum_minor=2500, name="Spring thanks", percent_bp=1000)
    browser = know(Client(), order)
    change = stage(order, now, (cup, 2))

    page = words(browser.get(f"/orders/{issue_link(order=order, at=timezone.now())}/pieces/"))
    assert "“Spring thanks” holds from €25.00 of goods on: it falls away, and its voucher is yours again." in page
    assert "New total €24.90" in page
    confirm(change, now)

    used, row = Redemption.objects.get(), Voucher.objects.get()
    assert (used.saved_minor, used.released_at, row.uses) == (0, now, 0)
    assert discounts(order) == [(2000, 0, 2000)]
    assert sums(order) == (2490, 2490, 3190, 700)
    assert OrderChange.objects.get().offers == [["Spring thanks", 300, 0]]
    cancel_order(order_id=order.pk, by=None, at=now)  # what fell away is not given back a second time
    assert Voucher.objects.get().uses == 0
    assert breaches() == []


def test_a_gift_stays_as_long_as_the_goods_reach_its_minimum(now: datetime) -> None:
    cup, soap = VariantFactory(price_minor=1000, stock=9), VariantFactory(price_minor=700, stock=5)
    for_everybody(kind="gift", amount_minor=None, gift=soap, minimum_minor=2000, name="A soap")
    order = ordered((cup, 3), at=now)
    assert order.lines.filter(kind=OrderLine.Kind.FREE).count() == 1

    confirm(stage(order, now, (cup, 2)), now)
    assert (order.lines.count(), allocated(cup, soap)) == (2, [2, 1])
    change = stage(order, now, (cup, 1))
    confirm(change, now)

    change.refresh_from_db()
    assert (order.lines.count(), allocated(cup, soap)) == (1, [1, 0])
    assert [row["sku"] for row in change.before] == [cup.sku, soap.sku]
    assert not order.parcels.get().lines.filter(line__kind=OrderLine.Kind.FREE).exists()
    assert breaches() == []


def test_free_delivery_stays_free_and_falls_away_with_its_minimum(now: datetime) -> None:
    cup = VariantFactory(price_minor=1000, stock=9)
    for_everybody(kind="free_delivery", amount_minor=None, minimum_minor=2000, name="On us")
    order = ordered((cup, 3), at=now)
    assert sums(order)[0] == 3000

    confirm(stage(order, now, (cup, 2)), now)
    assert (sums(order)[0], Redemption.objects.get().saved_minor) == (2000, 490)
    confirm(stage(order, now, (cup, 1)), now)

    assert (sums(order)[0], Redemption.objects.get().saved_minor) == (1490, 0)
    assert breaches() == []


def test_gift_wrap_costs_what_it_costs(now: datetime) -> None:
    cup = VariantFactory(price_minor=1000, stock=9)
    gift_wrap(390)
    for_everybody(kind="percent", amount_minor=None, percent_bp=1000)
    cart, _token = filled_bag((cup, 2), at=now)
    basket.wrap_as_gift(cart_id=cart.pk, wrap=True, message="", hide_prices=False, at=now)
    cart.refresh_from_db()
    order = placed(cart, now)

    confirm(stage(order, now, (cup, 3)), now)

    assert sorted(discounts(order)) == [(390, 0, 390), (3000, 300, 2700)]
    assert breaches() == []


def test_the_terms_are_those_of_the_day_she_ordered(now: datetime) -> None:
    cup = VariantFactory(price_minor=1000, stock=9)
    for_everybody(kind="percent", amount_minor=None, percent_bp=1000)
    order = ordered((cup, 1), at=now)
    Promotion.objects.update(percent_bp=5000, minimum_minor=99_999, active=False)

    confirm(stage(order, now, (cup, 2)), now)

    assert discounts(order) == [(2000, 200, 1800)]
    assert breaches() == []


def test_a_budget_gives_no_more_than_is_left_and_counts_what_it_gave(now: datetime) -> None:
    cup = VariantFactory(price_minor=1000, stock=20)
    for_everybody(kind="percent", amount_minor=None, percent_bp=1000, budget_minor=250)
    order = ordered((cup, 1), at=now)

    confirm(stage(order, now, (cup, 2)), now)
    assert (Promotion.objects.get().spent_minor, discounts(order)) == (200, [(2000, 200, 1800)])
    confirm(stage(order, now, (cup, 4)), now)  # 400 would be 150 over
    assert (Promotion.objects.get().spent_minor, discounts(order)) == (200, [(4000, 200, 3800)])
    confirm(stage(order, now, (cup, 1)), now)

    assert (Promotion.objects.get().spent_minor, Promotion.objects.get().uses) == (100, 1)
    assert breaches() == []


@pytest.mark.parametrize("guarded", [True, False])
def test_a_budget_somebody_else_used_meanwhile_is_never_passed(now: datetime, monkeypatch: Any, guarded: bool) -> None:
    """The rest of the budget goes between the look and the writing; the control gives more than there is."""
    cup = VariantFactory(price_minor=1000, stock=20)
    for_everybody(kind="percent", amount_minor=None, percent_bp=1000, budget_minor=250)
    order = ordered((cup, 1), at=now, provider="bank_transfer", payment_token="")
    change = stage(order, now, (cup, 2))
    real = redeeming.give_otherwise

    def raced(*args: Any, **more: Any) -> None:
        Promotion.objects.update(budget_minor=150)
        real(*args, **more)

    monkeypatch.setattr("orders.operations.changing.give_otherwise", raced)
    if guarded:
        with pytest.raises(NotChangeable) as no:
            confirm(change, now)
        assert no.value.why == Why.OFFER_GONE
        assert (discounts(order), OrderChange.objects.get().state) == ([(1000, 100, 900)], "staged")
    else:
        monkeypatch.setattr(redeeming, "_count_more", lambda *_: True)
        confirm(change, now)
        assert discounts(order) == [(2000, 200, 1800)]
        assert {breach.code for breach in breaches()} == {"O11"}


def test_paid_for_and_the_budget_gone_her_money_goes_back(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    cup = VariantFactory(price_minor=1000, stock=20)
    for_everybody(kind="percent", amount_minor=None, percent_bp=1000, budget_minor=250)
    order = ordered((cup, 1), at=now)
    change = stage(order, now, (cup, 2))
    monkeypatch.setattr(redeeming, "_count_more", lambda *_: False)

    assert confirm(change, now).state == "refused"
    execute_refunds(now)

    assert sums(order) == (1390, 1390, 2290, 900)
    assert breaches() == []


def test_what_no_promotion_explains_is_left_to_a_person(now: datetime) -> None:
    small, same, large = sizes(1000, 1000, 1300)
    for_everybody()
    order = ordered((small, 1), at=now)
    sql("UPDATE orders_redemption SET saved_minor = 400")

    with pytest.raises(NotChangeable) as no:
        stage(order, now, (large, 1))
    assert no.value.why == Why.PROMOTION
    assert stage(order, now, (same, 1)).state == "staged"


# -- Cents no card takes, and there and back again ---------------------------------------------------------------------


def test_cents_no_card_takes_are_given_to_her(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [less_to_fit(pay_minor=pay, least_minor=50, quantity=3) for pay in (0, 1, 20, 49, 50)] == [0, 1, 7, 17, 0]
    monkeypatch.setattr("orders.queries.changing.LEAST", {"test_card": 50})
    small, bit_more, more = sizes(1000, 1020, 1050)
    order = ordered((small, 1), at=now)

    confirm(stage(order, now, (bit_more, 1)), now)
    assert (sums(order), order.lines.get().unit_minor) == ((1490, 1490, 1490, 0), 1000)
    confirm(stage(order, now, (more, 1)), now)

    assert sums(order) == (1490, 1490, 1490, 0)  # it costs 30 more than the one she has
    assert breaches() == []


def test_of_three_pieces_no_cent_is_left_over(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orders.queries.changing.LEAST", {"test_card": 50})
    small, bit_more = sizes(1000, 1010)
    order = ordered((small, 3), at=now)

    confirm(stage(order, now, (bit_more, 3)), now)

    assert sums(order) == (3490, 3490, 3490, 0)
    assert breaches() == []


def test_there_and_back_again_costs_what_it_cost(now: datetime) -> None:
    assert unit_after(agreed_minor=1500, old_today_minor=1500, new_today_minor=1500, had_minor=1000) == 1000
    small, large = sizes(1000, 1300)
    order = ordered((small, 1), at=now)
    confirm(stage(order, now, (large, 1)), now)
    Variant.objects.filter(pk=small.pk).update(price_minor=1250)  # its sale is over

    confirm(stage(order, now, (small, 1)), now)

    assert sums(order) == (1490, 1490, 1790, 300)
    assert breaches() == []


# -- Any sequence -----------------------------------------------------------------------------------------------------

TERMS: dict[str, dict[str, Any]] = {
    "percent": {"kind": "percent", "percent_bp": 1234, "minimum_minor": 1500, "budget_minor": 400},
    "amount": {"kind": "amount", "amount_minor": 333},
    "delivery": {"kind": "free_delivery", "minimum_minor": 2000},
    "gift": {"kind": "gift", "minimum_minor": 1800},
}
OFFERS = st.sets(st.sampled_from(sorted(TERMS)), min_size=1)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("edit"), st.integers(0, 2), st.integers(0, 3)),
        st.tuples(st.just("invoice"), st.just(0), st.just(0)),
        st.tuples(st.just("send"), st.just(0), st.just(0)),
        st.tuples(st.just("refund"), st.integers(1, 900), st.just(0)),
    ),
    max_size=6,
)


def do(step: tuple[str, int, int], order: Order, forms: list[Variant], now: datetime) -> None:
    what, first, second = step
    if what == "edit":
        confirm(stage(order, now, (forms[first], second)), now)
    elif what == "refund":
        origin = f"{order.pk}:{RefundGrant.objects.count()}"
        grant_refund(order_id=order.pk, amount_minor=first, reason="x", origin=origin, by=None, at=now)
    elif what == "send":
        execute_refunds(now)
    else:
        issue_what_is_due(order_id=order.pk, at=now)


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
@given(OFFERS, STEPS, st.booleans())
def test_with_any_offers_any_sequence_sums_to_what_was_paid(
    now: datetime, offers: set[str], steps: list[tuple[str, int, int]], ends: bool
) -> None:
    Promotion.objects.update(active=False)
    soap = VariantFactory(price_minor=700, stock=50)
    for name in sorted(offers):
        for_everybody(**{"amount_minor": None, "gift": soap if name == "gift" else None} | TERMS[name])
    forms = sizes(999, 1333, 501, stock=50)
    order = ordered((forms[0], 2), (VariantFactory(price_minor=777), 1), at=now)
    for step in steps:
        with suppress(NotChangeable, NothingToRefund):
            do(step, order, forms, now)
    if ends:
        cancel_order(order_id=order.pk, by=None, at=now)
    execute_refunds(now)

    order, payment = Order.objects.get(pk=order.pk), Payment.objects.get(order=order)
    assert payment.kept_minor == payment.due_minor == order.total_minor
    assert payment.refunded_minor == payment.granted_minor
    if ends:
        assert payment.refunded_minor == payment.captured_minor
    assert breaches() == []
