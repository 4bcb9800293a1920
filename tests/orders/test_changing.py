"""Sizes and pieces changed after ordering: previewed, paid where it costs more, applied once, exact to the cent."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from orders.gateways.payments.test_card import DECLINES, PAYS
from orders.models import Document, Order, OrderChange, Parcel, Payment, PaymentEvent, RefundGrant, TestCardEntry
from orders.operations import basket, changing
from orders.operations.cancelling import TooLate, cancel_order
from orders.operations.changing import (
    ChangeDeclined,
    ChangeOver,
    confirm_change,
    finish_change,
    finish_changes,
    leave_as_it_was,
    offer_change,
    stage_change,
)
from orders.operations.documents import issue_what_is_due
from orders.operations.packing import pack_parcel
from orders.operations.paying import note_payment_received
from orders.operations.paying_out import execute_refunds
from orders.operations.placing import place_order
from orders.operations.preparing import ChangedSinceShown
from orders.operations.refunding import NothingToRefund, grant_refund
from orders.queries.changing import plan_change, wishes_of
from orders.rules.changing import NotChangeable, Why, Wish, deltas, fee_after, settling, unit_after
from orders.rules.guard import Shown
from orders.rules.states import Impossible
from shop.models import Event, StockLevel, StockReservation, Variant
from shop.operations.stock import SoldOut
from shop.queries.audit import breaches
from tests.crowds import at_once
from tests.factories.bags import ANA, filled_bag, gift_wrap, ordered, shown_to
from tests.factories.shop import StaffFactory, VariantFactory


def sizes(*prices: int, stock: int = 5, **more: object) -> list[Variant]:
    """One jumper in several sizes."""
    first = VariantFactory(price_minor=prices[0], stock=stock, **more)
    return [first, *(VariantFactory(product=first.product, price_minor=p, stock=stock, **more) for p in prices[1:])]


def stage(order: Order, now: datetime, *wishes: tuple[Variant, int], by: Any = None) -> OrderChange:
    """Stage a change; the wishes are for the order's lines in turn."""
    lines = order.lines.order_by("id")
    wanted = {line.pk: Wish(variant.pk, pieces) for line, (variant, pieces) in zip(lines, wishes, strict=False)}
    return stage_change(order_id=order.pk, wishes=wanted, by=by, at=now)


def shown(change: OrderChange, now: datetime) -> Shown:
    return plan_change(Order.objects.get(pk=change.order_id), wishes_of(change), at=now).as_shown()


def confirm(change: OrderChange, now: datetime, *, token: str = PAYS, saw: Shown | None = None) -> OrderChange:
    return confirm_change(
        change_id=change.pk,
        order_id=change.order_id,
        shown=saw or shown(change, now),
        payment_token=token,
        by=None,
        at=now,
    )


def sums(order: Order) -> tuple[int, int, int, int]:
    """Total, due, received and granted."""
    order, payment = Order.objects.get(pk=order.pk), Payment.objects.get(order=order)
    return order.total_minor, payment.due_minor, payment.captured_minor, payment.granted_minor


def allocated(*variants: Variant) -> list[int]:
    return [StockLevel.objects.get(variant=variant).allocated for variant in variants]


# -- Rules ------------------------------------------------------------------------------------------------------------


def test_the_agreed_price_stands_and_forms_cost_what_they_are_apart() -> None:
    assert unit_after(agreed_minor=2000, old_today_minor=2400, new_today_minor=2600) == 2200
    assert unit_after(agreed_minor=100, old_today_minor=2400, new_today_minor=2000) == 0
    assert unit_after(agreed_minor=10000, old_today_minor=5000, new_today_minor=10000) == 10000  # hers is on sale now
    assert unit_after(agreed_minor=8000, old_today_minor=5000, new_today_minor=9500) == 9500
    assert fee_after(agreed_minor=390, before_minor=490, after_minor=490) == 390
    assert fee_after(agreed_minor=390, before_minor=490, after_minor=0) == 0


@given(st.integers(0, 5000), st.integers(0, 5000), st.integers(0, 5000))
def test_a_change_asks_for_more_or_gives_back_never_both(new: int, old: int, kept: int) -> None:
    found = settling(new_total_minor=new, old_total_minor=old, kept_minor=kept)

    assert not (found.pay_minor and found.back_minor)
    assert found.back_minor <= kept
    if kept == old:
        assert kept + found.pay_minor - found.back_minor == new


def test_pieces_that_only_change_places_move_nothing() -> None:
    assert deltas([((1, 2), (2, 2)), ((2, 2), (1, 3))]) == {1: 1}


# -- What it does -----------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_another_size_and_one_more_are_paid_on_the_card_and_then_made(now: datetime) -> None:
    small, large = sizes(1000, 1300)
    order = ordered((small, 1), at=now)
    change = stage(order, now, (large, 2))
    assert (allocated(small, large), StockReservation.objects.get().quantity) == ([1, 0], 2)
    assert sums(order) == (1490, 1490, 1490, 0)

    saw = shown(change, now)
    done = confirm(change, now, saw=saw)
    assert confirm(change, now, saw=saw) == done  # pressed twice

    line = order.lines.get()
    assert (line.variant_id, line.sku, line.quantity, line.units_paid_minor) == (large.pk, large.sku, 2, [1300, 1300])
    assert (done.state, sums(order), allocated(small, large)) == ("applied", (3090, 3090, 3090, 0), [0, 2])
    charges = TestCardEntry.objects.filter(kind="charge").order_by("id").values_list("key", "amount_minor", "asked")
    assert list(charges)[1:] == [(f"change:{change.pk}:1", 1600, 1)]
    told = Event.objects.filter(name="orders.order.changed").get()
    assert told.payload == {"order_id": order.pk, "change_id": change.pk}
    assert StockReservation.objects.count() == 0
    assert breaches() == []


@pytest.mark.django_db
def test_what_costs_less_goes_back_and_the_invoice_is_written_anew(now: datetime) -> None:
    small, large = sizes(1000, 1300)
    cup = VariantFactory(price_minor=500)
    order = ordered((large, 2), (cup, 1), at=now)
    issue_what_is_due(order_id=order.pk, at=now)

    confirm(stage(order, now, (small, 1), (cup, 0)), now)
    execute_refunds(now)

    change = OrderChange.objects.get()
    told = [
        [(row["sku"], row["quantity"], row["gross_minor"]) for row in rows] for rows in (change.before, change.after)
    ]
    assert told == [[(large.sku, 2, 2600), (cup.sku, 1, 500)], [(small.sku, 1, 1000)]]
    assert sums(order) == (1490, 1490, 3590, 2100)
    order.refresh_from_db()
    assert (order.payment_status, order.lines.count(), allocated(small, large, cup)) == ("paid", 1, [1, 0, 0])
    grant = RefundGrant.objects.get()
    assert (grant.origin, grant.state) == (f"orders.change:{OrderChange.objects.get().pk}", "sent")
    papers = Document.objects.order_by("id").values_list("kind", "total_minor", "tax_minor")
    assert list(papers) == [("invoice", 3590, 671), ("credit_note", 3590, 671), ("invoice", 1490, 279)]
    assert breaches() == []


@pytest.mark.django_db
def test_back_and_forth_ends_where_it_began_and_each_way_is_paid(now: datetime) -> None:
    small, large = sizes(1000, 1300)
    order = ordered((small, 1), at=now)
    issue_what_is_due(order_id=order.pk, at=now)

    for variant in (large, small, large, small):
        confirm(stage(order, now, (variant, 1)), now)
        execute_refunds(now)

    assert sums(order) == (1490, 1490, 2090, 600)
    assert Order.objects.get().payment_status == "paid"
    cancel_order(order_id=order.pk, by=None, at=now)
    execute_refunds(now)
    payment = Payment.objects.get()
    assert (payment.refunded_minor, Order.objects.get().payment_status) == (2090, "refunded")
    assert breaches() == []


@pytest.mark.django_db
def test_a_transfer_grows_and_waits_for_the_difference(now: datetime) -> None:
    small, large = sizes(1000, 1300)
    order = ordered((small, 1), at=now, provider="bank_transfer", payment_token="")
    note_payment_received(order_id=order.pk, amount_minor=1490, reference="A", by=None, at=now)

    confirm(stage(order, now, (large, 1)), now)

    order.refresh_from_db()
    assert (sums(order), order.payment_status) == ((1790, 1790, 1490, 0), "pending")
    note_payment_received(order_id=order.pk, amount_minor=300, reference="B", by=None, at=now)
    order.refresh_from_db()
    assert order.payment_status == "paid"
    assert breaches() == []


@pytest.mark.django_db
def test_the_limit_for_free_delivery_counts_again(now: datetime) -> None:
    cup = VariantFactory(price_minor=1000, stock=20)
    order = ordered((cup, 1), at=now)
    order.service.free_from_minor = 3000
    order.service.save()

    confirm(stage(order, now, (cup, 3)), now)

    assert sums(order)[:2] == (3000, 3000)
    assert breaches() == []


@pytest.mark.django_db
def test_what_has_to_be_made_comes_later_and_she_is_told_so(now: datetime) -> None:
    small, large = sizes(1000, 1000)
    Variant.objects.filter(pk=large.pk).update(making_days=5)
    order = ordered((small, 1), at=now)
    first = order.promises.get()
    change = stage(order, now, (large, 1))

    confirm(change, now)

    second = order.promises.get(version=2)
    assert (second.source, second.deliver_by_on > first.deliver_by_on) == ("customer", True)
    assert second.basis["making_days"] == 5
    assert Event.objects.get(name="orders.order.changed").payload["promise_id"] == second.pk
    order.refresh_from_db()
    assert order.service_status == "ok"
    assert [b for b in breaches() if b.code != "O23"] == []  # nobody has sent the letter yet


@pytest.mark.django_db
def test_a_sum_or_a_day_that_changed_meanwhile_is_shown_again(now: datetime) -> None:
    small, large = sizes(1000, 1300)
    order = ordered((small, 1), at=now)
    change = stage(order, now, (large, 1))
    saw = shown(change, now)
    Variant.objects.filter(pk=large.pk).update(price_minor=1400)

    with pytest.raises(ChangedSinceShown) as differs:
        confirm(change, now, saw=saw)

    assert differs.value.change.total_minor == (1790, 1890)
    assert (sums(order), OrderChange.objects.get().state) == ((1490, 1490, 1490, 0), "staged")
    assert TestCardEntry.objects.count() == 1


@pytest.mark.django_db
def test_a_declined_card_leaves_the_order_and_another_one_pays(now: datetime) -> None:
    small, large = sizes(1000, 1300)
    order = ordered((small, 1), at=now)
    change = stage(order, now, (large, 1))

    with pytest.raises(ChangeDeclined):
        confirm(change, now, token=DECLINES)

    change.refresh_from_db()
    assert (change.state, sums(order), allocated(small, large)) == ("staged", (1490, 1490, 1490, 0), [1, 0])
    assert confirm(change, now).state == "applied"
    assert PaymentEvent.objects.filter(key=f"change:{change.pk}:2").count() == 1
    assert breaches() == []


@pytest.mark.django_db
def test_an_answer_that_gets_lost_is_asked_for_again(now: datetime) -> None:
    small, large = sizes(1000, 1300)
    order = ordered((small, 1), at=now)

    change = confirm(stage(order, now, (large, 1)), now, token="test:answers-late")
    assert (change.state, sums(order)[2]) == ("paying", 1490)
    with pytest.raises(NotChangeable) as refused:
        stage(order, now, (small, 2))
    assert refused.value.why == Why.BEING_PAID
    OrderChange.objects.update(due_at=now - timedelta(days=365))
    assert finish_changes(now) == 1

    assert sums(order) == (1790, 1790, 1790, 0)
    assert TestCardEntry.objects.filter(key=f"change:{change.pk}:1").values_list("asked", flat=True).get() == 2
    assert breaches() == []


@pytest.mark.django_db
@pytest.mark.parametrize("meanwhile", ["packed", "cancelled"])
def test_money_for_a_change_that_came_too_late_goes_back(now: datetime, meanwhile: str) -> None:
    small, large = sizes(1000, 1300)
    order = ordered((small, 1), at=now)
    change = confirm(stage(order, now, (large, 1)), now, token="test:answers-late")
    if meanwhile == "packed":
        pack_parcel(parcel_id=order.parcels.get().pk, by=None, at=now)
    else:
        cancel_order(order_id=order.pk, by=None, at=now)

    finish_change(change_id=change.pk, at=now)
    execute_refunds(now)

    change.refresh_from_db()
    payment = Payment.objects.get()
    assert (change.state, order.lines.get().variant_id) == ("refused", small.pk)
    assert payment.refunded_minor == (300 if meanwhile == "packed" else 1790)
    assert breaches() == []


@pytest.mark.django_db
def test_staff_offer_what_costs_more_and_hold_it_for_a_day(now: datetime) -> None:
    small, large = sizes(1000, 1300)
    order = ordered((small, 1), at=now)
    clerk = StaffFactory()
    change = stage(order, now, (large, 1), by=clerk)

    for _twice in range(2):
        offer_change(change_id=change.pk, order_id=order.pk, by=clerk, at=now)

    assert Event.objects.filter(name="orders.change.offered").count() == 1
    assert StockReservation.objects.filter(expires_at__gt=timezone.now() + timedelta(hours=23)).count() == 1
    assert leave_as_it_was(change_id=change.pk, order_id=order.pk, at=now).state == "withdrawn"
    assert StockReservation.objects.count() == 0
    with pytest.raises(ChangeOver):
        confirm(change, now)


@pytest.mark.django_db
def test_what_nobody_confirms_runs_out_and_frees_its_pieces(now: datetime) -> None:
    small, large = sizes(1000, 1300)
    order = ordered((small, 1), at=now)
    first = stage(order, now, (large, 1))
    second = stage(order, now, (large, 2))
    first.refresh_from_db()
    assert (first.state, StockReservation.objects.get().quantity) == ("withdrawn", 2)
    OrderChange.objects.filter(pk=second.pk).update(due_at=now - timedelta(days=365))

    assert [finish_changes(now), finish_changes(now)] == [1, 0]

    second.refresh_from_db()
    assert (second.state, StockReservation.objects.count()) == ("withdrawn", 0)
    assert breaches() == []


# -- What it refuses --------------------------------------------------------------------------------------------------


def refusal(order: Order, now: datetime, *wishes: tuple[Variant, int]) -> Why:
    with pytest.raises(NotChangeable) as refused:
        stage(order, now, *wishes)
    assert (OrderChange.objects.count(), StockReservation.objects.count()) == (0, 0)
    return refused.value.why


@pytest.mark.django_db
def test_what_cannot_be_changed_is_refused_with_its_reason(now: datetime) -> None:
    small, large = sizes(1000, 1300)
    other = VariantFactory()
    order = ordered((small, 1), at=now)

    assert refusal(order, now, (small, 1)) == Why.NOTHING
    assert refusal(order, now, (small, 0)) == Why.EMPTY
    assert refusal(order, now, (other, 1)) == Why.OTHER_LINE
    with pytest.raises(SoldOut):
        stage(order, now, (large, 6))
    grant_refund(order_id=order.pk, amount_minor=100, reason="x", origin="t", by=None, at=now)
    assert refusal(order, now, (large, 1)) == Why.GONE_BACK
    Parcel.objects.update(status="packed")
    assert refusal(order, now, (large, 1)) == Why.BEGUN


@pytest.mark.django_db
def test_gift_wrap_stays_and_nothing_else_can_be_taken_out(now: datetime) -> None:
    small, large = sizes(1000, 1300)
    wrap = gift_wrap()
    cart, _token = filled_bag((small, 1), at=now)
    basket.wrap_as_gift(cart_id=cart.pk, wrap=True, message="", hide_prices=False, at=now)
    cart.refresh_from_db()
    order = place_order(key=uuid4(), cart_id=cart.pk, request=ANA, shown=shown_to(cart, ANA, at=now), at=now)

    assert refusal(order, now, (small, 0)) == Why.EMPTY
    assert refusal(order, now, (small, 1), (wrap, 2)) == Why.OTHER_LINE
    confirm(stage(order, now, (large, 1)), now)
    assert breaches() == []


# -- At once ----------------------------------------------------------------------------------------------------------


@pytest.mark.faults
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("guarded", [True, False])
def test_ten_presses_of_one_change_make_it_once(now: datetime, monkeypatch: pytest.MonkeyPatch, guarded: bool) -> None:
    """The control: without the locks the same pieces move and the same money goes back more than once, or it fails."""
    small, large = sizes(1000, 700, stock=30)
    order = ordered((small, 2), at=now)
    change = stage(order, now, (large, 1))
    saw = shown(change, now)
    if not guarded:
        unlocked(monkeypatch)
        looked = threading.Barrier(10)
        real = changing.planned
        monkeypatch.setattr(changing, "planned", lambda *a, **k: (real(*a, **k), looked.wait(timeout=20))[0])

    found = at_once(lambda _n: confirm(change, now, saw=saw).state, 10)

    once = (found.count("applied"), Event.objects.filter(name="orders.order.changed").count())
    if guarded:
        assert once == (10, 1)
        assert (sums(order), allocated(small, large)) == ((1190, 1190, 2490, 1300), [0, 1])
        assert breaches() == []
    else:
        assert once != (10, 1)


@pytest.mark.faults
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("guarded", [True, False])
def test_a_change_and_the_packing_never_both_go_on(
    now: datetime, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """The change has looked, then somebody packs: she waits for the lock.  The control packs what is not there then."""
    small, large = sizes(1000, 700)
    order = ordered((small, 1), at=now)
    change = stage(order, now, (large, 1))
    saw, looked, packed = shown(change, now), threading.Event(), threading.Event()
    real = changing.planned
    if not guarded:
        unlocked(monkeypatch)

    def slow_look(*args: Any, **more: Any) -> Any:
        found = real(*args, **more)
        looked.set()
        packed.wait(timeout=0.7 if guarded else 20)
        return found

    monkeypatch.setattr(changing, "planned", slow_look)

    def work(number: int) -> object:
        if number == 0:
            return confirm(change, now, saw=saw).state
        looked.wait(timeout=20)
        parcel = pack_parcel(parcel_id=Parcel.objects.get().pk, by=None, at=now)
        packed.set()
        return parcel.status

    assert at_once(work, 2) == ["applied", "packed"]
    names = ("orders.order.changed", "orders.parcel.packed")
    told = list(Event.objects.filter(name__in=names).order_by("id").values_list("name", flat=True))
    assert told == (list(names) if guarded else list(reversed(names)))
    if guarded:
        assert breaches() == []


@pytest.mark.faults
@pytest.mark.django_db(transaction=True)
def test_changes_packing_and_cancelling_at_once_leave_nothing_half_done(now: datetime) -> None:
    pairs = []
    for _n in range(6):
        small, large = sizes(1000, 700)
        order = ordered((small, 1), at=now)
        pairs.append((order, stage(order, now, (large, 1))))
    saws = [shown(change, now) for _order, change in pairs]

    def work(number: int) -> object:
        order, change = pairs[number // 2]
        if number % 2 == 0:
            return confirm(change, now, saw=saws[number // 2]).state
        if number // 2 % 2 == 0:
            return pack_parcel(parcel_id=order.parcels.get().pk, by=None, at=now).status
        return cancel_order(order_id=order.pk, by=None, at=now).status

    found = at_once(work, 12)

    fair = ["applied", "packed", "cancelled", NotChangeable, ChangeOver, TooLate, Impossible]
    assert [one for one in found if one not in fair] == []
    assert breaches() == []


def unlocked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the rows without locking them."""

    def without_lock(rows: Callable[[], Any]) -> Callable[..., Any]:
        return lambda *_args, **_more: rows()

    for model in (Order, OrderChange, Payment, Parcel):
        monkeypatch.setattr(model.objects, "select_for_update", without_lock(model.objects.all))


# -- Any sequence -----------------------------------------------------------------------------------------------------


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("edit"), st.integers(0, 2), st.integers(0, 3)),
        st.tuples(st.just("refund"), st.integers(1, 2000), st.just(0)),
        st.tuples(st.just("send"), st.just(0), st.just(0)),
        st.tuples(st.just("invoice"), st.just(0), st.just(0)),
    ),
    max_size=7,
)


@pytest.mark.django_db
@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
@given(STEPS, st.booleans())
def test_any_sequence_of_changes_refunds_and_an_end_sums_to_what_was_paid(
    now: datetime, steps: list[tuple[str, int, int]], ends: bool
) -> None:
    forms = sizes(999, 1333, 501, stock=50)
    cup = VariantFactory(price_minor=777)
    order = ordered((forms[0], 2), (cup, 1), at=now)
    for number, (step, first, second) in enumerate(steps):
        with suppress(NotChangeable, NothingToRefund):
            if step == "edit":
                confirm(stage(order, now, (forms[first], second)), now)
            elif step == "refund":
                origin = f"{order.pk}:{number}"
                grant_refund(order_id=order.pk, amount_minor=first, reason="x", origin=origin, by=None, at=now)
            elif step == "send":
                execute_refunds(now)
            else:
                issue_what_is_due(order_id=order.pk, at=now)
    if ends:
        cancel_order(order_id=order.pk, by=None, at=now)
    execute_refunds(now)

    order, payment = Order.objects.get(pk=order.pk), Payment.objects.get(order=order)
    parts = [part for grant in payment.grants.all() for part in grant.items.all()]
    for_pieces = sum(part.amount_minor for part in parts if part.line_id or part.number)
    assert payment.kept_minor == payment.due_minor == order.total_minor
    assert payment.refunded_minor == payment.granted_minor == for_pieces + payment.beyond_minor
    if ends:
        assert payment.refunded_minor == payment.captured_minor
        assert sum(part.tax_minor for part in parts) == order.tax_minor
    assert breaches() == []
