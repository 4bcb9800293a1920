"""Reservations: pieces held while somebody is at the checkout, for a quarter of an hour on the database's clock.

A reservation is a courtesy, never a promise: one that ran out is ignored by every query at once and swept later.
Source: commerce reference 2.16, d.2; reliability reference T02.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models.functions import Now

from shop.models import StockLevel, StockReservation
from shop.operations.stock.allocation import shortage_of
from shop.operations.stock.movements import SoldOut, Wanted, held_by_others, lock_levels
from shop.rules.shelves import spread

LIFETIME = timedelta(minutes=15)
UNTIL_IT_IS_THERE = timedelta(days=730)
BATCH = 500


@transaction.atomic
def reserve(*, wanted: Iterable[Wanted], holder: str, lifetime: timedelta = LIFETIME) -> None:
    """Hold pieces for `holder` (such as `orders.cart:12`), all or none, in place of what it held before.

    Called again it extends: activity keeps the pieces.  Raises SoldOut when there is not enough that nobody speaks for
    or holds; then everything is as it was.
    """
    items = list(wanted)
    levels = lock_levels({item.variant_id for item in items})
    held = held_by_others([level for mine in levels.values() for level in mine], holder)
    rows, shortages = [], []
    for item in items:
        mine = levels.get(item.variant_id, [])
        taken = {level.pk: sum(row.quantity for row in held.get(level.pk, [])) for level in mine}
        parts = spread(item.quantity, [level.available - taken[level.pk] for level in mine])
        if parts is None:
            shortages.append(shortage_of(item, mine, held, ahead=True))
            continue
        rows += [
            StockReservation(
                holder=holder, variant_id=item.variant_id, level=level, quantity=pieces, expires_at=Now() + lifetime
            )
            for level, pieces in zip(mine, parts, strict=True)
            if pieces
        ]
    if shortages:
        raise SoldOut(shortages)
    free(holder=holder)
    StockReservation.objects.bulk_create(rows)


def keep_arriving(*, level_id: int, pieces: int, holder: str) -> None:
    """Keep pieces of a shelf for `holder` before they are there, so that nobody is faster when they come.

    In place of what it kept before; until they are spoken for or let go.
    """
    level = StockLevel.objects.get(pk=level_id)
    StockReservation.objects.update_or_create(
        holder=holder,
        level=level,
        defaults={"variant_id": level.variant_id, "quantity": pieces, "expires_at": Now() + UNTIL_IT_IS_THERE},
    )


def free(*, holder: str) -> int:
    """Let go of everything `holder` held; return how many rows.  One query."""
    return StockReservation.objects.filter(holder=holder).delete()[0]


def sweep_reservations(at: datetime) -> int:
    """Delete reservations that ran out, at most one batch; return how many.

    The database's clock decides, so that a machine whose clock runs ahead takes nothing away.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            DELETE FROM shop_stockreservation WHERE id IN (
                SELECT id FROM shop_stockreservation WHERE expires_at <= statement_timestamp()
                ORDER BY expires_at, id LIMIT %s FOR UPDATE SKIP LOCKED)
            """,
            [BATCH],
        )
        return int(cursor.rowcount)
