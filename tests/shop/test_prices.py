"""The history of prices: written by the database whoever sets a price, and never changed."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.contrib.auth.models import Group
from django.db import IntegrityError, connection, transaction
from django.test import Client

from shop.models import PriceInterval, Variant
from shop.operations.people import sync_roles
from tests.factories.shop import ProductFactory, StaffFactory, VariantFactory

pytestmark = pytest.mark.django_db


def history(variant: Variant) -> list[tuple[int, str, bool]]:
    """Price, currency, and whether it is the price of today, oldest first; every one begins where the last ended."""
    rows = list(PriceInterval.objects.filter(variant=variant).order_by("starts_at", "id"))
    assert [row.ends_at for row in rows[:-1]] == [row.starts_at for row in rows[1:]]
    return [(row.price_minor, row.currency, row.ends_at is None) for row in rows]


def test_every_writer_of_a_price_leaves_it_in_the_history() -> None:
    made = VariantFactory(price_minor=2400)
    bulk = Variant(product=made.product, sku="BULK", price_minor=900)

    Variant.objects.bulk_create([bulk])
    Variant.objects.filter(pk=made.pk).update(price_minor=1900)
    Variant.objects.filter(pk=made.pk).update(price_minor=1900, label="Sage again")
    Variant.objects.filter(pk=made.pk).update(price_minor=2400)

    assert history(made) == [(2400, "EUR", False), (1900, "EUR", False), (2400, "EUR", True)]
    assert history(bulk) == [(900, "EUR", True)]


@pytest.mark.parametrize(
    "prettier",
    [
        "UPDATE shop_priceinterval SET price_minor = 9900",
        "UPDATE shop_priceinterval SET starts_at = starts_at - interval '40 days'",
        "UPDATE shop_priceinterval SET ends_at = NULL WHERE ends_at IS NOT NULL",
        "DELETE FROM shop_priceinterval",
    ],
)
def test_the_history_cannot_be_made_prettier(prettier: str) -> None:
    variant = VariantFactory(price_minor=2400)
    Variant.objects.filter(pk=variant.pk).update(price_minor=1900)
    before = history(variant)

    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(prettier)

    assert history(variant) == before


def test_without_its_guard_the_history_could_be_made_prettier() -> None:
    variant = Variant.objects.create(product=ProductFactory(), sku="OPEN", price_minor=2400)

    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE shop_priceinterval DISABLE TRIGGER append_only")
        cursor.execute("UPDATE shop_priceinterval SET price_minor = 9900")

    assert history(variant) == [(9900, "EUR", True)]


def test_two_prices_never_hold_at_once() -> None:
    variant = VariantFactory()
    today = PriceInterval.objects.get(variant=variant)

    with pytest.raises(IntegrityError, match="price_never_two_at_once"), transaction.atomic():
        PriceInterval.objects.create(
            variant=variant,
            price_minor=1,
            currency="EUR",
            starts_at=today.starts_at.replace(year=today.starts_at.year + 1),
            ends_at=today.starts_at.replace(year=today.starts_at.year + 2),
        )


def test_a_variant_takes_its_history_along() -> None:
    variant = Variant.objects.create(product=ProductFactory(), sku="GONE", price_minor=2400)

    variant.delete()

    assert not PriceInterval.objects.exists()


def test_the_catalogue_team_reads_what_a_piece_has_cost(client: Client, now: datetime) -> None:
    variant = VariantFactory(price_minor=2400)
    Variant.objects.filter(pk=variant.pk).update(price_minor=1900)
    sync_roles(at=now)
    person = StaffFactory()
    person.groups.add(Group.objects.get(name="catalogue"))
    client.force_login(person)

    page = client.get(f"/admin/shop/variant/{variant.pk}/change/").content.decode()

    assert page.index("€19.00") < page.index("€24.00")
    assert 'name="prices-0-price_minor"' not in page
