"""Reductions: announced with an honest reference or not at all, begun and ended by a sweep, said beside the price."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from shop.models import Event, PriceInterval, ReducedPrice, Reduction, Variant
from shop.operations import reductions
from shop.operations.finding import keep_listings
from shop.operations.people import sync_roles
from shop.operations.reductions import (
    EndIsPast,
    NotADraft,
    NothingNamed,
    NotHonest,
    announce_reduction,
    end_reduction,
    keep_reductions,
)
from shop.queries.audit import breaches
from shop.rules.reduction import Why
from tests.factories.catalogue import tee
from tests.factories.prices import a_reduction, priced_since
from tests.factories.shop import StaffFactory, VariantFactory
from tests.pages import words
from tests.shop.test_admin import desk_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def now(now: datetime, monkeypatch: pytest.MonkeyPatch) -> datetime:
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)
    return now


def running(*variants: Variant, at: datetime, **fields: object) -> Reduction:
    """A reduction that was announced and has begun."""
    reduction = a_reduction(*variants, at=at, **fields)  # type: ignore[arg-type]
    announce_reduction(reduction_id=reduction.pk, by=StaffFactory(), at=at)
    keep_reductions(at)
    return reduction


def price_of(variant: Variant) -> tuple[int, int | None]:
    return Variant.objects.values_list("price_minor", "was_minor").get(pk=variant.pk)


def test_it_begins_and_ends_by_itself_and_leaves_the_history_whole(now: datetime) -> None:
    mug = VariantFactory(price_minor=2400)
    reduction = a_reduction(mug, at=now + timedelta(days=1))
    announce_reduction(reduction_id=reduction.pk, by=StaffFactory(), at=now)
    seen = [(keep_reductions(now + timedelta(days=days)), price_of(mug)) for days in (0, 1, 5, 11, 12)]

    assert seen == [(0, (2400, None)), (1, (1920, 2400)), (0, (1920, 2400)), (1, (2400, None)), (0, (2400, None))]
    told = Event.objects.filter(name__startswith="shop.reduction.").order_by("id").values_list("name", flat=True)
    assert list(told) == ["shop.reduction.announced", "shop.reduction.began", "shop.reduction.ended"]
    prices = PriceInterval.objects.filter(variant=mug).order_by("starts_at").values_list("price_minor", flat=True)
    assert list(prices) == [2400, 1920, 2400]


def test_it_is_measured_against_the_lowest_price_of_thirty_days(now: datetime) -> None:
    mug = VariantFactory(price_minor=2400)
    priced_since(
        mug, (2400, now - timedelta(days=90)), (2200, now - timedelta(days=20)), (2400, now - timedelta(days=5))
    )

    running(mug, at=now, known_days=0)

    assert price_of(mug) == (1920, 2200)
    assert breaches() == []


@pytest.mark.parametrize(
    ("steps", "why"),
    [
        ([(2400, 10)], Why.TOO_NEW),
        ([(1900, 90), (2400, 3)], Why.NOT_LOWER),  # raised first, to be lowered with much noise
    ],
)
def test_what_is_not_honest_is_refused_and_named(now: datetime, steps: list[tuple[int, int]], why: Why) -> None:
    mug, fine = VariantFactory(price_minor=2400), VariantFactory(price_minor=5000)
    priced_since(mug, *((price, now - timedelta(days=days)) for price, days in steps))
    priced_since(fine, (5000, now - timedelta(days=90)))
    reduction = a_reduction(mug, fine, at=now, known_days=0)

    with pytest.raises(NotHonest) as refusal:
        announce_reduction(reduction_id=reduction.pk, by=StaffFactory(), at=now)

    assert [(one.variant.sku, one.verdict.why) for one in refusal.value.refused] == [(mug.sku, why)]
    assert not ReducedPrice.objects.exists()
    assert Reduction.objects.get().state == "draft"


def test_raised_between_announcement_and_beginning_it_is_not_called_reduced(now: datetime) -> None:
    mug, plate = VariantFactory(price_minor=2400), VariantFactory(price_minor=5000)
    reduction = a_reduction(mug, plate, at=now + timedelta(days=2))
    announce_reduction(reduction_id=reduction.pk, by=StaffFactory(), at=now)
    priced_since(mug, (1900, now - timedelta(days=60)), (2400, now + timedelta(days=1)))

    keep_reductions(now + timedelta(days=2))

    assert (price_of(mug), price_of(plate)) == ((2400, None), (4000, 5000))
    assert list(reduction.prices.order_by("variant_id").values_list("state", "why")) == [
        ("refused", "not-lower"), ("running", ""),
    ]  # fmt: skip
    end_reduction(reduction_id=reduction.pk, by=None, at=now + timedelta(days=3))
    assert (price_of(mug), price_of(plate)) == ((2400, None), (5000, None))


def test_a_further_step_keeps_the_first_reference_and_gives_back_the_first_price(now: datetime) -> None:
    mug = VariantFactory(price_minor=2400)
    running(mug, at=now)
    later = now + timedelta(days=3)

    second = running(mug, at=later, percent_bp=3000, known_days=0)

    assert price_of(mug) == (1680, 2400)
    assert list(ReducedPrice.objects.order_by("id").values_list("state", "carried")) == [
        ("ended", False), ("running", True),
    ]  # fmt: skip
    keep_reductions(now + timedelta(days=10))  # the first one is over; the second goes on
    assert price_of(mug) == (1680, 2400)
    end_reduction(reduction_id=second.pk, by=None, at=later)
    assert price_of(mug) == (2400, None)


def test_one_piece_is_announced_once(now: datetime) -> None:
    mug = VariantFactory(price_minor=2400)
    first = a_reduction(mug, at=now + timedelta(days=1))
    announce_reduction(reduction_id=first.pk, by=StaffFactory(), at=now)
    second = a_reduction(mug, at=now + timedelta(days=2), known_days=0)

    with pytest.raises(NotHonest) as refusal:
        announce_reduction(reduction_id=second.pk, by=StaffFactory(), at=now)
    with pytest.raises(NotADraft):
        announce_reduction(reduction_id=first.pk, by=StaffFactory(), at=now)
    with pytest.raises(IntegrityError, match="reduction_planned_once"), transaction.atomic():
        ReducedPrice.objects.create(reduction=second, variant=mug)

    assert refusal.value.refused[0].verdict.why == Why.ANNOUNCED


def test_a_draft_that_names_nothing_or_is_over_is_refused(now: datetime) -> None:
    empty, over = a_reduction(at=now), a_reduction(at=now - timedelta(days=20))
    empty.products.clear()

    with pytest.raises(NothingNamed):
        announce_reduction(reduction_id=empty.pk, by=StaffFactory(), at=now)
    with pytest.raises(EndIsPast):
        announce_reduction(reduction_id=over.pk, by=StaffFactory(), at=now)


def test_taken_back_before_it_began_nothing_was_ever_lower(now: datetime) -> None:
    mug = VariantFactory(price_minor=2400)
    reduction = a_reduction(mug, at=now + timedelta(days=1))
    announce_reduction(reduction_id=reduction.pk, by=StaffFactory(), at=now)

    for _ in range(2):
        end_reduction(reduction_id=reduction.pk, by=StaffFactory(), at=now)
    keep_reductions(now + timedelta(days=2))

    assert price_of(mug) == (2400, None)
    assert Reduction.objects.get().state == "ended"


def test_a_price_people_changed_meanwhile_stays(now: datetime) -> None:
    mug = VariantFactory(price_minor=2400)
    reduction = running(mug, at=now)
    Variant.objects.filter(pk=mug.pk).update(price_minor=1500)

    end_reduction(reduction_id=reduction.pk, by=None, at=now)

    assert price_of(mug) == (1500, None)


def test_a_reduced_price_cannot_be_raised_above_what_it_is_said_to_have_been(now: datetime) -> None:
    mug = VariantFactory(price_minor=2400)
    running(mug, at=now)
    mug.refresh_from_db()
    mug.full_clean()

    for typed in (100, 2400):  # a lower one would stay when the reduction ends
        mug.price_minor = typed
        with pytest.raises(ValidationError, match="End the reduction, then change the price"):
            mug.full_clean()
    with pytest.raises(IntegrityError, match="variant_reduced_is_lower"), transaction.atomic():
        mug.save()


def test_an_index_finds_what_is_due_and_killed_half_way_it_begins_again(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    mug = VariantFactory(price_minor=2400)
    reduction = a_reduction(mug, at=now)
    announce_reduction(reduction_id=reduction.pk, by=StaffFactory(), at=now)

    def dies(*args: object, **more: object) -> None:
        raise SystemExit

    with monkeypatch.context() as broken:
        broken.setattr(reductions, "_record", dies)
        with pytest.raises(SystemExit):
            keep_reductions(now)
    assert price_of(mug) == (2400, None)

    keep_reductions(now)

    assert price_of(mug) == (1920, 2400)


def test_pages_say_the_former_price_and_say_it_no_longer_afterwards(client: Client, now: datetime) -> None:
    product = tee()
    reduction = running(*product.variants.all(), at=now)

    keep_listings(now)
    page, shelf = client.get("/p/tee/"), client.get(f"/c/{product.category.slug}/")

    said = words(page)
    assert "€30.40 including tax" in said
    assert "−20 % Lowest price of the 30 days before the reduction: €38.00" in said
    assert re.search(r'"price": "38.00", [^}]*StrikethroughPrice"', page.content.decode())
    assert "€30.40 before: €38.00" in words(shelf)

    end_reduction(reduction_id=reduction.pk, by=None, at=now)
    assert "30 days" not in re.sub("30 days to send", "", words(client.get("/p/tee/")))


def test_a_reduced_piece_costs_no_further_query(
    client: Client, now: datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    product = tee()
    running(*product.variants.all(), at=now)
    client.get("/p/tee/")

    with django_assert_num_queries(10):
        client.get("/p/tee/")


def test_staff_see_what_each_piece_is_measured_against_and_announce_it(now: datetime) -> None:
    sync_roles(at=now)
    mug = VariantFactory(price_minor=2400)
    reduction = a_reduction(mug, at=now)
    desk = desk_of("catalogue")
    page = f"/admin/shop/reduction/{reduction.pk}/change/"

    assert f"{mug.sku} €24.00 €19.20 €24.00 −20 % fine" in words(desk.get(page))
    assert desk.post(f"/admin/shop/reduction/{reduction.pk}/announce/").status_code == 303
    assert "It is announced." in words(desk.get(page))
    keep_reductions(now)

    assert price_of(mug) == (1920, 2400)
    assert desk.post(page, {"name": "Other"}).status_code == 403
