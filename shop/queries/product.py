"""Everything a product page shows, in a fixed number of queries."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any, NamedTuple

from django.db.models import QuerySet

from shop.models import (
    MeasurementDefinition,
    Product,
    ProductImage,
    SizeGuideRow,
    Variant,
    VariantMeasurement,
    Voices,
)
from shop.queries.facts import Facts, facts_of, with_facts
from shop.queries.listing import SIZE, Option, UnitPrice, options_of, sellable_variants, unit_price_of
from shop.queries.pictures import shown_for
from shop.rules.availability import Availability, availability
from shop.rules.money import Money
from shop.rules.own_size import Range, Sizes
from shop.rules.reduction import percent_off


@dataclass(frozen=True)
class Tone:
    """A colour, glaze or wood to choose; the address `?option=code` (such as `?glaze=sage`) chooses it."""

    label: str
    option: str
    code: str
    swatch: str
    picture: str
    chosen: bool
    sold_out: bool


@dataclass(frozen=True)
class Choice:
    """A buyable variant of the chosen tone; `size` is empty when the product has no sizes.

    `left` is what lies on the shelf, `goods_on` the day the next piece comes in when that is nothing: `with_goods`.
    """

    variant: Variant
    size: str
    price: Money
    state: Availability
    left: int
    was: Money | None = None
    goods_on: date | None = None

    @property
    def unit_price(self) -> UnitPrice | None:
        """Return what a whole unit of its content costs, None where it is sold by the piece."""
        return unit_price_of(self.price, self.variant.content_amount, self.variant.content_unit)

    @property
    def percent_off(self) -> int:
        """Return by how many percent it costs less than the lowest price of the 30 days before; 0 when it does not."""
        return percent_off(reference_minor=self.was.minor, price_minor=self.price.minor) if self.was else 0


class Column(NamedTuple):
    """What is measured and how."""

    code: str
    label: str
    how_to: str
    diagram: str


_COLUMN = ("definition__code", "definition__label", "definition__how_to", "definition__diagram")


@dataclass(frozen=True)
class MeasureTable:
    """Measures by size.  `rows` pairs a size with one cell a column; a cell is None where nothing was measured."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, tuple[Range | None, ...]], ...]

    @property
    def sizes(self) -> Sizes:
        """Return the ranges of each size by the code of the measure, for the rules."""
        codes = [column.code for column in self.columns]
        return [
            (size, {code: each for code, each in zip(codes, cells, strict=True) if each}) for size, cells in self.rows
        ]


@dataclass(frozen=True)
class ProductView:
    """A product as one shopper sees it: with one tone chosen."""

    product: Product
    option: str
    tones: tuple[Tone, ...]
    choices: tuple[Choice, ...]
    pictures: tuple[ProductImage, ...]
    body: MeasureTable
    garment: MeasureTable
    piece: tuple[tuple[Column, Range], ...]
    voices: Voices | None = None
    facts: Facts = field(default_factory=Facts)

    @property
    def has_sizes(self) -> bool:
        """Tell whether the shopper must choose a size."""
        return bool(self.choices and self.choices[0].size)

    @property
    def has_gaps(self) -> bool:
        """Tell whether some sizes are sold out, but not all."""
        return not self.sold_out and any(choice.state == Availability.SOLD_OUT for choice in self.choices)

    @property
    def places(self) -> dict[str, int]:
        """Return the place of each size among the choices, from 1."""
        return {choice.size: place for place, choice in enumerate(self.choices, start=1)}

    @property
    def query(self) -> str:
        """Return what leads an address to the chosen tone, such as `?glaze=sage`; empty where there is none."""
        return next((f"?{tone.option}={tone.code}" for tone in self.tones if tone.chosen), "")

    @property
    def sold_out(self) -> bool:
        """Tell whether nothing of the chosen tone can be bought."""
        return self.lead.state == Availability.SOLD_OUT

    @property
    def lead(self) -> Choice:
        """Return the choice that stands for the product: the first one that can be bought, else the first."""
        buyable = (choice for choice in self.choices if choice.state != Availability.SOLD_OUT)
        return next(buyable, self.choices[0])


def product_view(slug: str, wanted: dict[str, str]) -> ProductView:
    """Return the product of a page; `wanted` holds the query of the address, such as {"glaze": "sage"}.

    An unknown tone is ignored: the first one that can be bought is shown.
    Six queries, one less without a size guide.  Raises Product.DoesNotExist when nothing is on sale there.
    """
    return _view_of(_on_sale().get(slug=slug), wanted)


def draft_view(slug: str, wanted: dict[str, str]) -> ProductView:
    """Return what `product_view` will say of a product once it is published.  Raises Product.DoesNotExist."""
    return _view_of(_readable(Product.objects.all()).get(slug=slug), wanted)


def _view_of(product: Product, wanted: dict[str, str]) -> ProductView:
    variants = _variants(product)
    if not variants:
        raise Product.DoesNotExist(product.slug)
    images = list(_worn().filter(product=product))
    chosen = _chosen_tone(variants, wanted)
    shown = [one for one in variants if one.tone == chosen]
    measures = _measures(shown)
    return ProductView(
        product=product,
        option=chosen.type_name if chosen else "",
        tones=_tones(variants, images, chosen),
        choices=tuple(_choice(one) for one in shown),
        pictures=shown_for(images, chosen.id if chosen else None),
        body=_body(product),
        garment=_garment(measures),
        piece=_piece(measures, shown[0]),
        voices=getattr(product, "voices", None),
        facts=facts_of(product),
    )


@cache
def _on_sale() -> QuerySet[Product]:
    """Return the products a page can be about, not read yet: composing the question costs as much as asking it."""
    return _readable(Product.objects.on_sale())


def _readable(products: QuerySet[Product]) -> QuerySet[Product]:
    return with_facts(products.select_related("category", "size_guide", "voices"))


@cache
def _worn() -> QuerySet[ProductImage]:
    """Return pictures with who wears what on them, not read yet."""
    return ProductImage.objects.select_related("worn_by", "worn_size").order_by("position", "id")


@dataclass(frozen=True)
class _Form:
    """A variant, what it is and how many there are."""

    variant: Variant
    size: str
    tone: Option | None
    left: int
    state: Availability


class _Measure(NamedTuple):
    """A measure of one shown variant, of `kind` garment or piece."""

    form: _Form
    kind: str
    column: Column
    range: Range


def _variants(product: Product) -> list[_Form]:
    """Return the forms on sale.  Two queries."""
    variants = list(sellable_variants().filter(product=product))
    options = options_of([variant.pk for variant in variants])
    return [_form(variant, options.get(variant.pk, [])) for variant in variants]


def _form(variant: Variant, options: list[Option]) -> _Form:
    sizes = (option.label for option in options if option.type_code == SIZE)
    tones = (option for option in options if option.type_code != SIZE)
    left, ahead = int(variant.available), int(variant.ahead)  # type: ignore[attr-defined]  # annotated
    preorder = bool(variant.preordered)  # type: ignore[attr-defined]
    state = availability(left, variant.making_days, ahead=ahead, preorder=preorder)
    return _Form(variant, next(sizes, ""), next(tones, None), left, state)


def _chosen_tone(variants: list[_Form], wanted: dict[str, str]) -> Option | None:
    tones = [one.tone for one in variants if one.tone]
    asked = [tone for tone in tones if wanted.get(tone.type_code) == tone.code]
    buyable = [one.tone for one in variants if one.tone and one.left > 0]
    return next(iter([*asked, *buyable, *tones]), None)


def _tones(variants: list[_Form], images: list[ProductImage], chosen: Option | None) -> tuple[Tone, ...]:
    left: dict[Option, int] = {}
    for one in variants:
        if one.tone:
            left[one.tone] = left.get(one.tone, 0) + max(one.left, 0)
    pictures = {image.option_id: image.path for image in reversed(images) if image.option_id}
    return tuple(
        Tone(
            label=tone.label,
            option=tone.type_code,
            code=tone.code,
            swatch=tone.swatch,
            picture=pictures.get(tone.id, ""),
            chosen=tone == chosen,
            sold_out=pieces == 0,
        )
        for tone, pieces in left.items()
    )


def _choice(one: _Form) -> Choice:
    return Choice(
        variant=one.variant,
        size=one.size,
        price=Money(one.variant.price_minor, one.variant.currency),
        state=one.state,
        left=one.left - int(one.variant.ahead),  # type: ignore[attr-defined]  # annotated
        was=Money(one.variant.was_minor, one.variant.currency) if one.variant.was_minor else None,
    )


def _body(product: Product) -> MeasureTable:
    """Return whom each size fits.  One query, none without a guide."""
    if product.size_guide is None:
        return MeasureTable((), ())
    rows = _guide_rows().filter(guide=product.size_guide)
    return _table({(size, Column(*column)): Range(low, high) for size, low, high, *column in rows})


@cache
def _guide_rows() -> QuerySet[SizeGuideRow, tuple[Any, ...]]:
    rows = SizeGuideRow.objects.order_by("size__position", "definition__position", "id")
    return rows.values_list("size__label", "body_min_mm", "body_max_mm", *_COLUMN)


def _measures(shown: list[_Form]) -> list[_Measure]:
    """Return what the shown forms measure, in the order of the columns.  One query."""
    forms = {one.variant.pk: one for one in shown}
    rows = _measured().filter(variant__in=list(forms))
    return [_Measure(forms[pk], kind, Column(*column), Range(mm, mm)) for pk, kind, mm, *column in rows]


@cache
def _measured() -> QuerySet[VariantMeasurement, tuple[Any, ...]]:
    rows = VariantMeasurement.objects.order_by("definition__position", "id")
    return rows.values_list("variant_id", "definition__kind", "value_mm", *_COLUMN)


def _garment(measures: list[_Measure]) -> MeasureTable:
    """Return what each size measures, for garments; sizes in shop order."""
    ours = [one for one in measures if one.form.size and one.kind == MeasurementDefinition.Kind.GARMENT]
    ours.sort(key=lambda one: (one.form.variant.position, one.form.variant.pk))
    return _table({(one.form.size, one.column): one.range for one in ours})


def _piece(measures: list[_Measure], form: _Form) -> tuple[tuple[Column, Range], ...]:
    """Return the measures of a piece without sizes."""
    return tuple(
        (one.column, one.range)
        for one in measures
        if one.form is form and one.kind == MeasurementDefinition.Kind.PRODUCT
    )


def _table(cells: dict[tuple[str, Column], Range]) -> MeasureTable:
    columns = tuple(dict.fromkeys(column for _, column in cells))
    sizes = tuple(dict.fromkeys(size for size, _ in cells))
    rows = tuple((size, tuple(cells.get((size, column)) for column in columns)) for size in sizes)
    return MeasureTable(columns, rows)
