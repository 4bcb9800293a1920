"""Shippo: webhooks that carry a track with its history; the same object answers our asking.

A Shippo account signs with a stamped HMAC once it is switched on for it; until then a token in the address is all
there is.  Source: delivery reference 1.7; the vendor's own Python SDK (`models.components.Track`, MIT) and its page on
webhook security.
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

SEALS: tuple[signatures.Seal, ...] = (signatures.Stamped("Shippo-Auth-Signature"), signatures.Token("token"))


def read(raw: bytes) -> Delivery:
    """Return the scans of a webhook (`track_updated`) or of a track.  Raises Malformed.

    Other events carry no news.  Shippo names no event, so the body is its own key.
    """
    data = body_object(raw)
    if "event" not in data:
        return Delivery(body_key(raw), _history(data))
    told = data.get("event") == "track_updated"
    return Delivery(body_key(raw), _history(part(data, "data")) if told else ())


def _history(track: Mapping[str, Any]) -> tuple[CourierNews, ...]:
    number = needed(track, "tracking_number", 60)
    head = part(track, "tracking_status")
    found = [
        _scan(number, item) for item in parts(track, "tracking_history") or [head] if moment(item.get("status_date"))
    ]
    updated_at = moment(head.get("object_updated")) or moment(head.get("status_date"))
    return (*found, *expectation(number=number, eta_on=day(track.get("eta")), at=updated_at))


def _scan(number: str, item: Mapping[str, Any]) -> CourierNews:
    at, where = moment(item.get("status_date")), part(item, "location")
    assert at is not None  # noqa: S101 -- asked above, told to the type checker
    return scan(
        number=number,
        code=words(item.get("status"), 40),
        detail=words(part(item, "substatus").get("code"), 40),
        at=at,
        where=place(where.get("city"), where.get("state"), where.get("country")),
        said=item.get("status_details"),
    )
