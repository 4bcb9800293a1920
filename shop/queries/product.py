"""Everything a product page shows, in a fixed number of queries."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Prefetch

from shop.models import MeasurementDefinition, OptionValue, Product, ProductImage, SizeGuideRow, Variant
from shop.models import VariantMeasurement as Measure
from shop.queries.listing import SIZE, sellable_variants
from shop.rules.availability import Availability, availability
from shop.rules.money import Money


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
    """A buyable variant of the chosen tone; `size` is empty when the product has no sizes."""

    variant: Variant
    size: str
    price: Money
    state: Availability
    left: int


@dataclass(frozen=True)
class Range:
    """A length from `low_mm` to `high_mm`; both are the same for a measure of the piece itself."""

    low_mm: int
    high_mm: int


@dataclass(frozen=True)
class MeasureTable:
    """Measures by size.  `rows` pairs a size with one cell a column; a cell is None where nothing was measured."""

    columns: tuple[MeasurementDefinition, ...]
    rows: tuple[tuple[str, tuple[Range | None, ...]], ...]


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
    piece: tuple[tuple[MeasurementDefinition, Range], ...]

    @property
    def has_sizes(self) -> bool:
        """Tell whether the shopper must choose a size."""
        return bool(self.choices and self.choices[0].size)

    @property
    def has_gaps(self) -> bool:
        """Tell whether one of the sizes is sold out."""
        return any(choice.state == Availability.SOLD_OUT for choice in self.choices)

    @property
    def lead(self) -> Choice:
        """Return the choice that stands for the product: the first one that can be bought, else the first."""
        buyable = (choice for choice in self.choices if choice.state != Availability.SOLD_OUT)
        return next(buyable, self.choices[0])


def product_view(slug: str, wanted: dict[str, str]) -> ProductView:
    """Return the product of a page; `wanted` holds the query of the address, such as {"glaze": "sage"}.

    An unknown tone is ignored: the first one that can be bought is shown.
    Seven queries, one less without a size guide.  Raises Product.DoesNotExist when nothing is on sale there.
    """
    product = (
        Product.objects.on_sale()
        .select_related("category", "size_guide")
        .prefetch_related(
            Prefetch("images", ProductImage.objects.select_related("option").order_by("position", "id")),
            Prefetch("variants", sellable_variants().prefetch_related(_measures())),
        )
        .get(slug=slug)
    )
    variants = list(product.variants.all())
    if not variants:
        raise Product.DoesNotExist(slug)
    images = list(product.images.all())
    chosen = _chosen_tone(variants, wanted)
    shown = [variant for variant in variants if _tone_of(variant) == chosen]
    return ProductView(
        product=product,
        option=chosen.type.name if chosen else "",
        tones=_tones(variants, images, chosen),
        choices=tuple(_choice(variant) for variant in shown),
        pictures=_pictures(images, chosen),
        body=_body(product),
        garment=_garment(shown),
        piece=_piece(shown[0]),
    )


def _measures() -> Prefetch[str]:
    return Prefetch(
        "measurements",
        Measure.objects.select_related("definition").order_by("definition__position", "id"),
    )


def _tone_of(variant: Variant) -> OptionValue | None:
    return next((value for value in variant.options.all() if value.type.code != SIZE), None)


def _size_of(variant: Variant) -> OptionValue | None:
    return next((value for value in variant.options.all() if value.type.code == SIZE), None)


def _left(variant: Variant) -> int:
    return int(variant.available)  # type: ignore[attr-defined]


def _chosen_tone(variants: list[Variant], wanted: dict[str, str]) -> OptionValue | None:
    tones = [tone for variant in variants if (tone := _tone_of(variant))]
    asked = [tone for tone in tones if wanted.get(tone.type.code) == tone.code]
    buyable = [tone for variant in variants if _left(variant) > 0 and (tone := _tone_of(variant))]
    return next(iter([*asked, *buyable, *tones]), None)


def _tones(variants: list[Variant], images: list[ProductImage], chosen: OptionValue | None) -> tuple[Tone, ...]:
    left: dict[OptionValue, int] = {}
    for variant in variants:
        if tone := _tone_of(variant):
            left[tone] = left.get(tone, 0) + max(_left(variant), 0)
    pictures = {image.option_id: image.path for image in reversed(images) if image.option_id}
    return tuple(
        Tone(
            label=tone.label,
            option=tone.type.code,
            code=tone.code,
            swatch=tone.swatch,
            picture=pictures.get(tone.pk, ""),
            chosen=tone == chosen,
            sold_out=pieces == 0,
        )
        for tone, pieces in left.items()
    )


def _choice(variant: Variant) -> Choice:
    size = _size_of(variant)
    return Choice(
        variant=variant,
        size=size.label if size else "",
        price=Money(variant.price_minor, variant.currency),
        state=availability(_left(variant), variant.making_days),
        left=_left(variant),
    )


def _pictures(images: list[ProductImage], chosen: OptionValue | None) -> tuple[ProductImage, ...]:
    """Return the chosen tone's pictures and the common ones; every picture when the tone has none of its own."""
    own = [image for image in images if chosen and image.option_id == chosen.pk]
    common = [image for image in images if image.option_id is None]
    details = [image for image in images if image.role == ProductImage.Role.DETAIL and image not in own]
    if own:
        # A colour with one picture borrows the close views: the cut is the same, and its words say what is shown.
        return (*own, *common, *([] if len(own) > 1 else details))
    return tuple(common or images)


def _body(product: Product) -> MeasureTable:
    """Return whom each size fits.  One query, none without a guide."""
    if product.size_guide is None:
        return MeasureTable((), ())
    rows = (
        SizeGuideRow.objects.filter(guide=product.size_guide)
        .select_related("size", "definition")
        .order_by("size__position", "definition__position", "id")
    )
    cells = {(row.size.label, row.definition): Range(row.body_min_mm, row.body_max_mm) for row in rows}
    return _table(cells)


def _garment(variants: list[Variant]) -> MeasureTable:
    """Return what each size measures, for garments."""
    cells: dict[tuple[str, MeasurementDefinition], Range] = {}
    for variant in variants:
        size = _size_of(variant)
        for measure in variant.measurements.all():
            if size and measure.definition.kind == MeasurementDefinition.Kind.GARMENT:
                cells[size.label, measure.definition] = Range(measure.value_mm, measure.value_mm)
    return _table(cells)


def _piece(variant: Variant) -> tuple[tuple[MeasurementDefinition, Range], ...]:
    """Return the measures of a piece without sizes."""
    return tuple(
        (measure.definition, Range(measure.value_mm, measure.value_mm))
        for measure in variant.measurements.all()
        if measure.definition.kind == MeasurementDefinition.Kind.PRODUCT
    )


def _table(cells: dict[tuple[str, MeasurementDefinition], Range]) -> MeasureTable:
    columns = tuple(dict.fromkeys(definition for _, definition in cells))
    sizes = tuple(dict.fromkeys(size for size, _ in cells))
    rows = tuple((size, tuple(cells.get((size, column)) for column in columns)) for size in sizes)
    return MeasureTable(columns, rows)
