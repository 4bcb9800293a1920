"""Message-IDs that are the same whenever the same message is sent again.

Source: reliability reference B5 (a second copy carries the same Message-ID, so that mail programs show one).
"""

from __future__ import annotations

import hashlib


def message_id(*, event_id: int, kind: str, recipient: str, channel: str, domain: str) -> str:
    """Return the Message-ID of one message: `<kp.41.order_placed.5f1c...@shop.example>`."""
    key = f"{event_id}\n{kind}\n{recipient.lower()}\n{channel}"
    return f"<kp.{event_id}.{kind}.{hashlib.sha256(key.encode()).hexdigest()[:16]}@{domain.lower()}>"
