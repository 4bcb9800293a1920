"""Shelves and cards: what the home page, the category pages and the menu show."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import F, Prefetch, QuerySet, Sum, Window
from django.db.models.functions import Coalesce, RowNumber

from shop.models import BusinessCalendar, Category, OptionValue, Product, ProductImage, Variant
from shop.rules.availability import Availability, availability
from shop.rules.money import Money

PAGE_SIZE = 24
SIZE = "size"  # the option every other one comes before


@dataclass(frozen=True)
class Card:
    """One product on a shelf.  `option` is what it differs in besides size ("Glaze"), `tones` how many there are."""

    name: str
    url: str
    summary: str
    price: Money
    has_range: bool
    option: str
    tones: tuple[str, ...]
    sizes: tuple[str, ...]
    picture: str
    alt: str
    state: Availability


def navigation() -> list[Category]:
    """Return the categories of the menu in shop order.  One query."""
    return list(Category.objects.order_by("position", "id"))


def countries() -> list[str]:
    """Return the codes of the countries we deliver to, the home country first.  One query."""
    rows = BusinessCalendar.objects.filter(kind=BusinessCalendar.Kind.DESTINATION).exclude(country="")
    return list(dict.fromkeys(rows.order_by("id").values_list("country", flat=True)))


def shelf(category: Category) -> QuerySet[Product]:
    """Return the products of a category in shop order, ready for `cards`."""
    return _with_parts(Product.objects.on_sale().filter(category=category)).order_by("position", "id")


def front(limit: int) -> QuerySet[Product]:
    """Return the first pieces of every shelf, taken in turn, ready for `cards`."""
    turn = Window(RowNumber(), partition_by=F("category"), order_by=[F("position"), F("id")])
    return _with_parts(Product.objects.on_sale()).order_by(turn, "category__position", "id")[:limit]


def cards(products: Iterable[Product]) -> list[Card]:
    """Turn products into cards.  Four queries whatever the number of products; those without a variant are left out."""
    return [_card(product) for product in products if product.variants.all()]


def sellable_variants() -> QuerySet[Variant]:
    """Return variants on sale with `available` pieces annotated, in shop order."""
    left = F("stock__on_hand") + F("stock__oversell_limit") - F("stock__allocated")
    return (
        Variant.objects.filter(active=True)
        .annotate(available=Coalesce(Sum(left), 0))
        .prefetch_related(
            Prefetch("options", OptionValue.objects.select_related("type").order_by("type__position", "position", "id"))
        )
        .order_by("position", "id")
    )


def _with_parts(products: QuerySet[Product]) -> QuerySet[Product]:
    return products.prefetch_related(
        Prefetch("variants", sellable_variants()),
        Prefetch("images", ProductImage.objects.order_by("position", "id")),
    )


def _card(product: Product) -> Card:
    variants = list(product.variants.all())
    prices = sorted({variant.price_minor for variant in variants})
    states = {availability(variant.available, variant.making_days) for variant in variants}  # type: ignore[attr-defined]
    tones: dict[str, None] = {}
    sizes: dict[int, str] = {}
    option = ""
    for variant in variants:
        for value in variant.options.all():
            if value.type.code == SIZE:
                if variant.available > 0:  # type: ignore[attr-defined]
                    sizes[value.position] = value.label
            else:
                option = value.type.name
                tones[value.label] = None
    image = next(iter(product.images.all()), None)
    return Card(
        name=product.name,
        url=product.get_absolute_url(),
        summary=product.summary,
        price=Money(prices[0], variants[0].currency),
        has_range=len(prices) > 1,
        option=option,
        tones=tuple(tones),
        sizes=tuple(sizes[position] for position in sorted(sizes)),
        picture=image.path if image else "",
        alt=image.alt if image else "",
        state=_best(states),
    )


def _best(states: set[Availability]) -> Availability:
    """Return the kindest of the variants' states: a card is sold out only when every variant is."""
    for state in (Availability.IN_STOCK, Availability.FEW_LEFT, Availability.MADE_TO_ORDER):
        if state in states:
            return state
    return Availability.SOLD_OUT
