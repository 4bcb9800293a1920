"""What a whole unit costs, beside the price of the piece."""

from __future__ import annotations

import json
import re

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from shop.gateways import sheets
from shop.models import Product, Variant
from shop.operations.finding import keep_listings
from shop.operations.importing import import_catalogue
from shop.queries.exporting import catalogue_rows
from shop.rules.catalogue_file import BadFile, read
from shop.rules.unit_price import unit_price_minor
from tests.factories.shop import ProductFactory, VariantFactory
from tests.pages import words


@pytest.mark.parametrize(
    ("price", "amount", "unit", "expected"),
    [(450, 250, "g", 1800), (999, 75, "ml", 13320), (1200, 3000, "mm", 400), (1900, 2, "piece", 950), (1, 3, "g", 333)],
)
def test_a_whole_unit_costs(price: int, amount: int, unit: str, expected: int) -> None:
    assert unit_price_minor(price_minor=price, amount=amount, unit=unit) == expected


@given(price=st.integers(1, 10**8), amount=st.integers(1, 10**6))
def test_it_is_the_nearest_minor_unit(price: int, amount: int) -> None:
    found = unit_price_minor(price_minor=price, amount=amount, unit="g")

    assert abs(found * amount - price * 1000) * 2 <= amount


def soap() -> Product:
    variant = VariantFactory(
        product=ProductFactory(slug="soap", name="Soap"), price_minor=450, content_amount=250, content_unit="g"
    )
    product: Product = variant.product
    return product


@pytest.mark.django_db
def test_it_stands_wherever_the_price_does(client: Client) -> None:
    product = soap()
    keep_listings(timezone.now())

    page = client.get("/p/soap/")

    assert "€18.00 per kg" in words(page)
    assert "€18.00 per kg" in words(client.get(f"/c/{product.category.slug}/"))
    data = json.loads(re.search(r'application/ld\+json">(.*?)</script>', page.content.decode(), re.DOTALL)[1])  # type: ignore[index]
    assert data["offers"]["priceSpecification"] == {
        "@type": "UnitPriceSpecification",
        "price": "18.00",
        "priceCurrency": "EUR",
        "referenceQuantity": {"@type": "QuantitativeValue", "value": 1, "unitCode": "KGM"},
    }


@pytest.mark.django_db
def test_what_is_sold_by_the_piece_says_nothing_of_it(client: Client) -> None:
    VariantFactory(product=ProductFactory(slug="mug"))

    assert " per kg" not in words(client.get("/p/mug/"))


@pytest.mark.django_db
@pytest.mark.parametrize(
    "half", [{"content_amount": 250}, {"content_unit": "g"}, {"content_amount": 0, "content_unit": "g"}]
)
def test_half_a_content_cannot_be_written(half: dict[str, object]) -> None:
    with pytest.raises(IntegrityError, match="variant_content_of_something"), transaction.atomic():
        VariantFactory(**half)


@pytest.mark.django_db
def test_it_goes_out_and_comes_back_with_the_catalogue() -> None:
    soap()
    raw = sheets.write_csv(catalogue_rows())

    Variant.objects.update(content_amount=None, content_unit="")
    import_catalogue(pieces=read(sheets.read(raw), measures=(), currency="EUR"), by=None, at=timezone.now())

    assert Variant.objects.values_list("content_amount", "content_unit").get() == (250, "g")
    with pytest.raises(BadFile, match="Line 2, content: how much of g, ml, mm or piece"):
        read(sheets.read(raw.replace(b"250 g", b"half a kilo")), measures=(), currency="EUR")
