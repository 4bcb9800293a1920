"""What a page shows of a variant's measures, as an order line keeps it."""

from __future__ import annotations

from collections.abc import Iterable

from shop.models import VariantMeasurement


def measures_of(variant_ids: Iterable[int]) -> dict[int, dict[str, dict[str, object]]]:
    """Return what the page showed of each variant's measures: code -> label, millimetres, tolerance.  One query."""
    found: dict[int, dict[str, dict[str, object]]] = {}
    rows = VariantMeasurement.objects.filter(variant_id__in=list(variant_ids)).select_related("definition")
    for row in rows.order_by("definition__position", "id"):
        found.setdefault(row.variant_id, {})[row.definition.code] = {
            "label": row.definition.label,
            "value_mm": row.value_mm,
            "tolerance_mm": row.tolerance_mm,
        }
    return found
