"""Stock: held at the checkout, spread over locations, corrected by staff; nothing promised is taken away silently."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from shop.models import (
    Event,
    StockArrival,
    StockCount,
    StockLevel,
    StockLocation,
    StockMovement,
    StockReservation,
    Variant,
)
from shop.operations import arrivals, counting, stock
from shop.operations.stock import allocation
from shop.queries.audit import breaches
from shop.queries.listing import sellable_variants
from shop.queries.stock import held_until, next_arrivals
from tests.breaches import sql
from tests.factories.orders import placed_order
from tests.factories.shop import StaffFactory, VariantFactory

pytestmark = pytest.mark.django_db


def wanted(variant: Variant, pieces: int, key: str = "k") -> list[stock.Wanted]:
    return [stock.Wanted(variant.pk, pieces, key)]


def available(variant: Variant, holder: str = "") -> int:
    return int(sellable_variants(holder=holder).get(pk=variant.pk).available)  # type: ignore[attr-defined]


def run_out(holder: str) -> None:
    sql("UPDATE shop_stockreservation SET expires_at = now() - interval '1 second' WHERE holder = %s", holder)


def second_shelf(variant: Variant, pieces: int) -> StockLevel:
    attic = StockLocation.objects.create(code="attic", name="Attic", position=1)
    level = StockLevel.objects.create(variant=variant, location=attic)
    item = stock.Wanted(variant.pk, pieces, "attic")
    stock.receive(item=item, level_id=level.pk, at=datetime(2026, 1, 1, tzinfo=UTC))
    return level


# -- Reservations ---------------------------------------------------------------------------------------------------


def test_what_is_held_is_gone_for_others_and_there_for_its_holder() -> None:
    variant = VariantFactory(stock=5)

    stock.reserve(wanted=wanted(variant, 4), holder="ana")
    until = held_until("ana")

    assert until
    assert (available(variant), available(variant, "ana")) == (1, 5)
    with pytest.raises(stock.SoldOut) as refusal:
        stock.reserve(wanted=wanted(variant, 2), holder="rui")
    (short,) = refusal.value.shortages
    assert (short.wanted, short.available, short.held, short.held_until) == (2, 1, 4, until)
    assert StockReservation.objects.filter(holder="rui").count() == 0


def test_held_again_it_is_extended_and_not_doubled() -> None:
    variant = VariantFactory(stock=5)
    stock.reserve(wanted=wanted(variant, 4), holder="ana")
    first = held_until("ana")

    stock.reserve(wanted=wanted(variant, 4), holder="ana")

    second = held_until("ana")
    assert (first is None, second is None) == (False, False)
    assert second > first  # type: ignore[operator]
    assert StockReservation.objects.values_list("quantity", flat=True).get() == 4


def test_what_ran_out_is_ignored_at_once_and_swept_later(now: datetime) -> None:
    variant = VariantFactory(stock=5)
    stock.reserve(wanted=wanted(variant, 5), holder="ana")
    stock.reserve(wanted=wanted(VariantFactory(), 1), holder="rui")
    run_out("ana")

    assert (available(variant), held_until("ana")) == (5, None)
    assert stock.sweep_reservations(now) == 1
    assert stock.sweep_reservations(now) == 0
    assert StockReservation.objects.values_list("holder", flat=True).get() == "rui"


def test_an_order_leaves_alone_what_others_hold(now: datetime) -> None:
    variant = VariantFactory(stock=5)
    stock.reserve(wanted=wanted(variant, 4), holder="ana")

    with pytest.raises(stock.SoldOut), transaction.atomic():
        stock.allocate(wanted=wanted(variant, 2), order_number="KP-1", at=now, holder="rui")
    stock.allocate(wanted=wanted(variant, 4), order_number="KP-2", at=now, holder="ana")

    assert StockLevel.objects.values_list("allocated", flat=True).get() == 4
    assert not StockReservation.objects.exists()


def test_a_piece_that_is_bought_and_comes_along_for_nothing_is_counted_twice(now: datetime) -> None:
    variant = VariantFactory(stock=3)
    twice = [stock.Wanted(variant.pk, 2, "bought"), stock.Wanted(variant.pk, 1, "gift")]

    stock.allocate(wanted=twice, order_number="KP-1", at=now)

    with pytest.raises(stock.SoldOut), transaction.atomic():
        stock.allocate(wanted=wanted(variant, 1, "again"), order_number="KP-2", at=now)
    assert StockLevel.objects.values_list("allocated", flat=True).get() == 3


def test_whoever_looked_before_the_shelf_was_his_is_refused_by_the_guard(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the lock the guard alone decides: all or nothing, also of what would have been there."""
    last, enough = VariantFactory(stock=1), VariantFactory(stock=9)
    looked_too_early = allocation.lock_levels([last.pk, enough.pk])
    StockLevel.objects.filter(variant=last).update(on_hand=0)
    monkeypatch.setattr(allocation, "lock_levels", lambda _variants: looked_too_early)
    both = [stock.Wanted(enough.pk, 2, "enough"), stock.Wanted(last.pk, 1, "last")]

    with pytest.raises(stock.SoldOut), transaction.atomic():
        stock.allocate(wanted=both, order_number="KP-1", at=now)

    assert set(StockLevel.objects.values_list("allocated", flat=True)) == {0}


# -- Locations ------------------------------------------------------------------------------------------------------


def test_an_order_that_no_shelf_can_serve_alone_is_served_by_two_and_leaves_from_both(now: datetime) -> None:
    variant = VariantFactory(stock=3)
    attic = second_shelf(variant, 4)
    studio = StockLevel.objects.exclude(pk=attic.pk).get()

    stock.allocate(wanted=wanted(variant, 6), order_number="KP-1", at=now)
    stock.release(wanted=wanted(variant, 2, "r"), order_number="KP-1", at=now)
    stock.hand_over(wanted=wanted(variant, 4, "h"), order_number="KP-1", at=now)
    stock.hand_over(wanted=wanted(variant, 4, "h"), order_number="KP-1", at=now)

    for level in (studio, attic):
        level.refresh_from_db()
    assert [(level.on_hand, level.allocated) for level in (studio, attic)] == [(2, 0), (1, 0)]
    assert breaches() == []


def test_an_order_cannot_let_go_what_another_one_speaks_for(now: datetime) -> None:
    variant = VariantFactory(stock=3)
    stock.allocate(wanted=wanted(variant, 2), order_number="KP-1", at=now)

    with pytest.raises(stock.StockRefused), transaction.atomic():
        stock.release(wanted=wanted(variant, 1, "r"), order_number="KP-2", at=now)

    assert StockLevel.objects.values_list("allocated", flat=True).get() == 2


def test_pieces_are_carried_to_another_location_once(now: datetime) -> None:
    variant, clerk = VariantFactory(stock=3), StaffFactory()
    attic = second_shelf(variant, 1)
    studio = StockLevel.objects.exclude(pk=attic.pk).get()

    for _time in range(2):
        stock.move(level_id=studio.pk, to_level_id=attic.pk, pieces=2, key="m", at=now, actor=clerk, reason="more room")

    assert list(StockLevel.objects.order_by("id").values_list("on_hand", flat=True)) == [1, 3]
    assert breaches() == []


# -- What staff correct ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("act", ["count", "quarantine", "write_off"])
def test_nothing_promised_is_taken_away_silently(act: str, now: datetime) -> None:
    order = placed_order(at=now, variant=VariantFactory(stock=5), quantity=4)
    level = StockLevel.objects.get()
    pieces = {"counted": 2} if act == "count" else {"pieces": 3}

    with pytest.raises(stock.Undercuts) as refusal:
        getattr(stock, act)(level_id=level.pk, key="k", at=now, actor=StaffFactory(), reason="broken", **pieces)

    assert (refusal.value.level_id, refusal.value.short) == (level.pk, 2)
    level.refresh_from_db()
    assert (level.on_hand, level.allocated, order.status) == (5, 4, "placed")


def test_pieces_go_aside_come_back_and_are_written_off(now: datetime) -> None:
    level = StockLevel.objects.get(variant=VariantFactory(stock=5))
    told = {"level_id": level.pk, "at": now, "actor": StaffFactory(), "reason": "a chip"}

    stock.quarantine(pieces=3, key="a", **told)  # type: ignore[arg-type]
    stock.put_back(pieces=1, key="b", **told)  # type: ignore[arg-type]
    stock.write_off(pieces=2, key="c", from_quarantine=True, **told)  # type: ignore[arg-type]
    stock.write_off(pieces=1, key="d", **told)  # type: ignore[arg-type]
    with pytest.raises(stock.StockRefused):
        stock.put_back(pieces=1, key="e", **told)  # type: ignore[arg-type]

    level.refresh_from_db()
    assert (level.on_hand, level.quarantine) == (2, 0)
    kinds = StockMovement.objects.order_by("id").values_list("kind", flat=True)
    assert list(kinds) == ["received", "quarantined", "cleared", "written_off", "written_off"]
    assert breaches() == []


def test_a_count_books_the_difference_of_the_moment_it_was_written_down(now: datetime) -> None:
    clerk, variant, other = StaffFactory(), VariantFactory(stock=5), VariantFactory(stock=7)
    level = StockLevel.objects.get(variant=variant)
    found = counting.start_count(location_id=level.location_id, category_id=None, by=clerk, at=now)
    line = found.lines.get(level=level)
    counting.write_down(count_id=found.pk, counted={line.pk: 4}, by=clerk, at=now)
    stock.allocate(wanted=wanted(variant, 2), order_number="KP-1", at=now)
    stock.hand_over(wanted=wanted(variant, 2, "h"), order_number="KP-1", at=now)

    left = counting.book_count(count_id=found.pk, by=clerk, at=now)

    level.refresh_from_db()
    found.refresh_from_db()
    assert (left, level.on_hand, found.state) == ([], 2, StockCount.State.BOOKED)
    assert StockLevel.objects.get(variant=other).on_hand == 7
    with pytest.raises(counting.CountClosed):
        counting.write_down(count_id=found.pk, counted={line.pk: 1}, by=clerk, at=now)
    assert breaches() == []


def test_a_count_that_would_take_promised_pieces_stays_open_for_that_line(now: datetime) -> None:
    clerk, variant = StaffFactory(), VariantFactory(stock=5)
    placed_order(at=now, variant=variant, quantity=5)
    level = StockLevel.objects.get()
    found = counting.start_count(location_id=level.location_id, category_id=None, by=clerk, at=now)
    counting.write_down(count_id=found.pk, counted={found.lines.get().pk: 3}, by=clerk, at=now)

    left = counting.book_count(count_id=found.pk, by=clerk, at=now)

    level.refresh_from_db()
    assert [row.level_id for row in left] == [level.pk]
    assert (level.on_hand, StockCount.objects.get().state) == (5, "open")


# -- Arrivals -------------------------------------------------------------------------------------------------------


def expected(level: StockLevel, now: datetime, pieces: int = 10) -> StockArrival:
    return arrivals.announce_arrival(
        level_id=level.pk,
        pieces=pieces,
        expected_on=now.date() + timedelta(days=5),
        source=StockArrival.Source.PRODUCTION,
        note="kiln 7",
        by=StaffFactory(),
        at=now,
    )


def test_an_arrival_counts_once_it_is_on_the_shelf(now: datetime) -> None:
    variant, clerk = VariantFactory(stock=0), StaffFactory()
    arrival = expected(StockLevel.objects.get(), now)
    assert next_arrivals([variant.pk], today=now.date())[variant.pk].expected_on == date(2026, 3, 7)
    assert available(variant) == 0

    for _time in range(2):
        arrivals.note_arrival(arrival_id=arrival.pk, pieces=4, key="one", by=clerk, at=now)
    assert (available(variant), next_arrivals([variant.pk], today=now.date())[variant.pk].pieces) == (4, 6)
    with pytest.raises(arrivals.PiecesRefused):
        arrivals.note_arrival(arrival_id=arrival.pk, pieces=7, key="two", by=clerk, at=now)
    arrivals.note_arrival(arrival_id=arrival.pk, pieces=6, key="two", by=clerk, at=now)

    assert (available(variant), next_arrivals([variant.pk], today=now.date())) == (10, {})
    with pytest.raises(arrivals.ArrivalClosed):
        arrivals.call_off_arrival(arrival_id=arrival.pk, by=clerk, at=now)
    assert breaches() == []


def test_an_arrival_is_postponed_or_called_off(now: datetime) -> None:
    variant, clerk = VariantFactory(stock=0), StaffFactory()
    arrival = expected(StockLevel.objects.get(), now)

    with pytest.raises(arrivals.DayPassed):
        arrivals.postpone_arrival(arrival_id=arrival.pk, expected_on=now.date() - timedelta(days=1), by=clerk, at=now)
    arrivals.postpone_arrival(arrival_id=arrival.pk, expected_on=date(2026, 4, 1), by=clerk, at=now)
    assert next_arrivals([variant.pk], today=now.date())[variant.pk].expected_on == date(2026, 4, 1)
    arrivals.call_off_arrival(arrival_id=arrival.pk, by=clerk, at=now)

    assert next_arrivals([variant.pk], today=now.date()) == {}
    assert breaches() == []


# -- The audit ------------------------------------------------------------------------------------------------------


def audit(**options: object) -> tuple[str, int]:
    out = StringIO()
    try:
        call_command("stock_audit", stdout=out, **options)
    except SystemExit as end:
        return out.getvalue(), int(str(end.code))
    return out.getvalue(), 0


def test_the_audit_is_clean_or_names_shelf_and_movements(now: datetime) -> None:
    variant = VariantFactory(stock=5)
    placed_order(at=now, variant=variant, quantity=2)
    assert audit() == ("Shelves, movements and open orders agree.\n", 0)

    sql("UPDATE shop_stocklevel SET on_hand = on_hand - 1, allocated = allocated - 1")
    said, code = audit()

    assert code == 1
    assert f"{variant.sku} at Studio: shelf 4, movements say 5; spoken for 1, movements say 2;" in said
    assert "all shelves speak for 1, open orders need 2" in said
    assert "allocated: shelf +0, spoken for +2, quarantine +0 KP-2041-7736  [allocate:KP-2041-7736:" in said
    assert audit(sku="NONE") == ("Shelves, movements and open orders agree.\n", 0)


def test_the_audit_finds_pieces_kept_for_an_order_that_is_over(now: datetime) -> None:
    order = placed_order(at=now, variant=VariantFactory(stock=5), quantity=2)
    sql("UPDATE orders_order SET status = 'cancelled' WHERE id = %s", order.pk)

    said, code = audit()

    assert code == 1
    assert "spoken for by orders that are over: KP-2041-7736" in said


def test_the_audit_writes_nothing(now: datetime) -> None:
    VariantFactory(stock=5)
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    sql("SET TRANSACTION READ ONLY")

    assert audit()[1] == 0
    assert connection.in_atomic_block


# -- What may be sold beyond the shelf -------------------------------------------------------------------------------


def level_to_decide(*, making_days: int = 5, pieces: int = 2) -> StockLevel:
    return VariantFactory(making_days=making_days, stock=pieces).stock.get()


def decided(level: StockLevel) -> tuple[str, int]:
    level.refresh_from_db()
    return level.policy, level.oversell_limit


def test_pieces_may_be_sold_before_they_are_made_as_many_as_staff_said(now: datetime) -> None:
    level, staff = level_to_decide(), StaffFactory()

    stock.make_to_order(level_id=level.pk, limit=3, by=staff, at=now)
    stock.make_to_order(level_id=level.pk, limit=3, by=staff, at=now)  # the button pressed twice

    assert decided(level) == ("made_to_order", 3)
    assert available(level.variant) == 5
    event = Event.objects.get(name="shop.stock-level.policy-set")
    said = {"variant_id": level.variant_id, "policy": "made_to_order", "before": 0, "limit": 3}
    assert (event.payload, event.actor) == (said, staff)


def test_nothing_is_sold_before_it_is_made_when_nobody_knows_how_long_that_takes(now: datetime) -> None:
    level = level_to_decide(making_days=0)

    with pytest.raises(stock.NoMakingTime):
        stock.make_to_order(level_id=level.pk, limit=3, by=StaffFactory(), at=now)

    assert decided(level) == ("deny", 0)
    assert not Event.objects.filter(name="shop.stock-level.policy-set").exists()


def test_a_limit_never_falls_below_what_is_promised_and_not_made(now: datetime) -> None:
    level, staff = level_to_decide(), StaffFactory()
    stock.make_to_order(level_id=level.pk, limit=5, by=staff, at=now)
    placed_order(at=now, variant=level.variant, quantity=5)  # two from the shelf, three to be made

    for limit in (2, 0):
        with pytest.raises(stock.LimitRefused) as refusal:
            stock.make_to_order(level_id=level.pk, limit=limit, by=staff, at=now)
        assert refusal.value.promised == 3
    with pytest.raises(stock.LimitRefused):
        stock.sell_what_is_there(level_id=level.pk, by=staff, at=now)
    assert decided(level) == ("made_to_order", 5)

    stock.make_to_order(level_id=level.pk, limit=3, by=staff, at=now)
    assert (decided(level), available(level.variant)) == (("made_to_order", 3), 0)
    stock.receive(item=stock.Wanted(level.variant_id, 3, "kiln"), level_id=level.pk, at=now)
    stock.sell_what_is_there(level_id=level.pk, by=staff, at=now)
    assert (decided(level), available(level.variant)) == (("deny", 0), 0)
    assert breaches() == []


def test_the_database_refuses_a_limit_on_a_shelf_that_sells_what_is_there() -> None:
    level = level_to_decide()

    with pytest.raises(IntegrityError, match="stock_limit_only_made_to_order"), transaction.atomic():
        StockLevel.objects.filter(pk=level.pk).update(oversell_limit=1)

    assert decided(level) == ("deny", 0)
