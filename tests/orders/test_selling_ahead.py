"""Sold before it is here: its day is in the promise, first promised is first served, late goods are told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import transaction
from django.test import Client

from notifications.messages.words import why_that_date
from orders.models import DelayCase, Order, OrderLine, Parcel, Promise
from orders.operations import preparing
from orders.operations.access import issue_link
from orders.operations.delays import note_delay
from orders.operations.packing import NotOnShelf, pack_parcel
from orders.operations.placing import place_order
from orders.operations.preparing import ChangedSinceShown
from shop.models import StockArrival, StockLevel, User, Variant
from shop.operations import stock
from shop.operations.arrivals import (
    Promised,
    announce_arrival,
    call_off_arrival,
    note_arrival,
    postpone_arrival,
)
from shop.operations.events import relay_events
from shop.queries.audit import breaches
from tests.crowds import at_once
from tests.factories.bags import ANA, filled_bag, ordered, shown_to
from tests.factories.shop import StaffFactory, VariantFactory
from tests.orders.test_operations_fulfilment import our_breaches
from tests.pages import words

pytestmark = pytest.mark.django_db

FIRST_ON, SECOND_ON = date(2026, 3, 10), date(2026, 3, 20)


@pytest.fixture(autouse=True)
def _monday(now: datetime, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)
    yield
    monkeypatch.undo()


@pytest.fixture
def ines() -> User:
    return StaffFactory()


def coming(
    *arrivals: tuple[date, int], at: datetime, pieces: int = 0, preorder: bool = False, most: int | None = None
) -> Variant:
    """A mug of which `pieces` lie on the shelf and the others are on their way, sold before they are here."""
    variant = VariantFactory(stock=pieces)
    level = variant.stock.get()
    for day, number in arrivals:
        announce_arrival(
            level_id=level.pk, pieces=number, expected_on=day, source="production", note="", by=None, at=at
        )
    stock.sell_ahead(level_id=level.pk, preorder=preorder, most=most, by=StaffFactory(), at=at)
    return variant


def test_the_promise_counts_from_the_day_the_goods_come_in_and_says_so(now: datetime) -> None:
    order = ordered((coming((FIRST_ON, 5), at=now), 2), at=now)

    promise = order.promises.get()
    assert order.lines.get().goods_on == FIRST_ON
    assert (promise.starts_on, promise.deliver_from_on) == (date(2026, 3, 11), date(2026, 3, 14))
    assert promise.basis["goods_on"] == "2026-03-10"
    assert promise.basis["steps"][0]["stage"] == "goods"
    assert breaches() == []


def test_what_lies_on_the_shelf_is_sold_as_ever_and_the_next_comes_out_of_the_arrivals_in_turn(now: datetime) -> None:
    mug = coming((FIRST_ON, 1), (SECOND_ON, 3), at=now, pieces=1)

    days = [ordered((mug, 1), at=now).lines.get().goods_on for _ in range(3)]

    assert days == [None, FIRST_ON, SECOND_ON]


def test_no_more_is_sold_than_is_on_its_way_or_than_was_allowed(now: datetime) -> None:
    few, allowed = coming((FIRST_ON, 2), at=now), coming((FIRST_ON, 9), at=now, most=2)
    for mug in (few, allowed):
        ordered((mug, 2), at=now)
        with pytest.raises(stock.SoldOut), transaction.atomic():
            stock.allocate(wanted=[stock.Wanted(mug.pk, 1, "x")], order_number="KP-X", at=now, ahead=True)


def test_who_names_no_day_gets_nothing_that_is_on_its_way(now: datetime) -> None:
    mug = coming((FIRST_ON, 2), at=now, pieces=1)

    with pytest.raises(stock.SoldOut), transaction.atomic():
        stock.allocate(wanted=[stock.Wanted(mug.pk, 2, "exchange:1")], order_number="KP-1", at=now)
    stock.allocate(wanted=[stock.Wanted(mug.pk, 1, "exchange:2")], order_number="KP-1", at=now)


def test_goods_that_are_overdue_are_not_sold_and_the_shelf_says_so_the_next_day(now: datetime) -> None:
    mug = coming((FIRST_ON, 2), at=now)
    cart, _token = filled_bag((mug, 1), at=now)
    late = now + timedelta(days=9)

    with pytest.raises(stock.SoldOut):
        place_order(key=uuid4(), cart_id=cart.pk, request=ANA, shown=shown_to(cart, ANA, at=now), at=late)

    assert (stock.keep_limits(late), stock.keep_limits(late)) == (1, 0)
    assert mug.stock.get().oversell_limit == 0


def test_nothing_is_packed_before_it_is_here_and_the_first_promised_is_served_first(now: datetime, ines: User) -> None:
    mug = coming((FIRST_ON, 1), (SECOND_ON, 1), at=now)
    first, second = (ordered((mug, 1), at=now).parcels.get() for _ in range(2))
    with pytest.raises(NotOnShelf):
        pack_parcel(parcel_id=first.pk, by=ines, at=now)
    arrival = StockArrival.objects.order_by("expected_on").first()
    assert arrival
    note_arrival(arrival_id=arrival.pk, pieces=1, key="a", by=ines, at=now)

    with pytest.raises(NotOnShelf):
        pack_parcel(parcel_id=second.pk, by=ines, at=now)
    pack_parcel(parcel_id=first.pk, by=ines, at=now)

    assert our_breaches() == []


def test_an_arrival_that_comes_later_is_told_before_the_promise_breaks(now: datetime, ines: User) -> None:
    order = ordered((coming((FIRST_ON, 2), at=now), 1), at=now)
    relay_events(now)
    note_delay(order_id=order.pk, at=now)
    assert not DelayCase.objects.exists()

    postpone_arrival(arrival_id=StockArrival.objects.get().pk, expected_on=SECOND_ON, by=ines, at=now)
    relay_events(now)
    order.refresh_from_db()
    assert order.watch_at == now
    note_delay(order_id=order.pk, at=now)

    case = DelayCase.objects.get()
    assert (case.cause, case.reason.split(",")[0]) == (
        "goods",
        "What you ordered reaches our workshop later than we were told",
    )
    assert case.broken_promise.deliver_by_on < SECOND_ON < case.new_promise.deliver_by_on
    assert note_delay(order_id=order.pk, at=now + timedelta(hours=1)) is None
    assert our_breaches() == []


def test_goods_that_are_not_there_in_the_evening_are_known_the_same_evening(now: datetime) -> None:
    order = ordered((coming((FIRST_ON, 2), at=now), 1), at=now)
    note_delay(order_id=order.pk, at=now)
    order.refresh_from_db()
    assert order.watch_at is not None

    noticed = note_delay(order_id=order.pk, at=datetime(2026, 3, 11, 17, tzinfo=now.tzinfo) + timedelta(days=1))

    assert noticed is not None
    assert noticed.cause == "goods"


def test_what_is_promised_out_of_an_arrival_is_not_called_off(now: datetime, ines: User) -> None:
    mug = coming((FIRST_ON, 2), (SECOND_ON, 1), at=now)
    ordered((mug, 2), at=now)
    first, second = StockArrival.objects.order_by("expected_on")

    with pytest.raises(Promised):
        call_off_arrival(arrival_id=first.pk, by=ines, at=now)
    call_off_arrival(arrival_id=second.pk, by=ines, at=now)

    assert StockLevel.objects.values_list("oversell_limit", flat=True).get() == 2


def test_pieces_promised_from_the_shelf_are_not_taken_because_others_are_coming(now: datetime, ines: User) -> None:
    mug = coming((FIRST_ON, 5), at=now, pieces=2)
    ordered((mug, 2), at=now)

    with pytest.raises(stock.Undercuts) as refused:
        stock.write_off(level_id=mug.stock.get().pk, pieces=1, key="w", at=now, actor=ines, reason="a chip")

    assert refused.value.short == 1


def test_what_is_ready_goes_first_and_what_is_on_its_way_follows(now: datetime) -> None:
    shelf, later = VariantFactory(), coming((FIRST_ON, 2), at=now)
    cart, _token = filled_bag((shelf, 1), (later, 1), at=now)
    cart.sending = "as_ready"
    cart.save()

    order = place_order(key=uuid4(), cart_id=cart.pk, request=ANA, shown=shown_to(cart, ANA, at=now), at=now)

    first, second = order.parcels.order_by("number")
    assert (first.lines.get().line.variant_id, second.lines.get().line.variant_id) == (shelf.pk, later.pk)
    assert first.plans.get().deliver_by_on < FIRST_ON < order.promises.get().deliver_by_on


@pytest.mark.parametrize(("preorder", "said"), [(False, "On its way to us"), (True, "Order it before it is here")])
def test_page_and_bag_name_the_same_day(client: Client, now: datetime, preorder: bool, said: str) -> None:
    mug = coming((FIRST_ON, 5), at=now, preorder=preorder)
    _cart, client.cookies["bag"] = filled_bag((mug, 1), at=now)

    page, bag = (client.get(path) for path in (mug.product.get_absolute_url(), "/bag/"))

    assert said in words(page)
    assert "here Tuesday 10 March" in words(bag)
    for shown in (page, bag):
        assert "Sat 14 – Mon 16 March" in words(shown)
    schema = "PreOrder" if preorder else "BackOrder"
    assert f'"availability": "https://schema.org/{schema}", "availabilityStarts": "2026-03-10"' in page.content.decode()


def test_thanks_order_page_and_mail_say_when_it_comes_in(client: Client, now: datetime) -> None:
    order = ordered((coming((FIRST_ON, 2), at=now), 1), at=now)
    token = issue_link(order=order, at=now)

    thanks, track = (words(client.get(f"/orders/{token}/{page}")) for page in ("thanks/", ""))

    assert "It comes in to us Tuesday 10 March We start Wednesday 11 March" in thanks
    assert "It is on its way to us, here Tuesday 10 March, and leaves our workshop on Thursday 12 March" in track
    assert "We pack it when everything is here by Wednesday 11 March" in track
    assert why_that_date(order.promises.get())[0] == "What you ordered reaches our workshop on Tuesday 10 March."


@pytest.mark.faults
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("guarded", [True, False])
def test_of_many_buyers_each_has_a_day_that_is_true(
    now: datetime, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """The control: without the look after the lock some are told a day on which others get the pieces."""
    mug = coming((FIRST_ON, 3), (SECOND_ON, 3), at=now)
    carts = [filled_bag((mug, 1), at=now)[0] for _ in range(10)]
    shown = shown_to(carts[0], ANA, at=now)
    if not guarded:
        monkeypatch.setattr(preparing, "_check_goods", lambda lines, at: None)

    found = at_once(
        lambda n: place_order(key=uuid4(), cart_id=carts[n].pk, request=ANA, shown=shown, at=now).status, 10
    )

    told_first = OrderLine.objects.filter(goods_on=FIRST_ON, order__status=Order.Status.PLACED).count()
    if guarded:
        assert (found.count("placed"), found.count(ChangedSinceShown), told_first) == (3, 7, 3)
    else:
        assert told_first > 3
    assert Promise.objects.count() == Parcel.objects.count()
