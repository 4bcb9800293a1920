from __future__ import annotations

from datetime import datetime

import pytest
from pytest_django import DjangoAssertNumQueries

from shop.models import Category, Product, Voices
from shop.queries import listing
from shop.rules.availability import Availability
from shop.rules.money import Money
from tests.factories.catalogue import tee
from tests.factories.shop import CategoryFactory, ProductFactory, VariantFactory, calendar

pytestmark = pytest.mark.django_db


def shelf(category: Category) -> list[listing.Card]:
    return listing.cards(Product.objects.on_sale().filter(category=category).order_by("position", "id"))


def test_card_says_what_helps_to_choose() -> None:
    product = tee(stock={"sage/s": 0, "ink/s": 0})

    [card] = shelf(product.category)

    assert card.name == "Everyday tee"
    assert card.url == "/p/tee/"
    assert card.price == Money(3800, "EUR")
    assert card.has_range is False
    assert card.option == "Colour"
    assert card.tones == ("Sage", "Ink")
    assert card.sizes == ("M",)
    assert card.picture == "demo/products/tee-sage-800.webp"
    assert card.state is Availability.IN_STOCK


def test_card_says_how_it_runs(now: datetime) -> None:
    Voices.objects.create(product=tee(), runs="small", counted_at=now)

    assert [card.runs for card in listing.cards(Product.objects.all())] == ["small"]


def test_card_starts_from_the_lowest_price() -> None:
    product = ProductFactory()
    VariantFactory(product=product, price_minor=5400)
    VariantFactory(product=product, price_minor=4800)

    [card] = shelf(product.category)

    assert (card.price, card.has_range) == (Money(4800, "EUR"), True)


def test_card_is_sold_out_only_when_every_variant_is() -> None:
    product = tee(stock={"sage/s": 0, "sage/m": 0, "ink/s": 0, "ink/m": 1})
    gone = tee("gone", stock={"sage/s": 0, "sage/m": 0, "ink/s": 0, "ink/m": 0})

    states = [card.state for card in shelf(product.category)]

    assert states == [Availability.FEW_LEFT, Availability.SOLD_OUT]
    assert gone.category == product.category


def test_shelf_leaves_out_what_is_not_on_sale() -> None:
    table = CategoryFactory()
    VariantFactory(product=ProductFactory(name="Hidden", published=False))
    VariantFactory(product=ProductFactory(name="Withdrawn"), active=False)
    VariantFactory(product=ProductFactory(name="Elsewhere", category=CategoryFactory(slug="wood", name="Wood")))
    VariantFactory(product=ProductFactory(name="Mug"))

    assert [card.name for card in shelf(table)] == ["Mug"]


@pytest.mark.parametrize("number", [1, 3])
def test_cards_cost_the_same_for_one_and_three(number: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    products = [tee(f"tee-{n}") for n in range(number)]

    with django_assert_num_queries(3):
        cards = shelf(products[0].category)

    assert len(cards) == number


def test_front_takes_from_every_shelf_in_turn() -> None:
    table = CategoryFactory(position=0)
    wood = CategoryFactory(slug="wood", name="Wood", position=1)
    for position, (name, shelf) in enumerate([("Mug", table), ("Bowl", table), ("Board", wood)]):
        VariantFactory(product=ProductFactory(name=name, category=shelf, position=position))

    assert [product.name for product in listing.front(8)] == ["Mug", "Board", "Bowl"]
    assert Product.objects.count() == 3


def test_countries_are_those_with_a_destination_calendar() -> None:
    for country in ("PT", "DE"):
        row = calendar(f"destination-{country.lower()}", "destination")
        row.country = country
        row.save()
    calendar("workshop")

    assert listing.countries() == ["PT", "DE"]
