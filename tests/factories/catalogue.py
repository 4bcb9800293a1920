"""Products with options and measures, on top of the smallest ones."""

from __future__ import annotations

from datetime import UTC, datetime

from shop.models import (
    MeasurementDefinition,
    OptionType,
    OptionValue,
    Product,
    ProductImage,
    SizeGuide,
    SizeGuideRow,
    Variant,
    VariantMeasurement,
)
from shop.operations.finding import keep_listings
from tests.factories.shop import ProductFactory, VariantFactory


def listed() -> None:
    """Let the sweep come by: what was changed until now can be found."""
    while keep_listings(datetime(2026, 1, 1, tzinfo=UTC)):
        pass


def option(kind: str, code: str, label: str, position: int = 0) -> OptionValue:
    """A choice such as ("colour", "sage", "Sage")."""
    names = {"size": "Size", "colour": "Colour", "glaze": "Glaze"}
    row, _ = OptionType.objects.get_or_create(code=kind, defaults={"name": names[kind], "position": kind == "size"})
    value, _ = OptionValue.objects.get_or_create(type=row, code=code, defaults={"label": label, "position": position})
    return value


def definition(code: str, label: str, kind: str, position: int = 0) -> MeasurementDefinition:
    """What is measured."""
    row, _ = MeasurementDefinition.objects.get_or_create(
        code=code, defaults={"label": label, "kind": kind, "position": position}
    )
    return row


def tee(slug: str = "tee", *, stock: dict[str, int] | None = None, **fields: object) -> Product:
    """A T-shirt in sage and ink, sizes S and M, with a guide, measures and a picture a colour.

    `stock` overrides the 20 pieces of "sage/s", "sage/m", "ink/s", "ink/m".
    """
    shelf = dict.fromkeys(("sage/s", "sage/m", "ink/s", "ink/m"), 20) | (stock or {})
    guide, created = SizeGuide.objects.get_or_create(code="tee", defaults={"name": "T-shirts", "note": "A width."})
    chest = definition("body-chest", "Your chest", "body")
    width = definition("garment-width", "Width", "garment", 1)
    sizes = {"s": option("size", "s", "S", 0), "m": option("size", "m", "M", 1)}
    colours = {"sage": option("colour", "sage", "Sage", 0), "ink": option("colour", "ink", "Ink", 1)}
    if created:
        for step, size in enumerate(sizes.values()):
            SizeGuideRow.objects.create(
                guide=guide, size=size, definition=chest, body_min_mm=860 + 60 * step, body_max_mm=920 + 60 * step
            )
    product: Product = ProductFactory(slug=slug, name="Everyday tee", size_guide=guide, picture=None, **fields)
    product.images.all().delete()
    for position, (code, colour) in enumerate(colours.items()):
        ProductImage.objects.create(
            product=product,
            option=colour,
            path=f"demo/products/tee-{code}-800.webp",
            alt=f"Tee in {code}",
            position=position,
        )
    for position, (key, pieces) in enumerate(shelf.items()):
        colour, size = key.split("/")
        variant: Variant = VariantFactory(
            product=product, sku=f"{slug}-{key}", price_minor=3800, position=position, stock=pieces
        )
        variant.options.set([colours[colour], sizes[size]])
        VariantMeasurement.objects.create(variant=variant, definition=width, value_mm=460 if size == "s" else 490)
    return product
