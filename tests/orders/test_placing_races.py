"""Many at once: one order per submission, never one piece too many, never one refund too many.  Real threads.

Source: reliability reference T01, T04, T10.  Each protection has a control that shows it is what protects.
"""

from __future__ import annotations

import threading
from datetime import date, datetime
from uuid import uuid4

import pytest
from django.db import connection
from django.db.models import F

from orders.models import Order, Payment, PaymentEvent, Promotion, Redemption, RefundGrant, Submission, TestCardEntry
from orders.operations import capacity, redeeming, refunding
from orders.operations.placing import place_order
from orders.operations.preparing import ChangedSinceShown
from orders.operations.redeeming import PromotionGone
from orders.operations.refunding import NothingToRefund, grant_refund
from shop.models import BusinessCalendar, StockLevel
from shop.operations import stock
from shop.queries.audit import breaches
from tests.crowds import at_once
from tests.factories.bags import ANA, filled_bag, for_everybody, ordered, shown_to
from tests.factories.shop import StaffFactory, VariantFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.faults]

THREADS = 50


def test_fifty_presses_of_one_button_are_one_order(now: datetime) -> None:
    cart, _token = filled_bag(at=now)
    shown, key = shown_to(cart, ANA, at=now), uuid4()

    found = at_once(lambda _: place_order(key=key, cart_id=cart.pk, request=ANA, shown=shown, at=now).number, THREADS)

    assert set(found) == {Order.objects.get().number}
    assert (Submission.objects.count(), PaymentEvent.objects.count()) == (1, 1)
    assert TestCardEntry.objects.values_list("asked", flat=True).get() == 1
    assert breaches() == []


def buy_at_once(now: datetime, buyers: int, pieces: int, may_be_made: int = 0) -> list[object]:
    variant = VariantFactory(stock=pieces, making_days=5 if may_be_made else 0)
    if may_be_made:
        level = StockLevel.objects.get(variant=variant)
        stock.make_to_order(level_id=level.pk, limit=may_be_made, by=StaffFactory(), at=now)
    carts = [filled_bag((variant, 1), at=now)[0] for _ in range(buyers)]
    shown = shown_to(carts[0], ANA, at=now)
    return at_once(
        lambda n: place_order(key=uuid4(), cart_id=carts[n].pk, request=ANA, shown=shown, at=now).status, buyers
    )


def test_fifty_buyers_of_twenty_pieces_are_twenty_orders(now: datetime) -> None:
    found = buy_at_once(now, THREADS, 20)

    assert (found.count("placed"), found.count(stock.SoldOut)) == (20, 30)
    assert Order.objects.count() == 20
    assert StockLevel.objects.values_list("on_hand", "allocated").get() == (20, 20)
    assert breaches() == []


@pytest.mark.parametrize(("lie_there", "may_be_made"), [(0, 20), (7, 13)])
def test_fifty_buyers_never_pass_the_limit_of_what_may_be_made(lie_there: int, may_be_made: int, now: datetime) -> None:
    found = buy_at_once(now, THREADS, lie_there, may_be_made)

    assert (found.count("placed"), found.count(stock.SoldOut)) == (20, 30)
    assert StockLevel.objects.values_list("on_hand", "allocated", "oversell_limit").get() == (
        lie_there,
        20,
        may_be_made,
    )
    assert breaches() == []


@pytest.mark.parametrize(("lie_there", "may_be_made"), [(4, 0), (0, 4)])
def test_without_the_guard_they_oversell(
    lie_there: int, may_be_made: int, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the check before the write instead of in it, and no constraint behind it."""

    def careless(*, wanted: list[stock.Wanted], order_number: str, at: datetime, holder: str, ahead: bool) -> None:
        for item in wanted:
            level = StockLevel.objects.get(variant_id=item.variant_id)
            if level.available < item.quantity:
                raise stock.SoldOut([stock.Shortage(item.variant_id, item.quantity, level.available)])
            at_the_shelf.wait(timeout=5)  # everybody has looked before anybody takes
            StockLevel.objects.filter(pk=level.pk).update(allocated=F("allocated") + item.quantity)

    at_the_shelf = threading.Barrier(10)
    monkeypatch.setattr(stock, "allocate", careless)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE shop_stocklevel DROP CONSTRAINT stock_never_oversold")
    try:
        found = buy_at_once(now, 10, lie_there, may_be_made)

        assert found.count("placed") == 10
        assert "S02" in {breach.code for breach in breaches()}
    finally:
        StockLevel.objects.update(allocated=0)
        with connection.cursor() as cursor:
            cursor.execute(
                "ALTER TABLE shop_stocklevel ADD CONSTRAINT stock_never_oversold"
                " CHECK (allocated <= on_hand + oversell_limit)"
            )


def order_for_one_day(now: datetime, buyers: int, places: int) -> list[object]:
    """So many shoppers, each with a piece of her own, order the same day at once; the day has so many places."""
    carts = [filled_bag((VariantFactory(stock=1), 1), at=now)[0] for _ in range(buyers)]
    BusinessCalendar.objects.filter(code="workshop").update(capacity_per_day=places)
    shown = shown_to(carts[0], ANA, at=now)
    return at_once(
        lambda n: place_order(key=uuid4(), cart_id=carts[n].pk, request=ANA, shown=shown, at=now).status, buyers
    )


def test_of_eight_orders_for_a_day_with_three_places_three_take_it(now: datetime) -> None:
    found = order_for_one_day(now, 8, 3)

    assert (found.count("placed"), found.count(ChangedSinceShown)) == (3, 5)
    assert (Order.objects.count(), Submission.objects.count()) == (3, 3)
    assert StockLevel.objects.filter(allocated=1).count() == 3
    assert breaches() == []


def test_without_taking_turns_a_day_is_promised_to_everybody(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: nobody waits, and everybody has counted before anybody goes on."""
    counted, honest = threading.Barrier(8), capacity.orders_starting

    def together(workshop_id: int, *, on: date) -> int:
        starting = honest(workshop_id, on=on)
        counted.wait(timeout=5)
        return starting

    monkeypatch.setattr(capacity, "wait_for_turn", lambda *_: None)
    monkeypatch.setattr(capacity, "orders_starting", together)

    found = order_for_one_day(now, 8, 3)

    assert found.count("placed") == 8


def refund_at_once(order: Order, now: datetime) -> list[object]:
    share = order.total_minor * 60 // 100
    return at_once(
        lambda n: (
            grant_refund(
                order_id=order.pk, amount_minor=share, reason="race", origin=f"tests.race:{n}", by=None, at=now
            ).amount_minor
        ),
        20,
    )


def test_of_twenty_refunds_of_sixty_per_cent_one_succeeds(now: datetime) -> None:
    order = ordered(at=now)

    found = refund_at_once(order, now)

    assert found.count(NothingToRefund) == 19
    assert RefundGrant.objects.count() == 1
    assert breaches() == []


def test_without_the_guard_refunds_exceed_what_came_in(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: look first, write afterwards, no lock and no constraint."""
    order = ordered(at=now)
    looked = threading.Barrier(20)

    def careless(*, payment_id: int, amount_minor: int) -> bool:
        payment = Payment.objects.get(pk=payment_id)
        enough = payment.captured_minor - payment.granted_minor >= amount_minor
        looked.wait(timeout=5)
        Payment.objects.filter(pk=payment_id).update(granted_minor=F("granted_minor") + amount_minor)
        return enough

    monkeypatch.setattr(refunding, "reserve", careless)
    monkeypatch.setattr(Order.objects, "select_for_update", Order.objects.all)
    monkeypatch.setattr(Payment.objects, "select_for_update", Payment.objects.all)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE orders_payment DROP CONSTRAINT granted_within_captured")
    try:
        found = refund_at_once(order, now)

        assert found.count(NothingToRefund) == 0
        assert "O04" in {breach.code for breach in breaches()}
    finally:
        Payment.objects.update(granted_minor=0, beyond_minor=0)
        with connection.cursor() as cursor:
            cursor.execute(
                "ALTER TABLE orders_payment ADD CONSTRAINT granted_within_captured"
                " CHECK (granted_minor <= captured_minor)"
            )


def use_at_once(now: datetime, buyers: int, **promotion: object) -> list[object]:
    """Let so many buyers use one promotion at the same moment; each has seen it on her page."""
    for_everybody(**promotion)
    carts = [filled_bag((VariantFactory(), 1), at=now)[0] for _ in range(buyers)]
    shown = [shown_to(cart, ANA, at=now) for cart in carts]
    return at_once(
        lambda n: place_order(key=uuid4(), cart_id=carts[n].pk, request=ANA, shown=shown[n], at=now).goods_minor, buyers
    )


GONE = {PromotionGone, ChangedSinceShown}


@pytest.mark.parametrize("limit", [{"uses_limit": 3}, {"budget_minor": 1500}, {"uses_per_customer": 3}])
def test_the_last_uses_go_to_as_many_as_there_are(limit: dict[str, int], now: datetime) -> None:
    found = use_at_once(now, 8, **limit)

    assert found.count(1900) >= 1
    assert set(found) - GONE == {1900}
    assert Redemption.objects.count() == found.count(1900) <= 3
    assert breaches() == []


def test_without_the_guard_more_is_given_than_there_is(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: look first, count afterwards, and no constraint behind it."""
    looked = threading.Barrier(8)

    def careless(*, promotion_id: int, saved_minor: int) -> bool:
        promotion = Promotion.objects.get(pk=promotion_id)
        looked.wait(timeout=5)
        Promotion.objects.filter(pk=promotion_id).update(uses=F("uses") + 1, spent_minor=F("spent_minor") + saved_minor)
        return promotion.uses < (promotion.uses_limit or 0)

    monkeypatch.setattr(redeeming, "count_use", careless)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE orders_promotion DROP CONSTRAINT promotion_uses_within_limit")
    try:
        found = use_at_once(now, 8, uses_limit=2)

        assert found.count(1900) == 8
    finally:
        Promotion.objects.update(uses=0)
        with connection.cursor() as cursor:
            cursor.execute(
                "ALTER TABLE orders_promotion ADD CONSTRAINT promotion_uses_within_limit"
                " CHECK (uses_limit IS NULL OR uses <= uses_limit)"
            )


def test_without_the_constraint_one_address_uses_it_too_often(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control of the turn: two orders that both looked before either wrote."""
    looked = threading.Barrier(2)
    honest = redeeming._turn

    def slow(promotion: Promotion, customer_key: str) -> int | None:
        turn = honest(promotion, customer_key)
        looked.wait(timeout=5)
        return turn

    monkeypatch.setattr(redeeming, "_turn", slow)
    assert sorted(map(str, use_at_once(now, 2, uses_per_customer=1))) == sorted(map(str, [1900, PromotionGone]))
    Promotion.objects.update(active=False)
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX redemption_turn_once")
    try:
        assert use_at_once(now, 2, uses_per_customer=1, name="Again") == [1900, 1900]
    finally:
        Redemption.objects.update(turn=None)
        with connection.cursor() as cursor:
            cursor.execute(
                "CREATE UNIQUE INDEX redemption_turn_once ON orders_redemption (promotion_id, customer_key, turn)"
                " WHERE released_at IS NULL AND turn IS NOT NULL"
            )
