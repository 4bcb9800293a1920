"""Whatever happens to orders, in whatever order: sums stay exact, and what is refused is refused by name."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.utils import timezone

from orders.models import Order, OrderChange, OrderLine, ParcelLine, Unavailability
from orders.operations import choosing
from orders.operations.access import issue_link
from orders.operations.changing import stage_change
from orders.operations.packing import pack_parcel
from orders.operations.refunding import grant_refund
from orders.operations.splitting import split_parcel
from orders.rules.changing import NotChangeable, Why, Wish, may_be_changed
from orders.rules.shares import Pieces
from shop.queries.audit import breaches
from tests.factories.bags import for_everybody, ordered
from tests.factories.shop import VariantFactory
from tests.orders.test_changing import allocated, confirm, sizes, stage, sums
from tests.orders.test_missing_money import missing
from tests.owners import OwnersClient
from tests.pages import words
from tests.walks import Walk


def link(order: Order) -> str:
    return f"/orders/{issue_link(order=order, at=timezone.now())}/"


@pytest.mark.django_db
def test_a_short_walk_leaves_the_books_clean(now: datetime) -> None:
    walk = Walk(2, at=now)

    for _step in range(45):
        walk.step()

    assert breaches() == []
    assert len(walk.done) > 8  # the dice did come to many kinds of things


@pytest.mark.django_db
def test_a_missing_piece_whose_money_went_back_before_is_left_out_for_nothing(now: datetime) -> None:
    """Her order page says so; there was none to look at any more."""
    order = ordered((VariantFactory(price_minor=1000), 1), (VariantFactory(price_minor=500), 1), at=now)
    line = order.lines.order_by("id")[0]
    grant_refund(
        order_id=order.pk, amount_minor=1000, reason="x", origin="t", by=None, at=now, what=Pieces({line.pk: 1})
    )
    case = missing(line, at=now)

    page = OwnersClient().get(link(order))
    assert page.status_code == 200
    assert "€10.00" not in words(page).split("missing")[-1][:200]
    choosing.choose_rest(case_id=case.pk, order_id=order.pk, by=None, at=now)

    assert (Unavailability.objects.get().choice, sums(order)) == ("rest", (1990, 1990, 1990, 1000))
    assert breaches() == []


# -- Some of it is packed ---------------------------------------------------------------------------------------------


def test_what_is_not_packed_can_be_changed_but_not_when_the_door_asks_for_the_money() -> None:
    assert may_be_changed("placed", ["packed", "planned"], provider="test_card")
    assert not may_be_changed("placed", ["packed", "planned"], provider="cash_on_delivery")
    assert may_be_changed("placed", ["planned"], provider="cash_on_delivery")
    assert not may_be_changed("placed", ["packed", "cancelled"], provider="test_card")
    assert not may_be_changed("cancelled", ["packed", "planned"], provider="test_card")


@pytest.mark.django_db
def test_once_a_parcel_is_packed_the_rest_can_be_changed_and_the_packed_stays(now: datetime) -> None:
    small, large = sizes(1000, 1300)
    cup = VariantFactory(price_minor=2000, stock=9)
    for_everybody(kind="percent", amount_minor=None, percent_bp=1000)
    order = ordered((small, 2), (cup, 1), at=now)
    _first, second = order.lines.order_by("id")
    rest = split_parcel(parcel_id=order.parcels.get().pk, first={second.pk: 1}, by=None, at=now)
    packed = order.parcels.exclude(pk=rest.pk).get()
    assert list(packed.lines.values_list("line", flat=True)) == [second.pk]
    pack_parcel(parcel_id=packed.pk, by=None, at=now)

    with pytest.raises(NotChangeable) as no:
        stage_change(order_id=order.pk, wishes={second.pk: Wish(cup.pk, 2)}, by=None, at=now)
    assert (no.value.why, OrderChange.objects.count()) == (Why.BEGUN, 0)
    confirm(stage(order, now, (large, 1)), now)

    assert allocated(small, large, cup) == [0, 1, 1]
    assert sums(order) == (2970 + 490, 3460, 4090, 630)
    assert ParcelLine.objects.get(line=second).parcel == packed
    assert breaches() == []
    page = words(OwnersClient().get(link(order)))
    assert "What is not packed yet." in page


@pytest.mark.django_db
def test_what_left_us_is_not_priced_anew(now: datetime) -> None:
    cup, can = VariantFactory(price_minor=2000, stock=9), VariantFactory(price_minor=1000, stock=9)
    for_everybody()
    order = ordered((cup, 2), (can, 1), at=now)
    _first, second = order.lines.order_by("id")
    split_parcel(parcel_id=order.parcels.get().pk, first={second.pk: 1}, by=None, at=now)
    pack_parcel(parcel_id=ParcelLine.objects.get(line=second).parcel_id, by=None, at=now)
    OrderLine.objects.filter(pk=second.pk).update(qty_handed_over=1)

    with pytest.raises(NotChangeable) as no:
        stage(order, now, (cup, 1))
    assert no.value.why == Why.SENT
