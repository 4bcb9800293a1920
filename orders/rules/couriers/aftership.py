"""AfterShip Tracking: messages that carry a tracking with its checkpoints.

Source: delivery reference 1.7; the vendor's own Python SDK (`tracking.models`, MIT) for names of fields and tags, its
documentation of webhooks for the envelope and the seal.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from orders.rules.courier_news import CourierNews
from orders.rules.couriers.delivery import (
    Delivery,
    body_key,
    body_object,
    day,
    expectation,
    moment,
    needed,
    part,
    parts,
    place,
    scan,
    words,
)
from shop.rules import signatures

SEALS: tuple[signatures.Seal, ...] = (signatures.Sealed("aftership-hmac-sha256", signatures.base64_text),)


def read(raw: bytes) -> Delivery:
    """Return the scans of a webhook (`msg`), or of the answer to our asking (`data`).  Raises Malformed."""
    data = body_object(raw)
    if "msg" in data:
        key = words(data.get("event_id"), 100) or body_key(raw)
        return Delivery(key, _history(part(data, "msg"), _said_at(data.get("ts"))))
    answer = part(data, "data")
    found = parts(answer, "trackings") or [tracking for tracking in (part(answer, "tracking"), answer) if tracking]
    news = [item for tracking in found if "tracking_number" in tracking for item in _history(tracking, None)]
    return Delivery(body_key(raw), tuple(news))


def _said_at(stamp: object) -> datetime | None:
    try:
        return datetime.fromtimestamp(stamp, UTC) if isinstance(stamp, int | float) else None
    except (OverflowError, OSError, ValueError):
        return None


def _history(tracking: Mapping[str, Any], said_at: datetime | None) -> tuple[CourierNews, ...]:
    number = needed(tracking, "tracking_number", 60)
    updated_at = moment(tracking.get("updated_at")) or said_at
    found = []
    for item in parts(tracking, "checkpoints"):
        at = moment(item.get("checkpoint_time")) or moment(item.get("created_at")) or updated_at
        if at:
            where = place(item.get("city"), item.get("state"), item.get("country_region_name")) or place(
                item.get("location")
            )
            code, detail = words(item.get("tag"), 40), words(item.get("subtag"), 40)
            found.append(scan(number=number, code=code, detail=detail, at=at, where=where, said=item.get("message")))
    if not found and updated_at:
        code, detail = words(tracking.get("tag"), 40), words(tracking.get("subtag"), 40)
        found = [scan(number=number, code=code, detail=detail, at=updated_at)]
    latest = part(tracking, "latest_estimated_delivery")
    eta_on = day(latest.get("datetime")) or day(tracking.get("expected_delivery"))
    return (*found, *expectation(number=number, eta_on=eta_on, at=updated_at))
