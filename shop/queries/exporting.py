"""The catalogue as the table an import reads: what goes out comes back in unchanged."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from shop.models import Variant, VariantMeasurement
from shop.queries.listing import options_of
from shop.rules.catalogue_file import COLUMNS, MEASURE, PRODUCT_COLUMNS, safe
from shop.rules.money import Money, plain_amount

BATCH = 1_000


def catalogue_rows() -> Iterator[list[str]]:
    """Yield the names of the columns, then a line for each variant, by shelf.  Three queries a thousand variants."""
    codes = list(
        VariantMeasurement.objects.order_by("definition__position", "definition__code")
        .values_list("definition__code", flat=True)
        .distinct()
    )
    yield [*COLUMNS, *(MEASURE + code for code in codes)]
    order = ("product__category__position", "product__position", "product_id", "position", "id")
    ids = list(Variant.objects.order_by(*order).values_list("pk", flat=True))
    for start in range(0, len(ids), BATCH):
        yield from _lines(ids[start : start + BATCH], codes)


def _lines(ids: list[int], codes: list[str]) -> Iterator[list[str]]:
    found = Variant.objects.select_related("product__category").in_bulk(ids)
    options = options_of(ids)
    measured: dict[int, dict[str, int]] = defaultdict(dict)
    rows = VariantMeasurement.objects.filter(variant__in=ids).order_by("id")
    for variant, code, mm in rows.values_list("variant_id", "definition__code", "value_mm"):
        measured[variant][code] = mm
    for pk in ids:
        chosen = "; ".join(f"{one.type_code}={one.code}" for one in options.get(pk, ()))
        yield [safe(cell) for cell in _line(found[pk], chosen, [str(measured[pk].get(code, "")) for code in codes])]


def _line(variant: Variant, chosen: str, lengths: list[str]) -> list[str]:
    product = variant.product
    of_product = {name: getattr(product, name) for name in PRODUCT_COLUMNS if name not in {"category", "published"}}
    said = {
        "product": product.slug,
        "category": product.category.slug,
        **of_product,
        "published": _yes(product.published),
        "sku": variant.sku,
        "options": chosen,
        "label": variant.label,
        "price": plain_amount(Money(variant.price_minor, variant.currency)),
        "currency": variant.currency,
        "content": f"{variant.content_amount} {variant.content_unit}" if variant.content_amount else "",
        "weight_g": str(variant.weight_g),
        "making_days": str(variant.making_days),
        "low_at": "" if variant.low_at is None else str(variant.low_at),
        "position": str(variant.position),
        "active": _yes(variant.active),
    }
    return [*(said[name] for name in COLUMNS), *lengths]


def _yes(value: bool) -> str:
    return "yes" if value else "no"
