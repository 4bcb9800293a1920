"""What a product page says beside the words: sizes elsewhere, fibres, who wears it, what it goes with."""

from __future__ import annotations

import json
import re

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from shop.models import FibreShare, Material, Pairing, PhotoModel, Product, ProductImage, SizeName
from shop.operations.people import sync_roles
from shop.queries.facts import Paired
from shop.queries.product import product_view
from shop.rules.fibres import Part, Share
from tests.factories.catalogue import option, tee
from tests.factories.shop import ProductFactory, VariantFactory
from tests.shop.test_admin import as_posted, desk_of

pytestmark = pytest.mark.django_db


def named(product: Product, **names: str) -> None:
    """Name size M of the product's guide in other systems."""
    for system, name in names.items():
        SizeName.objects.create(guide=product.size_guide, size=option("size", "m", "M"), system=system, name=name)


def fibres(product: Product, **percents: int) -> None:
    for code, percent in percents.items():
        material, _ = Material.objects.get_or_create(code=code, defaults={"name": code.capitalize()})
        FibreShare.objects.create(product=product, material=material, percent=percent)


def paired(product: Product, slug: str, **fields: object) -> Product:
    other: Product = VariantFactory(product=ProductFactory(slug=slug, name=slug.capitalize(), **fields)).product
    Pairing.objects.create(product=product, other=other, position=Pairing.objects.count())
    return other


def test_view_knows_what_sizes_are_called_elsewhere_in_a_fixed_order() -> None:
    named(tee(), us="8–10", eu="38–40")

    facts = product_view("tee", {}).facts

    assert facts.names == {"M": {"eu": "38–40", "us": "8–10"}}
    assert facts.systems == ("eu", "us")


def test_view_names_fibres_and_what_it_goes_with_but_nothing_that_is_not_on_sale() -> None:
    product = tee()
    fibres(product, elastane=2, wool=98)
    paired(product, "scarf")
    paired(product, "hidden", published=False)
    Pairing.objects.create(product=product, other=ProductFactory(slug="empty"), position=9)
    VariantFactory(product=Product.objects.get(slug="scarf"), sku="scarf-2")  # named once, not once a variant

    facts = product_view("tee", {}).facts

    assert facts.parts == (Part("", (Share("Wool", 98), Share("Elastane", 2))),)
    assert [(other.name, other.slug) for other in facts.paired] == [("Scarf", "scarf")]
    assert isinstance(facts.paired[0], Paired)


@pytest.mark.parametrize("rows", [1, 3])
def test_facts_cost_no_query_of_their_own(rows: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    product = tee()
    for number in range(rows):
        paired(product, f"scarf-{number}")
        fibres(product, **{f"wool{number}": 10})

    with django_assert_num_queries(6):
        facts = product_view("tee", {}).facts

    assert (len(facts.paired), len(facts.parts[0].shares)) == (rows, rows)


def test_page_says_them_without_script(client: Client) -> None:
    product = tee(stretch="slight", sheerness="opaque", lining="none", shrinks_percent=2)
    named(product, uk="12–14")
    fibres(product, wool=100)
    paired(product, "scarf")
    ines = PhotoModel.objects.create(name="Ines", height_mm=1680, chest_mm=880)
    ProductImage.objects.create(
        product=product, path="x-800.webp", alt="Worn", role="worn", worn_by=ines, worn_size=option("size", "m", "M")
    )

    page = re.sub(r"\s+", " ", client.get("/p/tee/").content.decode())

    assert '<span class="elsewhere uk">12–14</span>' in page.replace('uk" >', 'uk">')
    assert "100 % Wool" in page
    assert "gives a little" in page
    assert "not see-through" in page
    assert "unlined" in page
    assert "Shrinks by 2 % at most" in page
    assert 'href="/p/scarf/"' in page
    assert re.search(r"Ines is <span class=\"cm\">168 cm</span>.* tall and wears M\.", page)
    data = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', page)[1])  # type: ignore[index]
    assert data["hasVariant"][1]["size"] == [
        "M",
        {"@type": "SizeSpecification", "name": "12–14", "sizeSystem": "https://schema.org/WearableSizeSystemUK"},
    ]
    assert data["hasVariant"][0]["size"] == "S"


def test_page_without_such_facts_says_nothing_of_them(client: Client) -> None:
    tee()

    page = client.get("/p/tee/").content.decode()

    for silent in ("elsewhere", "pairings", "worn-by", "Shrinks", "Made of"):
        assert silent not in page


def test_a_model_on_a_picture_wears_a_size_that_is_named() -> None:
    ines = PhotoModel.objects.create(name="Ines", height_mm=1680)

    with pytest.raises(IntegrityError, match="image_names_model_and_size"), transaction.atomic():
        ProductImage.objects.create(product=tee(), path="x.webp", alt="Worn", worn_by=ines)


def test_nothing_goes_with_itself() -> None:
    product = tee()

    with pytest.raises(IntegrityError, match="pairing_of_two"), transaction.atomic():
        Pairing.objects.create(product=product, other=product)


@pytest.mark.parametrize(
    ("percent", "said"), [("90", "The whole piece makes 90 %; it has to make 100 %."), ("100", "")]
)
def test_fibres_are_refused_until_they_make_a_hundred(percent: str, said: str) -> None:
    sync_roles(at=timezone.now())
    product = tee()
    wool = Material.objects.create(code="wool", name="Wool")
    client = desk_of("catalogue")
    page = client.get(f"/admin/shop/product/{product.pk}/change/")
    formsets = [each.formset for each in page.context["inline_admin_formsets"]]
    forms = [form for formset in formsets for form in (formset.management_form, *formset.forms)]
    fibre = {"fibres-0-part": "", "fibres-0-material": wool.pk, "fibres-0-percent": percent, "fibres-TOTAL_FORMS": "1"}

    answer = client.post(
        f"/admin/shop/product/{product.pk}/change/", as_posted(page.context["adminform"].form, *forms) | fibre
    )

    assert FibreShare.objects.count() == (0 if said else 1)
    assert said in answer.content.decode()
