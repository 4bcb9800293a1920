"""Tasks to refill: opened when a variant has as few free pieces as somebody said, closed by itself when it is filled.

Free is what lies on all its shelves and nobody ordered.  What is not on sale is refilled by nobody; what is made to
order or sold out of what is on its way has no shelf to watch.  Source: commerce reference 1 (low stock list).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max

from shop.models import Variant
from shop.operations.events import record_event
from shop.operations.limits import TooOften, spend

EVERY = timedelta(minutes=5)
BATCH = 500

# `among` picks the few that have to be looked at; a variant is what all its shelves hold together.
_LOW = """
    SELECT variant.id, paces.free, coalesce(variant.low_at, %(usual)s) AS low_at
    FROM (
        SELECT level.variant_id, sum(level.on_hand - level.allocated) AS free FROM shop_stocklevel level
        WHERE level.variant_id IN ({among})
        GROUP BY level.variant_id HAVING bool_and(level.policy = 'deny')
    ) paces
    JOIN shop_variant variant ON variant.id = paces.variant_id AND variant.active AND variant.making_days = 0
    JOIN shop_product product ON product.id = variant.product_id AND product.published
    WHERE paces.free <= coalesce(variant.low_at, %(usual)s)
"""
_CAN_BE = _LOW.format(
    among="SELECT variant_id FROM shop_stocklevel WHERE policy = 'deny' AND on_hand - allocated <= %(most)s"
)
_STILL = _LOW.format(among="SELECT variant_id FROM shop_lowstock WHERE closed_at IS NULL")
# Whoever else opens one of the same variant this moment is waited for, and then it is there.
_OPEN = f"""
    INSERT INTO shop_lowstock (variant_id, free, low_at, opened_at)
    SELECT low.id, low.free, low.low_at, %(at)s FROM ({_CAN_BE}) low
    WHERE NOT EXISTS (SELECT 1 FROM shop_lowstock task WHERE task.variant_id = low.id AND task.closed_at IS NULL)
    ORDER BY low.id LIMIT %(batch)s
    ON CONFLICT (variant_id) WHERE closed_at IS NULL DO NOTHING
    RETURNING id, variant_id
"""  # noqa: S608 -- our own statement
_CLOSE = f"""
    UPDATE shop_lowstock SET closed_at = %(at)s
    WHERE id IN (
        SELECT task.id FROM shop_lowstock task
        WHERE task.closed_at IS NULL AND task.variant_id NOT IN (SELECT low.id FROM ({_STILL}) low)
        ORDER BY task.id LIMIT %(batch)s FOR UPDATE SKIP LOCKED)
    RETURNING id, variant_id
"""  # noqa: S608 -- our own statement


def watch_low_stock(at: datetime) -> int:
    """Every five minutes open the tasks that are due and close those that are done; return how many of both."""
    try:
        spend(purpose="low-stock", who="shop", budget=1, window=EVERY, at=at)
    except TooOften:
        return 0
    return look_at_shelves(at)


@transaction.atomic
def look_at_shelves(at: datetime) -> int:
    """Open and close tasks, at most BATCH of each, with an event for each; return how many.

    However many look at once, a variant has one open task.  The levels are scanned once, to open; what is to be closed
    is looked up by the tasks that are open.
    """
    most = Variant.objects.aggregate(most=Max("low_at"))["most"] or 0
    values = {"usual": settings.LOW_STOCK_AT, "most": max(most, settings.LOW_STOCK_AT), "at": at, "batch": BATCH}
    changed = 0
    with connection.cursor() as cursor:
        for step, statement in (("opened", _OPEN), ("closed", _CLOSE)):
            cursor.execute(statement, values)
            for task_id, variant_id in sorted(cursor.fetchall()):
                changed += 1
                record_event(
                    name=f"shop.low-stock.{step}",
                    subject=f"shop.variant:{variant_id}",
                    payload={"low_stock_id": task_id, "variant_id": variant_id},
                    at=at,
                )
    return changed
