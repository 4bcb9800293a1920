"""Sizes of a product's variants."""

from __future__ import annotations

from collections.abc import Sequence

from shop.models import OptionValue
from shop.queries.listing import SIZE


def sizes_of(product_id: int) -> dict[int, str]:
    """Return the size of each variant that has one, by variant id, in the order of sizes.  One query."""
    rows = OptionValue.objects.filter(type__code=SIZE, variants__product=product_id)
    return dict(rows.order_by("position", "id").values_list("variants__id", "label"))


def places_of(variant_ids: Sequence[int]) -> dict[int, float]:
    """Return the place of each variant's size in the run of sizes; variants without a size are left out.  One query."""
    rows = OptionValue.objects.filter(type__code=SIZE, variants__in=set(variant_ids)).order_by("id")
    return {pk: float(place) for pk, place in rows.values_list("variants__id", "position")}
