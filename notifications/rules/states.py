"""States of a message as a table: which may follow which.  Only operations move them."""

from __future__ import annotations

NEXT: dict[str, frozenset[str]] = {
    "queued": frozenset({"claimed"}),
    "claimed": frozenset({"queued", "sent", "failed", "suppressed"}),
    "sent": frozenset({"bounced"}),
    "failed": frozenset(),
    "bounced": frozenset(),
    "suppressed": frozenset(),
}
