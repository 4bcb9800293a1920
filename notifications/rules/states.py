"""States of a message as a table: which may follow which.  Only operations move them."""

from __future__ import annotations

NEXT: dict[str, frozenset[str]] = {
    "queued": frozenset({"claimed", "bundled"}),
    "bundled": frozenset({"queued"}),  # the letter it was in was taken apart, because part of its news had changed
    "claimed": frozenset({"queued", "sent", "failed", "suppressed"}),
    "sent": frozenset({"bounced"}),
    "failed": frozenset(),
    "bounced": frozenset(),
    "suppressed": frozenset(),
}
