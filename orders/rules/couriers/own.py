"""Our own courier and the demo's: one scan a body, in our words, as orders/README.md describes it."""

from __future__ import annotations

from orders.rules import courier_news
from orders.rules.couriers.delivery import Delivery
from shop.rules import signatures

SEALS: tuple[signatures.Seal, ...] = (signatures.OURS,)


def read(raw: bytes) -> Delivery:
    """Return the one scan of a body.  Raises Malformed."""
    news = courier_news.read(raw)
    return Delivery(news.event_id, (news,))
