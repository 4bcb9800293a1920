from __future__ import annotations

import pytest
from pytest_django import DjangoAssertNumQueries

from shop.models import Product
from shop.queries.product import Range, product_view
from shop.rules.availability import Availability
from tests.factories.catalogue import definition, option, tee
from tests.factories.shop import ProductFactory, VariantFactory

pytestmark = pytest.mark.django_db


def test_view_shows_the_wanted_colour_and_its_sizes() -> None:
    tee(stock={"ink/m": 0, "ink/s": 2})

    view = product_view("tee", {"colour": "ink"})

    assert [(tone.label, tone.chosen) for tone in view.tones] == [("Sage", False), ("Ink", True)]
    assert [(c.size, c.state, c.left) for c in view.choices] == [
        ("S", Availability.FEW_LEFT, 2),
        ("M", Availability.SOLD_OUT, 0),
    ]
    assert [picture.alt for picture in view.pictures] == ["Tee in ink"]
    assert view.has_sizes
    assert view.lead.size == "S"


@pytest.mark.parametrize("wanted", [{}, {"colour": "plaid"}, {"colour": ""}, {"glaze": "ink"}])
def test_view_falls_back_to_the_first_colour_that_can_be_bought(wanted: dict[str, str]) -> None:
    tee(stock={"sage/s": 0, "sage/m": 0})

    view = product_view("tee", wanted)

    assert [tone.code for tone in view.tones if tone.chosen] == ["ink"]
    assert [tone.code for tone in view.tones if tone.sold_out] == ["sage"]


def test_view_puts_measures_into_tables_by_size() -> None:
    tee()

    view = product_view("tee", {})

    assert [column.label for column in view.garment.columns] == ["Width"]
    assert view.garment.rows == (("S", (Range(460, 460),)), ("M", (Range(490, 490),)))
    assert view.body.rows == (("S", (Range(860, 920),)), ("M", (Range(920, 980),)))


def test_view_of_a_piece_without_options_has_one_choice() -> None:
    variant = VariantFactory(product=ProductFactory(slug="teapot"), making_days=8)
    variant.measurements.create(definition=definition("piece-height", "Height", "product"), value_mm=200)

    view = product_view("teapot", {})

    assert (view.tones, view.has_sizes, len(view.choices)) == ((), False, 1)
    assert view.lead.state is Availability.MADE_TO_ORDER
    assert [(row.label, measure) for row, measure in view.piece] == [("Height", Range(200, 200))]


def test_view_of_one_size_in_two_glazes_chooses_by_glaze() -> None:
    product = ProductFactory(slug="mug")
    for code, label in (("sage", "Sage"), ("oat", "Oat")):
        VariantFactory(product=product, sku=f"mug-{code}").options.set([option("glaze", code, label)])

    view = product_view("mug", {"glaze": "oat"})

    assert view.option == "Glaze"
    assert [choice.variant.sku for choice in view.choices] == ["mug-oat"]


def test_view_refuses_what_is_not_on_sale() -> None:
    VariantFactory(product=ProductFactory(slug="hidden", published=False))
    ProductFactory(slug="empty")

    for slug in ("hidden", "empty", "nothing"):
        with pytest.raises(Product.DoesNotExist):
            product_view(slug, {})


@pytest.mark.parametrize("others", [0, 2])
def test_view_costs_the_same_however_big_the_shop(
    others: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    tee()
    for number in range(others):
        tee(f"other-{number}")

    with django_assert_num_queries(6):
        product_view("tee", {})
