"""The measures of one piece as a table: what its sizes and articles are called, and what is known of each."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from shop.models import MeasurementDefinition, Product, Variant, VariantMeasurement
from shop.queries.listing import options_of
from shop.rules.measure_table import Known


@dataclass(frozen=True)
class Measures:
    """`names` are the articles by size (small letters) or number; `values` millimetres by (article, code)."""

    known: Known
    labels: dict[str, str]
    values: dict[tuple[str, str], int]
    sizes: dict[str, str]


def measures_of(product: Product) -> Measures:
    """Return what is known of a piece, body measures left out: those belong to the size guide.  Four queries."""
    variants = dict(Variant.objects.filter(product=product).order_by("position", "id").values_list("pk", "sku"))
    articles: dict[str, list[str]] = defaultdict(list)
    sizes: dict[str, str] = {}
    for pk, options in options_of(variants).items():
        for option in options:
            articles[option.label.lower()].append(variants[pk])
            if option.type_code == "size":
                sizes[variants[pk]] = option.label
    for sku in variants.values():
        articles[sku.lower()].append(sku)
    definitions = MeasurementDefinition.objects.exclude(kind=MeasurementDefinition.Kind.BODY)
    labels = dict(definitions.order_by("position", "id").values_list("code", "label"))
    rows = VariantMeasurement.objects.filter(variant__product=product).order_by("definition__position", "id")
    values = {(sku, code): mm for sku, code, mm in rows.values_list("variant__sku", "definition__code", "value_mm")}
    known = Known({name: tuple(skus) for name, skus in articles.items()}, _named(labels, {of for _sku, of in values}))
    return Measures(known, labels, values, sizes)


def _named(labels: dict[str, str], used: set[str]) -> dict[str, str]:
    """Return the codes by label and by code; of several with one label, the one the piece is measured by already."""
    by_label = {labels[code].lower(): code for code in sorted(labels, key=lambda code: code in used)}
    return by_label | {code: code for code in labels}
