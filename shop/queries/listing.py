"""Shelves and cards: what the home page, the category pages and the menu show."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cache, reduce
from operator import or_
from typing import Any, NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, F, OuterRef, Q, QuerySet, Subquery, When, Window
from django.db.models.functions import JSONObject, RowNumber

from shop.models import BusinessCalendar, Category, Product, ProductImage, StockLevel, Variant
from shop.queries.stock import pieces_ahead, pieces_left
from shop.rules.availability import Availability, availability
from shop.rules.money import Money
from shop.rules.unit_price import unit_price_minor

PAGE_SIZE = 24
Tones = Set[tuple[str, str]]  # (code of the option, code of the value), such as ("glaze", "sage")
SIZE = "size"  # the option every other one comes before


class UnitPrice(NamedTuple):
    """What a whole `unit` costs: a kilogram for g, a litre for ml, a metre for mm, a piece."""

    price: Money
    unit: str


def unit_price_of(price: Money, amount: int | None, unit: str) -> UnitPrice | None:
    """Return the unit price of a piece that contains so much of `unit`, None where nothing is said."""
    if not amount or not unit:
        return None
    return UnitPrice(Money(unit_price_minor(price_minor=price.minor, amount=amount, unit=unit), price.currency), unit)


@dataclass(frozen=True)
class Card:
    """One product on a shelf.  `option` is what it differs in besides size ("Glaze"), `tones` how many there are.

    `runs` is small or large when enough buyers said so; `was` is the former price of the cheapest form while it is
    reduced, `unit_price` what a whole unit of its content costs.
    """

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
    runs: str = ""
    was: Money | None = None
    unit_price: UnitPrice | None = None


class Option(NamedTuple):
    """One choice a variant stands for: its size, its colour, its glaze."""

    id: int
    type_code: str
    type_name: str
    code: str
    label: str
    swatch: str
    position: int


def navigation() -> list[Category]:
    """Return the categories of the menu in shop order.  One query."""
    return list(Category.objects.order_by("position", "id"))


def countries() -> list[str]:
    """Return the codes of the countries we deliver to, the home country first.  One query."""
    rows = BusinessCalendar.objects.filter(kind=BusinessCalendar.Kind.DESTINATION).exclude(country="")
    return list(dict.fromkeys(rows.order_by("id").values_list("country", flat=True)))


def front(limit: int) -> QuerySet[Product]:
    """Return the first pieces of every shelf, taken in turn, ready for `cards`.

    Each shelf is read from its beginning and no further, however much lies on it.
    """
    first = Product.objects.on_sale().filter(category=OuterRef("pk")).order_by("position", "id").values("id")[:limit]
    shelves = Category.objects.order_by("position", "id").annotate(leading=ArraySubquery(first))
    ids = [pk for shelf in shelves.values_list("leading", flat=True) for pk in shelf]
    turn = Window(RowNumber(), partition_by=F("category"), order_by=[F("position"), F("id")])
    return Product.objects.filter(pk__in=ids).order_by(turn, "category__position", "id")[:limit]


def cards(products: QuerySet[Product]) -> list[Card]:
    """Turn products into cards.  Three queries whatever their number; those without a variant are left out."""
    return _cards(list(_shown(products)))


def cards_of(product_ids: Sequence[int], *, tones: Tones = frozenset()) -> list[Card]:
    """Return the cards of some products in their order.  Three queries; what is not on sale any more is left out.

    A product that comes in one of `tones` is shown in it, and its link leads there.
    """
    rows = _shown(Product.objects.on_sale(), tones).in_bulk(product_ids)
    return _cards([rows[pk] for pk in product_ids if pk in rows], tones)


def _shown(products: QuerySet[Product], tones: Tones = frozenset()) -> QuerySet[Product]:
    """Add what a card needs of a product: how it runs, and its first picture, in one of `tones` if there is one."""
    images = ProductImage.objects.filter(product=OuterRef("pk")).order_by("position", "id")
    if tones:
        wanted = reduce(or_, (Q(option__type__code=group, option__code=code) for group, code in tones))
        images = images.order_by(Case(When(wanted, then=0), default=1), "position", "id")
    picture = images.values(picture=JSONObject(path="path", alt="alt"))[:1]
    rows = products.select_related("voices").annotate(picture=Subquery(picture))
    return rows.only("name", "slug", "summary", "voices__runs")


def _cards(found: list[Product], tones: Tones = frozenset()) -> list[Card]:
    offers = _offers([product.pk for product in found])
    options = options_of([offer.id for row in offers.values() for offer in row])
    return [_card(product, offers[product.pk], options, tones) for product in found if product.pk in offers]


def sellable_variants(*, holder: str = "") -> QuerySet[Variant]:
    """Return variants on sale with the pieces `holder` could take annotated as `available`, in shop order.

    `ahead` of them are on their way to us, `preordered` of those for the first time.
    """
    return (_sellable_by(holder) if holder else _sellable_by_anybody()).all()


def _sellable_by(holder: str) -> QuerySet[Variant]:
    told = {
        "available": pieces_left(holder=holder, ahead=True),
        "ahead": pieces_ahead(),
        "preordered": pieces_ahead(StockLevel.Policy.PREORDER),
    }
    return Variant.objects.filter(active=True).annotate(**told).order_by("position", "id")


@cache
def _sellable_by_anybody() -> QuerySet[Variant]:
    """Return the question of every shelf and page, composed once: that costs as much as asking it."""
    return _sellable_by("")


def options_of(variant_ids: Iterable[int]) -> dict[int, list[Option]]:
    """Return what was chosen for each variant, in shop order.  One query; no objects, a shelf has hundreds of them."""
    found: dict[int, list[Option]] = defaultdict(list)
    for variant_id, *option in _chosen_options().filter(variant__in=variant_ids):
        found[variant_id].append(Option._make(option))
    return found


@cache
def _chosen_options() -> QuerySet[Any, tuple[Any, ...]]:
    rows = Variant.options.through.objects.order_by(
        "optionvalue__type__position", "optionvalue__position", "optionvalue_id", "id"
    )
    return rows.values_list(
        "variant_id",
        "optionvalue_id",
        "optionvalue__type__code",
        "optionvalue__type__name",
        "optionvalue__code",
        "optionvalue__label",
        "optionvalue__swatch",
        "optionvalue__position",
    )


class _Offer(NamedTuple):
    """One buyable form of a product on a card."""

    product_id: int
    id: int
    price_minor: int
    was_minor: int | None
    currency: str
    making_days: int
    content_amount: int | None
    content_unit: str
    available: int
    ahead: int
    preordered: int

    @property
    def state(self) -> Availability:
        """Return what its stock means to a shopper."""
        return availability(self.available, self.making_days, ahead=self.ahead, preorder=bool(self.preordered))


def _offers(product_ids: list[int]) -> dict[int, list[_Offer]]:
    rows = sellable_variants().filter(product__in=product_ids).values_list(*_Offer._fields)
    found: dict[int, list[_Offer]] = {}
    for row in rows:
        found.setdefault(row[0], []).append(_Offer._make(row))
    return found


def _card(
    product: Product,
    offers: list[_Offer],
    options: Mapping[int, list[Option]],
    shown_in: Tones,
) -> Card:
    prices = {offer.price_minor for offer in offers}
    tones: dict[str, None] = {}
    sizes: dict[str, int] = {}
    kind, query = "", ""
    for offer in offers:
        for option in options.get(offer.id, ()):
            if option.type_code == SIZE:
                if offer.available > offer.ahead:
                    sizes[option.label] = option.position
            else:
                kind = option.type_name
                tones[option.label] = None
                if not query and (option.type_code, option.code) in shown_in:
                    query = f"?{option.type_code}={option.code}"
    cheapest = min(offers, key=lambda offer: offer.price_minor)
    picture = product.picture or {"path": "", "alt": ""}  # type: ignore[attr-defined]  # annotated in _shown
    return Card(
        name=product.name,
        url=product.get_absolute_url() + query,
        summary=product.summary,
        price=Money(cheapest.price_minor, cheapest.currency),
        has_range=len(prices) > 1,
        option=kind,
        tones=tuple(tones),
        sizes=tuple(sorted(sizes, key=lambda label: sizes[label])),
        picture=picture["path"],
        alt=picture["alt"],
        state=_best({offer.state for offer in offers}),
        runs=product.voices.runs if hasattr(product, "voices") else "",
        was=_was(cheapest),
        unit_price=unit_price_of(
            Money(cheapest.price_minor, cheapest.currency), cheapest.content_amount, cheapest.content_unit
        ),
    )


def _was(cheapest: _Offer) -> Money | None:
    """Return the former price of the form whose price the card names."""
    return Money(cheapest.was_minor, cheapest.currency) if cheapest.was_minor else None


def _best(states: set[Availability]) -> Availability:
    """Return the kindest of the variants' states: a card is sold out only when every variant is."""
    return next((state for state in Availability if state in states), Availability.SOLD_OUT)
