"""Lay the demo shop's catalogue: shelves, options, measures, pieces, pictures and stock.

Everything is added by its natural key and never overwritten: a second run changes nothing, and a price a person has
changed in the meantime stays changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import product as pairs
from zlib import crc32

from django.db import transaction

from shop.demo.catalogue import PIECES
from shop.demo.measures import DEFINITIONS, GUIDES, MATERIALS, OPTIONS, SHELVES, SIZES, TONES
from shop.demo.shapes import Piece
from shop.models import (
    Category,
    FibreShare,
    Material,
    MeasurementDefinition,
    OptionType,
    OptionValue,
    Pairing,
    Product,
    ProductImage,
    SizeGuide,
    SizeGuideRow,
    SizeName,
    StockLevel,
    StockLocation,
    Variant,
    VariantMeasurement,
)
from shop.operations.finding import keep_listings
from shop.operations.stock import Wanted, receive

MADE_TO_ORDER_LIMIT = 20  # pieces that may be promised before they are made
_PRODUCTS = "demo/products/"
_DIAGRAMS = "demo/diagrams/"


@dataclass(frozen=True)
class _Words:
    """The rows every piece refers to, by code."""

    shelves: dict[str, Category]
    options: dict[tuple[str, str], OptionValue]
    guides: dict[str, SizeGuide]
    definitions: dict[str, MeasurementDefinition]


def seed_catalogue(at: datetime) -> str:
    """Add the demo pieces that are missing.  Returns what is there now, in words."""
    return _findable(seed_pieces(pieces=PIECES, at=at), at)


def seed_more(*, extra: int, at: datetime) -> str:
    """Add `extra` plain copies of the demo pieces under their own addresses, for measuring a big shop."""
    return _findable(seed_pieces(pieces=_copies(extra), at=at), at)


def _findable(said: str, at: datetime) -> str:
    """Make the listings at once: the first visitor may come before the first sweep."""
    while keep_listings(at):
        pass
    return said


@transaction.atomic
def seed_pieces(*, pieces: Iterable[Piece], at: datetime) -> str:
    """Add the given pieces with their variants, pictures, measures and stock."""
    words = _seed_words()
    listed = list(pieces)
    offset = Product.objects.count()
    Product.objects.bulk_create(
        [_product(piece, words, position) for position, piece in enumerate(listed, start=offset)],
        ignore_conflicts=True,
    )
    slugs = [piece.slug for piece in listed]
    products = {row.slug: row for row in Product.objects.filter(slug__in=slugs).order_by("id")}
    _seed_materials(listed, products)
    _seed_pairings(listed, products)
    _seed_pictures(listed, products, words)
    _seed_variants(listed, products, words, at)
    return f"{Product.objects.count()} products, {Variant.objects.count()} variants"


def _seed_words() -> _Words:
    Category.objects.bulk_create(
        [
            Category(
                slug=shelf.slug,
                name=shelf.name,
                intro=shelf.intro,
                image=f"{_PRODUCTS}{shelf.picture}-800.webp",
                image_alt=shelf.alt,
                position=position,
            )
            for position, shelf in enumerate(SHELVES)
        ],
        ignore_conflicts=True,
    )
    definitions = _seed_definitions()
    options = _seed_options()
    guides = _seed_guides(options, definitions)
    shelves = {row.slug: row for row in Category.objects.order_by("id")}
    return _Words(shelves, options, guides, definitions)


def _seed_definitions() -> dict[str, MeasurementDefinition]:
    MeasurementDefinition.objects.bulk_create(
        [
            MeasurementDefinition(
                code=code,
                label=label,
                kind=kind,
                how_to=how_to,
                diagram=f"{_DIAGRAMS}{drawing}.svg" if drawing else "",
                position=position,
            )
            for position, (code, (label, kind, how_to, drawing)) in enumerate(DEFINITIONS.items())
        ],
        ignore_conflicts=True,
    )
    return {row.code: row for row in MeasurementDefinition.objects.order_by("id")}


def _seed_options() -> dict[tuple[str, str], OptionValue]:
    OptionType.objects.bulk_create(
        [OptionType(code=code, name=name, position=position) for position, (code, name) in enumerate(OPTIONS.items())],
        ignore_conflicts=True,
    )
    types = {row.code: row for row in OptionType.objects.order_by("id")}
    values = [
        OptionValue(type=types["size"], code=code, label=label, position=position)
        for position, (code, label) in enumerate(SIZES.items())
    ]
    for option in {piece.option for piece in PIECES if piece.tones}:
        values += [
            OptionValue(type=types[option], code=code, label=tone.label, swatch=tone.swatch, position=position)
            for position, (code, tone) in enumerate(TONES.items())
        ]
    OptionValue.objects.bulk_create(values, ignore_conflicts=True)
    rows = OptionValue.objects.select_related("type").order_by("id")
    return {(row.type.code, row.code): row for row in rows}


def _seed_guides(
    options: dict[tuple[str, str], OptionValue], definitions: dict[str, MeasurementDefinition]
) -> dict[str, SizeGuide]:
    SizeGuide.objects.bulk_create(
        [
            SizeGuide(
                code=guide.code,
                name=guide.name,
                diagram=f"{_DIAGRAMS}{guide.diagram}.svg",
                diagram_alt=guide.diagram_alt,
                note=guide.note,
            )
            for guide in GUIDES
        ],
        ignore_conflicts=True,
    )
    guides = {row.code: row for row in SizeGuide.objects.filter(version=1).order_by("id")}
    SizeGuideRow.objects.bulk_create(
        [
            SizeGuideRow(
                guide=guides[guide.code],
                size=options["size", size],
                definition=definitions[code],
                body_min_mm=low,
                body_max_mm=high,
            )
            for guide in GUIDES
            for size, ranges in guide.rows.items()
            for code, (low, high) in ranges.items()
        ],
        ignore_conflicts=True,
    )
    SizeName.objects.bulk_create(
        [
            SizeName(guide=guides[guide.code], size=options["size", size], system=system, name=name)
            for guide in GUIDES
            for size, names in guide.names.items()
            for system, name in names.items()
        ],
        ignore_conflicts=True,
    )
    return guides


def _product(piece: Piece, words: _Words, position: int) -> Product:
    return Product(
        category=words.shelves[piece.shelf],
        name=piece.name,
        slug=piece.slug,
        summary=piece.summary,
        story=piece.story,
        maker=piece.maker,
        maker_note=piece.maker_note,
        origin=piece.origin,
        material=piece.material,
        fabric_weight_gsm=piece.gsm,
        care="\n".join(piece.care),
        fit=piece.fit,
        cut=piece.cut,
        stretch=piece.stretch,
        sheerness=piece.sheerness,
        lining=piece.lining,
        shrinks_percent=piece.shrinks,
        selling_points="\n".join(piece.points),
        size_guide=words.guides[piece.guide] if piece.guide else None,
        published=True,
        position=position,
    )


def _seed_materials(pieces: list[Piece], products: dict[str, Product]) -> None:
    """Tie each piece to the materials its composition names."""
    Material.objects.bulk_create(
        [Material(code=code, name=name, position=place) for place, (code, name) in enumerate(MATERIALS.items())],
        ignore_conflicts=True,
    )
    rows = {row.code: row for row in Material.objects.filter(code__in=MATERIALS).order_by("id")}
    through = Product.materials.through
    through.objects.bulk_create(
        [
            through(product_id=products[piece.slug].pk, material_id=rows[code].pk)
            for piece in pieces
            for code in MATERIALS
            if code in piece.material.lower()
        ],
        ignore_conflicts=True,
    )
    FibreShare.objects.bulk_create(
        [
            FibreShare(product=products[piece.slug], part=part, material=rows[code], percent=percent)
            for piece in pieces
            for part, code, percent in piece.fibres
        ],
        ignore_conflicts=True,
    )


def _seed_pairings(pieces: list[Piece], products: dict[str, Product]) -> None:
    """Lay beside each piece what it goes with; pieces that are not there are left out."""
    Pairing.objects.bulk_create(
        [
            Pairing(product=products[piece.slug], other=products[slug], position=position)
            for piece in pieces
            for position, slug in enumerate(piece.goes_with)
            if slug in products
        ],
        ignore_conflicts=True,
    )


def _seed_pictures(pieces: list[Piece], products: dict[str, Product], words: _Words) -> None:
    """Hang pictures on products that have none yet."""
    done = set(ProductImage.objects.filter(product__in=products.values()).values_list("product__slug", flat=True))
    ProductImage.objects.bulk_create(
        [
            ProductImage(
                product=products[piece.slug],
                option=words.options[piece.option, picture.tone] if picture.tone else None,
                path=f"{_PRODUCTS}{picture.file}-800.webp",
                alt=picture.alt,
                role=picture.role,
                position=position,
            )
            for piece in pieces
            if piece.slug not in done
            for position, picture in enumerate(piece.pictures)
        ]
    )


@dataclass(frozen=True)
class _Form:
    """One buyable form of a piece, before it has a row."""

    piece: Piece
    tone: str
    size: str
    position: int

    @property
    def sku(self) -> str:
        return "-".join(part for part in (self.piece.slug, self.tone, self.size) if part).upper()[:40]

    @property
    def label(self) -> str:
        words = [TONES[self.tone].label] if self.tone else []
        return ", ".join(words + ([SIZES[self.size]] if self.size else []))

    @property
    def on_hand(self) -> int:
        """Pieces on the shelf: the exception of the data, none when made to order, else 4 to 17 by article number."""
        if self.piece.making_days:
            return 0
        return self.piece.stock.get(f"{self.tone}/{self.size}", 4 + crc32(self.sku.encode()) % 14)


def _forms(piece: Piece) -> Iterator[_Form]:
    for position, (tone, size) in enumerate(pairs(piece.tones or ("",), piece.sizes or ("",))):
        yield _Form(piece, tone, size, position)


def _seed_variants(pieces: list[Piece], products: dict[str, Product], words: _Words, at: datetime) -> None:
    forms = {form.sku: form for piece in pieces for form in _forms(piece)}
    known = set(Variant.objects.filter(sku__in=forms).values_list("sku", flat=True))
    new = [form for sku, form in forms.items() if sku not in known]
    Variant.objects.bulk_create(
        [
            Variant(
                product=products[form.piece.slug],
                sku=form.sku,
                label=form.label,
                price_minor=form.piece.price_minor,
                weight_g=form.piece.weight_g,
                making_days=form.piece.making_days,
                position=form.position,
            )
            for form in new
        ]
    )
    rows = {row.sku: row for row in Variant.objects.filter(sku__in=[form.sku for form in new]).order_by("id")}
    _seed_options_of(new, rows, words)
    _seed_measures(new, rows, words)
    _seed_stock(new, rows, at)


def _seed_options_of(forms: list[_Form], rows: dict[str, Variant], words: _Words) -> None:
    through = Variant.options.through
    links = []
    for form in forms:
        if form.tone:
            value = words.options[form.piece.option, form.tone]
            links.append(through(variant_id=rows[form.sku].pk, optionvalue_id=value.pk))
        if form.size:
            value = words.options["size", form.size]
            links.append(through(variant_id=rows[form.sku].pk, optionvalue_id=value.pk))
    through.objects.bulk_create(links, ignore_conflicts=True)


def _seed_measures(forms: list[_Form], rows: dict[str, Variant], words: _Words) -> None:
    VariantMeasurement.objects.bulk_create(
        [
            VariantMeasurement(
                variant=rows[form.sku],
                definition=words.definitions[code],
                value_mm=value,
                tolerance_mm=10 if code.startswith("garment-") else 5,
            )
            for form in forms
            for code, value in form.piece.measures.get(form.size, form.piece.measures.get("", {})).items()
        ],
        ignore_conflicts=True,
    )


def _seed_stock(forms: list[_Form], rows: dict[str, Variant], at: datetime) -> None:
    location, _ = StockLocation.objects.get_or_create(code="studio", defaults={"name": "Studio shelf, Porto"})
    StockLevel.objects.bulk_create(
        [
            StockLevel(
                variant=rows[form.sku],
                location=location,
                policy=StockLevel.Policy.MADE_TO_ORDER if form.piece.making_days else StockLevel.Policy.DENY,
                oversell_limit=MADE_TO_ORDER_LIMIT if form.piece.making_days else 0,
            )
            for form in forms
        ],
        ignore_conflicts=True,
    )
    for form in forms:
        if form.on_hand:
            item = Wanted(rows[form.sku].pk, form.on_hand, f"seed:{form.sku}")
            receive(item=item, at=at, reason="Opening stock")


def _copies(extra: int) -> Iterator[Piece]:
    """Yield numbered copies of the pieces with at most two sizes, so that `extra` counts products, not variants."""
    for number in range(extra):
        piece = PIECES[number % len(PIECES)]
        yield replace(
            piece,
            slug=f"c{number + 1}-{piece.slug}"[:20],
            name=f"{piece.name} no. {number + 1}",
            sizes=piece.sizes[1:3],
            tones=piece.tones[:1],
            stock={},
        )
