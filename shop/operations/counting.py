"""Stock counts: walk along the shelves, write down what lies there, look at the differences, book them.

Each number is compared with the books at the moment it was written down, so that parcels may leave while people count.
Source: commerce reference d.2 (kind `adjusted`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from shop.models import StockCount, StockCountLine, StockLevel, User
from shop.operations import stock
from shop.operations.events import record_event

State = StockCount.State


class CountClosed(Exception):
    """This count is booked or was dropped; nothing was changed."""


class NothingToCount(Exception):
    """No shelf of this location holds such things."""


@transaction.atomic
def start_count(*, location_id: int, category_id: int | None, by: User, at: datetime) -> StockCount:
    """Begin a count of a location, or of one category there.  Raises NothingToCount."""
    levels = StockLevel.objects.filter(location_id=location_id)
    if category_id:
        levels = levels.filter(variant__product__category=category_id)
    ids = list(levels.order_by("variant__sku", "id").values_list("pk", flat=True))
    if not ids:
        raise NothingToCount
    found = StockCount.objects.create(location_id=location_id, category_id=category_id, started_by=by, started_at=at)
    StockCountLine.objects.bulk_create([StockCountLine(stock_count=found, level_id=level_id) for level_id in ids])
    record_event(name="shop.stock-count.started", subject=f"shop.stockcount:{found.pk}", at=at, actor=by)
    return found


@transaction.atomic
def write_down(*, count_id: int, counted: Mapping[int, int], by: User, at: datetime) -> int:
    """Write down what lies on some shelves, by line id, beside what the books say now; return how many were new.

    A number that was written down before and is the same keeps its moment.  Raises CountClosed.
    """
    _lock(count_id)
    rows = StockCountLine.objects.filter(stock_count=count_id, pk__in=counted).select_related("level")
    new = [row for row in rows.order_by("id") if row.counted != counted[row.pk]]
    for row in new:
        row.counted, row.expected = counted[row.pk], row.level.on_hand
        row.counted_at, row.counted_by = at, by
    StockCountLine.objects.bulk_update(new, ["counted", "expected", "counted_at", "counted_by"])
    return len(new)


@transaction.atomic
def book_count(*, count_id: int, by: User, at: datetime) -> list[StockCountLine]:
    """Book the differences and close the count; return the lines that would take away promised pieces.

    Those stay unbooked and the count stays open until somebody has decided whose pieces they are.
    Raises CountClosed.
    """
    found = _lock(count_id)
    rows = StockCountLine.objects.filter(stock_count=found, counted__isnull=False, booked_at=None)
    rows = rows.select_related("level__variant__product").order_by("level_id")
    left = [row for row in rows if not _book(row, by, at)]
    if not left:
        found.state, found.closed_at = State.BOOKED, at
        found.save(update_fields=["state", "closed_at"])
        record_event(name="shop.stock-count.booked", subject=f"shop.stockcount:{found.pk}", at=at, actor=by)
    return left


def _book(row: StockCountLine, by: User, at: datetime) -> bool:
    """Book one difference; False when it would take away promised pieces."""
    try:
        with transaction.atomic():
            stock.adjust(
                level_id=row.level_id,
                difference=row.difference,
                key=f"count-line:{row.pk}",
                at=at,
                actor=by,
                reason=f"stock count {row.stock_count_id}",
            )
    except stock.Undercuts:
        return False
    StockCountLine.objects.filter(pk=row.pk).update(booked_at=at)
    return True


@transaction.atomic
def drop_count(*, count_id: int, by: User, at: datetime) -> StockCount:
    """End a count without booking anything (more).  Raises CountClosed."""
    found = _lock(count_id)
    found.state, found.closed_at = State.DROPPED, at
    found.save(update_fields=["state", "closed_at"])
    record_event(name="shop.stock-count.dropped", subject=f"shop.stockcount:{found.pk}", at=at, actor=by)
    return found


def _lock(count_id: int) -> StockCount:
    found = StockCount.objects.select_for_update().get(pk=count_id)
    if found.state != State.OPEN:
        raise CountClosed(found.state)
    return found
