"""The former price of a reduction: frozen on the line when it is bought, and right after every change of it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import IntegrityError, transaction
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from notifications.messages import order_placed
from notifications.messages.rendering import render
from orders.messages import papers
from orders.models import Document, Order, OrderLine
from orders.operations.access import issue_link
from orders.operations.deciding import take_instead
from orders.operations.delays import note_delay
from orders.operations.documents import issue_what_is_due
from orders.queries.changing import plan_change
from orders.rules.changing import Wish, was_after
from shop.models import Reduction, Variant
from shop.operations.reductions import announce_reduction, end_reduction, keep_reductions
from shop.queries.audit import breaches
from shop.queries.reductions import former_prices_at
from tests.factories.bags import ordered
from tests.factories.prices import a_reduction
from tests.factories.shop import StaffFactory, VariantFactory
from tests.orders.test_changing import confirm, sizes, stage
from tests.orders.test_operations_fulfilment import our_breaches
from tests.pages import words

minor = st.integers(0, 10**6)


@given(unit=minor, today=minor, was_today=st.none() | minor, was_then=st.none() | minor)
def test_a_former_price_is_one_that_was_said_and_higher(
    unit: int, today: int, was_today: int | None, was_then: int | None
) -> None:
    former = was_after(unit_minor=unit, today_minor=today, was_today_minor=was_today, was_then_minor=was_then)

    said = was_today if unit == today else was_then
    assert former == (said if said is not None and said > unit else None)


def reduced(*variants: Variant, at: datetime) -> Reduction:
    reduction = a_reduction(*variants, at=at)
    announce_reduction(reduction_id=reduction.pk, by=StaffFactory(), at=at)
    keep_reductions(at)
    for variant in variants:
        variant.refresh_from_db()
    return reduction


def line_of(order: Order) -> tuple[int, int | None, int]:
    line = order.lines.get()
    return line.unit_minor, line.was_minor, line.quantity


@pytest.mark.django_db
def test_it_is_frozen_and_a_price_changed_afterwards_changes_nothing(now: datetime) -> None:
    mug = VariantFactory(price_minor=2400)
    reduction = reduced(mug, at=now)
    order, plain = ordered((mug, 2), at=now), ordered(at=now)

    end_reduction(reduction_id=reduction.pk, by=StaffFactory(), at=now + timedelta(hours=1))

    assert (line_of(order), line_of(plain)) == ((1920, 2400, 2), (2400, None, 1))
    assert order.goods_minor == 2 * 1920
    assert breaches() == []


@pytest.mark.django_db
def test_every_page_letter_and_paper_says_it(client: Client, now: datetime) -> None:
    mug = VariantFactory(price_minor=2400)
    reduced(mug, at=now)
    order = ordered((mug, 2), at=now)
    issue_what_is_due(order_id=order.pk, at=now)
    Variant.objects.filter(pk=mug.pk).update(was_minor=None, price_minor=9900)
    token = issue_link(order=order, at=datetime(2099, 1, 1, tzinfo=now.tzinfo))
    said = "each €19.20 instead of €24.00"

    assert said in words(client.get(f"/orders/{token}/thanks/"))
    assert said in words(client.get(f"/orders/{token}/"))
    letter = render(order_placed.KIND, order_placed.context(order, now))
    assert (said in letter.text, said in letter.html) == (True, True)
    paper = papers.printed(Document.objects.get())
    assert paper["lines"][0][0].endswith("\neach instead of €24.00")
    assert paper["lines"][0][1:] == ["2", "€19.20", "23 %", "€38.40"]
    lead = StaffFactory()
    lead.user_permissions.set(Permission.objects.filter(codename="view_order"))
    client.force_login(lead)
    assert said in words(client.get(f"/admin/orders/order/{order.pk}/change/"))


@pytest.mark.django_db
def test_what_was_not_reduced_says_nothing(client: Client, now: datetime) -> None:
    order = ordered(at=now)
    token = issue_link(order=order, at=datetime(2099, 1, 1, tzinfo=now.tzinfo))

    for page in ("thanks/", ""):
        assert "instead of" not in words(client.get(f"/orders/{token}/{page}"))


@pytest.mark.django_db
def test_more_pieces_keep_it_and_another_size_takes_its_own(now: datetime) -> None:
    small, large = sizes(2000, 3000)
    reduction = reduced(small, large, at=now)
    more, other, late = (ordered((small, 1), at=now) for _ in range(3))

    confirm(stage(more, now, (small, 3)), now)
    confirm(stage(other, now, (large, 1)), now)
    end_reduction(reduction_id=reduction.pk, by=StaffFactory(), at=now + timedelta(minutes=30))
    later = now + timedelta(hours=1)
    confirm(stage(late, later, (large, 1)), later)

    assert line_of(more) == (1600, 2000, 3)
    assert line_of(other) == (2400, 3000, 1)
    # Today the sizes cost 2000 and 3000: she pays 1600 and the difference of today, and the former price is the one
    # she was shown for the large one.
    assert line_of(late) == (2600, 3000, 1)
    assert breaches() == []


@pytest.mark.django_db
@pytest.mark.parametrize("also_reduced", [True, False])
def test_what_is_sent_instead_of_what_is_late_names_its_own(now: datetime, also_reduced: bool) -> None:
    sage, moss = sizes(2400, 2400 if also_reduced else 1920)
    if not also_reduced:
        moss.product = VariantFactory().product  # elsewhere while the reduction is announced
        moss.save()
    reduced(*([sage, moss] if also_reduced else [sage]), at=now)
    Variant.objects.filter(pk=moss.pk).update(product=sage.product)
    order, late = ordered((sage, 1), at=now), now + timedelta(days=3)
    note_delay(order_id=order.pk, at=late)

    take_instead(order_id=order.pk, line_id=order.lines.get().pk, variant_id=moss.pk, by=None, at=late)

    assert (order.lines.get().sku, line_of(order)) == (moss.sku, (1920, 2400 if also_reduced else None, 1))
    assert our_breaches() == []


@pytest.mark.django_db
def test_only_a_change_of_form_asks_for_it(now: datetime, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    small, large = sizes(2000, 2000)
    order = ordered((small, 1), at=now)
    line = order.lines.get()
    with django_assert_num_queries(1):
        assert former_prices_at([small.pk, large.pk], at=now) == {}

    assert plan_change(order, {line.pk: Wish(small.pk, 2)}, at=now).lines[0].was_minor is None


@pytest.mark.django_db
def test_the_database_keeps_no_former_price_that_is_not_higher(now: datetime) -> None:
    order = ordered(at=now)

    with pytest.raises(IntegrityError, match="line_was_higher"), transaction.atomic():
        OrderLine.objects.filter(order=order).update(was_minor=2400)
