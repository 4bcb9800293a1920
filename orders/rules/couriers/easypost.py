"""EasyPost: events that carry a tracker with its whole history.

Source: delivery reference 1.7; the vendor's own Python SDK (`util.validate_webhook`, BSD/MIT) for the seal and its
documentation for the tracker object.
"""

from __future__ import annotations

from collections.abc import Mapping
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

SEALS: tuple[signatures.Seal, ...] = (signatures.Sealed("X-Hmac-Signature", signatures.hexadecimal),)


def read(raw: bytes) -> Delivery:
    """Return the scans of an event (`tracker.*`), of one tracker, or of a list of trackers.  Raises Malformed.

    Events about other things carry no news.
    """
    data = body_object(raw)
    key = words(data.get("id"), 100) or body_key(raw)
    if data.get("object") == "Event":
        tracker = part(data, "result")
        return Delivery(key, _history(tracker) if tracker.get("object") == "Tracker" else ())
    if data.get("object") == "Tracker":
        return Delivery(body_key(raw), _history(data))
    news = [item for tracker in parts(data, "trackers") for item in _history(tracker)]
    return Delivery(body_key(raw), tuple(news))


def _history(tracker: Mapping[str, Any]) -> tuple[CourierNews, ...]:
    number = needed(tracker, "tracking_code", 60)
    updated_at = moment(tracker.get("updated_at"))
    found = []
    for item in parts(tracker, "tracking_details"):
        at, where = moment(item.get("datetime")) or updated_at, part(item, "tracking_location")
        if at:
            found.append(
                scan(
                    number=number,
                    code=words(item.get("status"), 40),
                    detail=words(item.get("status_detail"), 40),
                    at=at,
                    where=place(where.get("city"), where.get("state"), where.get("country")),
                    said=item.get("message"),
                )
            )
    if not found and updated_at:
        found = [scan(number=number, code=words(tracker.get("status"), 40), at=updated_at)]
    eta = expectation(number=number, eta_on=day(tracker.get("est_delivery_date")), at=updated_at)
    return (*found, *eta)
