"""What must always be true of the shop's own tables."""

from __future__ import annotations

from shop.invariants import Invariant

SHOP_INVARIANTS = (
    Invariant(
        "S01",
        "A stock level is the sum of its movements.",
        """
        SELECT 'stock level ' || l.id, 'shelf ' || l.on_hand || ', movements say ' || coalesce(sum(m.on_hand_delta), 0)
            || '; spoken for ' || l.allocated || ', movements say ' || coalesce(sum(m.allocated_delta), 0)
        FROM shop_stocklevel l LEFT JOIN shop_stockmovement m ON m.level_id = l.id
        GROUP BY l.id
        HAVING l.on_hand <> coalesce(sum(m.on_hand_delta), 0)
            OR l.allocated <> coalesce(sum(m.allocated_delta), 0)
            OR l.quarantine <> coalesce(sum(m.quarantine_delta), 0)
        """,
    ),
    Invariant(
        "S02",
        "No more pieces are spoken for than the shelf and its limit allow.",
        """
        SELECT 'stock level ' || id, allocated || ' of ' || on_hand || ' + ' || oversell_limit
        FROM shop_stocklevel WHERE allocated > on_hand + oversell_limit OR allocated < 0 OR on_hand < 0
        """,
    ),
    Invariant(
        "S03",
        "No event waits for its consumer longer than ten minutes, and none is parked.",
        """
        SELECT 'event delivery ' || d.id, d.consumer || ' ' || d.state || ' ' || d.error
        FROM shop_eventdelivery d
        WHERE d.state = 'parked' OR (d.state = 'due' AND d.due_at < now() - interval '10 minutes')
        """,
    ),
    Invariant(
        "S04",
        "Everything that came in is processed, ignored with a reason, or shown to staff within ten minutes.",
        """
        SELECT 'inbound ' || id, source || ' ' || state || ' ' || error
        FROM shop_inbound
        WHERE state = 'parked' OR (state = 'received' AND due_at < now() - interval '10 minutes')
            OR (state = 'ignored' AND error = '')
        """,
    ),
    Invariant(
        "S05",
        "A reservation that ran out is swept within ten minutes.",
        """
        SELECT 'reservation ' || id, holder || ' until ' || expires_at
        FROM shop_stockreservation WHERE expires_at < now() - interval '10 minutes'
        """,
    ),
    Invariant(
        "S06",
        "An arrival that is settled says when, and one that came whole is not expected any more.",
        """
        SELECT 'arrival ' || id, state || ', ' || arrived_pieces || ' of ' || pieces
        FROM shop_stockarrival
        WHERE (state = 'expected') <> (settled_at IS NULL) OR (state = 'arrived') <> (arrived_pieces = pieces)
        """,
    ),
)
