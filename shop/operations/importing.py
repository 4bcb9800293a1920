"""Bring a table into the catalogue: everything or nothing, and a look at what it would do first.

Source: commerce reference 1 (import and export).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection, transaction

from shop.models import Category, MeasurementDefinition, OptionValue, Product, User, Variant, VariantMeasurement
from shop.operations.events import record_event
from shop.queries.listing import options_of
from shop.rules.catalogue_file import BadFile, Piece

BATCH = 500
_NEW_PRODUCT = ("name", "category", "summary")  # what a product cannot be without
_TURN = 0x6B70_0001  # advisory lock: one import at a time

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Outcome:
    """How many products and variants were new, changed, or as they are."""

    new_products: int
    changed_products: int
    new_variants: int
    changed_variants: int
    unchanged_variants: int


class _Undo(Exception):
    """Takes back what a look wrote."""


@dataclass
class _Plan:
    """The rows of a file beside what is there."""

    pieces: Sequence[Piece]
    categories: dict[str, Category]
    values: dict[tuple[str, str], OptionValue]
    definitions: dict[str, MeasurementDefinition]
    products: dict[str, Product]
    variants: dict[str, Variant]
    problems: list[str] = field(default_factory=list)


def import_catalogue(
    *,
    pieces: Sequence[Piece],
    by: User | None,
    at: datetime,
    dry_run: bool = False,
    progress: Progress = lambda done, total: None,
) -> Outcome:
    """Write every line of a file, or none; `dry_run` writes, counts and takes it all back.

    One import at a time; a variant somebody changes meanwhile is waited for.  `progress` is told how many lines are
    done, of how many.  Raises BadFile with every line that is wrong.
    """
    outcome: Outcome | None = None
    try:
        with transaction.atomic():
            take_turn()
            outcome = _write(_planned(pieces), by, at, progress)
            if dry_run:
                raise _Undo
    except _Undo:
        pass
    if outcome is None:
        raise AssertionError("an import ends with an outcome or with a refusal")
    return outcome


def take_turn() -> None:
    """Wait until nobody else writes many variants at once, and hold the turn to the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_TURN])


def _planned(pieces: Sequence[Piece]) -> _Plan:
    """Read what the file speaks of, locked by id, and say what is wrong.  Raises BadFile."""
    slugs, skus = {piece.slug for piece in pieces}, {piece.sku for piece in pieces}
    values = OptionValue.objects.select_related("type").order_by("id")
    plan = _Plan(
        pieces,
        {row.slug: row for row in Category.objects.order_by("id")},
        {(row.type.code, row.code): row for row in values},
        {row.code: row for row in MeasurementDefinition.objects.order_by("id")},
        {row.slug: row for row in Product.objects.select_for_update(no_key=True).filter(slug__in=slugs).order_by("id")},
        {row.sku: row for row in Variant.objects.select_for_update(no_key=True).filter(sku__in=skus).order_by("id")},
    )
    seen: set[str] = set(plan.products)
    for piece in pieces:
        plan.problems += [f"Line {piece.line}, {name}: {what}." for name, what in _wrong(piece, plan, seen)]
        seen.add(piece.slug)
    if plan.problems:
        raise BadFile(*plan.problems)
    return plan


def _wrong(piece: Piece, plan: _Plan, seen: set[str]) -> Iterable[tuple[str, str]]:
    """Yield (column, what is wrong) of a line beside what is there."""
    yield from _wrong_product(piece, plan, is_new=piece.slug not in seen)
    yield from _wrong_variant(piece, plan)
    for kind, value in piece.options or ():
        if (kind, value) not in plan.values:
            yield "options", f"there is no {kind}={value}; add it under Options first"


def _wrong_product(piece: Piece, plan: _Plan, *, is_new: bool) -> Iterable[tuple[str, str]]:
    category = piece.product.get("category")
    if category and category not in plan.categories:
        yield "category", f"there is no category at the address “{category}”"
    for name in _NEW_PRODUCT if is_new else ():
        if not piece.product.get(name):
            yield name, f"{piece.slug} is new and needs it"


def _wrong_variant(piece: Piece, plan: _Plan) -> Iterable[tuple[str, str]]:
    variant, price = plan.variants.get(piece.sku), piece.variant.get("price_minor")
    if variant is None:
        if price is None:
            yield "price", f"{piece.sku} is new and needs it"
        return
    product = plan.products.get(piece.slug)
    if product is None or variant.product_id != product.pk:
        yield "sku", f"{piece.sku} belongs to another product"
    # A lower one would be honest, but it would stay when the reduction ends: nobody who types it means that.
    if variant.was_minor is not None and isinstance(price, int) and price != variant.price_minor:
        yield "price", f"{piece.sku} is sold as reduced; end the reduction, then change the price"


def _write(plan: _Plan, by: User | None, at: datetime, progress: Progress) -> Outcome:
    new_products, changed_products = _write_products(plan)
    new, changed = _write_variants(plan)
    touched = {row.sku for row in [*new, *changed]}
    total = len(plan.pieces)
    for start in range(0, total, BATCH):
        some = plan.pieces[start : start + BATCH]
        touched |= _write_options(plan, some) | _write_measures(plan, some)
        progress(min(start + BATCH, total), total)
    made = {row.sku for row in new}
    outcome = Outcome(new_products, changed_products, len(made), len(touched - made), total - len(touched))
    record_event(
        name="shop.catalogue.imported",
        subject="shop.catalogue:all",
        payload={"lines": total, "new": outcome.new_variants, "changed": outcome.changed_variants},
        actor=by,
        at=at,
    )
    return outcome


def _write_products(plan: _Plan) -> tuple[int, int]:
    """Write the products; return how many are new and how many changed."""
    new: dict[str, Product] = {}
    changed: dict[str, Product] = {}
    fields: set[str] = set()
    for piece in plan.pieces:
        values = dict(piece.product)
        if "category" in values:
            values["category_id"] = plan.categories[str(values.pop("category"))].pk
        product = plan.products.get(piece.slug) or new.get(piece.slug)
        if product is None:
            new[piece.slug] = Product(slug=piece.slug, **values)
            continue
        different = {name: value for name, value in values.items() if _said(getattr(product, name)) != _said(value)}
        for name, value in different.items():
            setattr(product, name, value)
        if different and product.pk:
            changed[piece.slug] = product
            fields |= {"category" if name == "category_id" else name for name in different}
    Product.objects.bulk_create(new.values(), batch_size=BATCH)
    if changed:
        Product.objects.bulk_update(changed.values(), sorted(fields), batch_size=BATCH)
    plan.products |= new
    return len(new), len(changed)


def _said(value: object) -> object:
    return value.strip() if isinstance(value, str) else value


def _write_variants(plan: _Plan) -> tuple[list[Variant], list[Variant]]:
    """Write the variants; return those that are new and those that changed."""
    new, changed, fields = [], [], set()
    for piece in plan.pieces:
        variant = plan.variants.get(piece.sku)
        values = dict(piece.variant)
        if variant is None:
            values.setdefault("label", _label(plan, piece))
            new.append(Variant(product=plan.products[piece.slug], sku=piece.sku, **values))
            continue
        different = {name: value for name, value in values.items() if _said(getattr(variant, name)) != _said(value)}
        for name, value in different.items():
            setattr(variant, name, value)
        if different:
            changed.append(variant)
            fields |= set(different)
    Variant.objects.bulk_create(new, batch_size=BATCH)
    if changed:
        Variant.objects.bulk_update(changed, sorted(fields), batch_size=BATCH)
    plan.variants |= {row.sku: row for row in new}
    return new, changed


def _label(plan: _Plan, piece: Piece) -> str:
    return ", ".join(plan.values[pair].label for pair in piece.options or ())[:120]


def _write_options(plan: _Plan, pieces: Sequence[Piece]) -> set[str]:
    """Give each variant the options its line names, in place of those it had; return the articles that changed."""
    named = {plan.variants[piece.sku].pk: piece for piece in pieces if piece.options is not None}
    known = options_of(named)
    through = Variant.options.through
    fresh, gone, touched = [], [], set()
    for pk, piece in named.items():
        wanted = {plan.values[pair].pk for pair in piece.options or ()}
        had = {option.id for option in known.get(pk, ())}
        if wanted != had:
            touched.add(piece.sku)
            gone.append(pk)
            fresh += [through(variant_id=pk, optionvalue_id=value) for value in sorted(wanted)]
    through.objects.filter(variant__in=gone).delete()
    through.objects.bulk_create(fresh, batch_size=BATCH)
    return touched


def _write_measures(plan: _Plan, pieces: Sequence[Piece]) -> set[str]:
    """Write the measures; return the articles that changed.  The tolerance stays as it is."""
    ids = [plan.variants[piece.sku].pk for piece in pieces if piece.measures]
    known = {
        (variant, code): mm
        for variant, code, mm in VariantMeasurement.objects.filter(variant__in=ids)
        .order_by("id")
        .values_list("variant_id", "definition__code", "value_mm")
    }
    rows, touched = [], set()
    for piece in pieces:
        for code, mm in piece.measures.items():
            pk = plan.variants[piece.sku].pk
            if known.get((pk, code)) != mm:
                rows.append(VariantMeasurement(variant_id=pk, definition=plan.definitions[code], value_mm=mm))
                touched.add(piece.sku)
    VariantMeasurement.objects.bulk_create(
        rows,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["variant", "definition"],
        update_fields=["value_mm"],
    )
    return touched
