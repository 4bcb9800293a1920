"""Where shelves, movements and open orders disagree, with the movements that led there.  Reads only.

Source: commerce reference d.2 (`stock_audit` recomputes from movements); reliability reference I01, I02.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection, transaction

from shop.models import StockMovement

# What each shelf says beside its movements and beside what each living order still needs from it.  What an order
# speaks for at a shelf is the sum of its movements there; a line needs what is neither sent, cancelled nor given up.
_SQL = """
WITH said AS (
    SELECT level_id, sum(on_hand_delta) AS on_hand, sum(allocated_delta) AS allocated,
        sum(quarantine_delta) AS quarantine
    FROM shop_stockmovement GROUP BY level_id
), needed AS (
    SELECT l.variant_id,
        sum(l.quantity - l.qty_cancelled - l.qty_missing - l.qty_replaced - l.qty_handed_over) AS pieces
    FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id AND o.status IN ('placing', 'placed')
    GROUP BY l.variant_id
), spoken AS (
    SELECT variant_id, sum(allocated) AS pieces FROM shop_stocklevel GROUP BY variant_id
), loose AS (
    SELECT m.level_id, string_agg(m.order_number, ', ' ORDER BY m.order_number) AS numbers
    FROM (SELECT level_id, order_number, sum(allocated_delta) AS pieces FROM shop_stockmovement
          WHERE order_number <> '' GROUP BY level_id, order_number) m
        LEFT JOIN orders_order o ON o.number = m.order_number AND o.status IN ('placing', 'placed')
    WHERE m.pieces <> 0 AND o.id IS NULL GROUP BY m.level_id
)
SELECT e.id, v.sku, p.name, concat_ws('; ',
    CASE WHEN e.on_hand <> coalesce(s.on_hand, 0)
        THEN 'shelf ' || e.on_hand || ', movements say ' || coalesce(s.on_hand, 0) END,
    CASE WHEN e.allocated <> coalesce(s.allocated, 0)
        THEN 'spoken for ' || e.allocated || ', movements say ' || coalesce(s.allocated, 0) END,
    CASE WHEN e.quarantine <> coalesce(s.quarantine, 0)
        THEN 'quarantine ' || e.quarantine || ', movements say ' || coalesce(s.quarantine, 0) END,
    CASE WHEN e.allocated > e.on_hand + e.oversell_limit
        THEN 'spoken for ' || e.allocated || ' of ' || e.on_hand || ' + ' || e.oversell_limit END,
    CASE WHEN coalesce(a.pieces, 0) <> coalesce(n.pieces, 0)
        THEN 'all shelves speak for ' || coalesce(a.pieces, 0) || ', open orders need ' || coalesce(n.pieces, 0) END,
    CASE WHEN x.numbers IS NOT NULL THEN 'spoken for by orders that are over: ' || x.numbers END) AS says
FROM shop_stocklevel e
    JOIN shop_variant v ON v.id = e.variant_id JOIN shop_stocklocation p ON p.id = e.location_id
    LEFT JOIN said s ON s.level_id = e.id LEFT JOIN needed n ON n.variant_id = e.variant_id
    LEFT JOIN spoken a ON a.variant_id = e.variant_id LEFT JOIN loose x ON x.level_id = e.id
WHERE %(sku)s = '' OR v.sku = %(sku)s
ORDER BY v.sku, e.id
"""


@dataclass(frozen=True)
class Difference:
    """One shelf that disagrees: what with, and its last movements, newest first, in words."""

    sku: str
    place: str
    says: str
    movements: tuple[str, ...]


def differences(*, sku: str = "", movements: int = 10) -> list[Difference]:
    """Return every shelf that disagrees with its movements or the open orders.  Raises DatabaseError."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_SQL, {"sku": sku})
        odd = [row for row in cursor.fetchall() if row[3]]
        return [Difference(row[1], row[2], row[3], _last(row[0], movements)) for row in odd]


def _last(level_id: int, most: int) -> tuple[str, ...]:
    rows = StockMovement.objects.filter(level=level_id).order_by("-id")[:most]
    return tuple(
        f"{row.moved_at:%Y-%m-%d %H:%M} {row.kind}: shelf {row.on_hand_delta:+d}, spoken for {row.allocated_delta:+d},"
        f" quarantine {row.quarantine_delta:+d} {row.order_number} {row.reason} [{row.key}]"
        for row in rows
    )
