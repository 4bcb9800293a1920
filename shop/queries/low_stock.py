"""Which shelves run low: one statement over the levels of what is on sale and the movements of four weeks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import F, Sum

from shop.models import LowStock, StockLevel
from shop.queries.stock import Expected, next_arrivals
from shop.rules.availability import FEW
from shop.rules.low_stock import LASTS_DAYS, LOOKS_BACK_DAYS, Pace

MOST = 200

# What was spoken for and not let go again counts as sold: a piece that is ordered is gone from the shelf.
_LOW = """
    WITH sold AS (
        SELECT level_id, sum(allocated_delta) AS pieces FROM shop_stockmovement
        WHERE kind IN ('allocated', 'released') AND moved_at >= %(since)s GROUP BY level_id
    ), paces AS (
        SELECT level.variant_id, sum(level.on_hand - level.allocated) AS free,
            coalesce(sum(sold.pieces), 0) AS sold
        FROM shop_stocklevel level LEFT JOIN sold ON sold.level_id = level.id
        WHERE level.policy = 'deny' GROUP BY level.variant_id
    )
    SELECT variant.id, variant.sku, product.name, variant.label, paces.free, paces.sold
    FROM paces JOIN shop_variant variant ON variant.id = paces.variant_id AND variant.active
    JOIN shop_product product ON product.id = variant.product_id AND product.published
    WHERE CASE WHEN paces.sold <= 0 THEN paces.free <= 0
        ELSE paces.free <= %(few)s OR paces.free * %(back)s < paces.sold * %(lasts)s END
    ORDER BY (paces.sold <= 0), paces.free::numeric / greatest(paces.sold, 1), variant.sku, variant.id LIMIT %(most)s
"""


@dataclass(frozen=True)
class LowShelf:
    """An article that runs low, and what is on its way."""

    variant_id: int
    sku: str
    what: str
    pace: Pace
    expected: Expected | None


def low_shelves(at: datetime, most: int = MOST) -> Sequence[LowShelf]:
    """Return what runs low by `rules/low_stock.py`, what sells best and is nearest to its end first.

    Made to order is left out.  Two queries; the first reads four weeks of movements by the index `movement_sold`.
    """
    values: dict[str, datetime | int] = {
        "since": at - timedelta(days=LOOKS_BACK_DAYS), "few": FEW, "back": LOOKS_BACK_DAYS, "lasts": LASTS_DAYS,
        "most": most,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_LOW, values)
        rows = cursor.fetchall()
    coming = next_arrivals([row[0] for row in rows], today=at.date())
    return [
        LowShelf(pk, sku, f"{name}, {label}" if label else name, Pace(int(free), int(sold)), coming.get(pk))
        for pk, sku, name, label, free, sold in rows
    ]


@dataclass(frozen=True)
class ToRefill:
    """An open task: an article with as few free pieces as somebody said, since when, and what is on its way."""

    sku: str
    what: str
    free: int
    low_at: int
    since: datetime
    expected: Expected | None


def to_refill(at: datetime, most: int = MOST) -> Sequence[ToRefill]:
    """Return the open tasks, the longest open first.  Three queries."""
    tasks = LowStock.objects.filter(closed_at=None).select_related("variant__product")
    rows = list(tasks.order_by("opened_at", "id")[:most])
    ids = [row.variant_id for row in rows]
    free = dict(
        StockLevel.objects.filter(variant__in=ids)
        .values("variant")
        .annotate(free=Sum(F("on_hand") - F("allocated")))
        .values_list("variant", "free")
        .order_by("variant")
    )
    coming = next_arrivals(ids, today=at.date())
    return [
        ToRefill(
            row.variant.sku,
            f"{row.variant.product.name}, {row.variant.label}" if row.variant.label else row.variant.product.name,
            free.get(row.variant_id, 0),
            row.low_at,
            row.opened_at,
            coming.get(row.variant_id),
        )
        for row in rows
    ]
