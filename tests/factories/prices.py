"""Reductions, and a history of prices as if the shop had been open for long."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection

from shop.models import PriceInterval, Reduction, Variant
from tests.factories.shop import VariantFactory


def priced_since(variant: Variant, *steps: tuple[int, datetime]) -> None:
    """Write the history of a variant anew: each price from its moment on, the last one holds.  Past the guard."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("DELETE FROM shop_priceinterval WHERE variant_id = %s", [variant.pk])
        ends = [at for _price, at in steps[1:]]
        PriceInterval.objects.bulk_create(
            PriceInterval(variant=variant, price_minor=price, currency=variant.currency, starts_at=at, ends_at=end)
            for (price, at), end in zip(steps, [*ends, None], strict=True)
        )
        Variant.objects.filter(pk=variant.pk).update(price_minor=steps[-1][0])
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")
    variant.refresh_from_db()


def a_reduction(
    *variants: Variant, at: datetime, percent_bp: int = 2000, days: int = 10, known_days: int = 60, **fields: object
) -> Reduction:
    """A draft of 20 % off some variants' products (a mug unless told) from `at` on, their prices known long enough."""
    variants = variants or (VariantFactory(),)
    for variant in variants:
        if known_days:
            priced_since(variant, (variant.price_minor, at - timedelta(days=known_days)))
    values: dict[str, object] = {"starts_at": at, "ends_at": at + timedelta(days=days), "percent_bp": percent_bp}
    reduction: Reduction = Reduction.objects.create(name="Winter", **(values | fields))
    reduction.products.set({variant.product for variant in variants})
    return reduction
