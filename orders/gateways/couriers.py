"""Asking a provider about a parcel, over HTTP: the fallback for webhooks that never came.

The answer comes back as bytes; `orders.rules.couriers` reads it as it reads a webhook.  Every address and field here
stands in the vendor's own Python SDK.  Source: delivery reference 1.7.
"""

from __future__ import annotations

import base64
import json
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import quote, urlencode

from django.conf import settings

TIMEOUT_SECONDS = 10
MOST_BYTES = 2_000_000
_ALREADY_FOLLOWED = 4003  # AfterShip's word for "you told me about this one before"


class CourierAway(Exception):
    """The provider did not answer, or answered with a fault of its own: ask again later."""


class CourierRefused(Exception):
    """The provider understood and said no, or nobody gave us a key for it; `status` is its HTTP status, 0 without."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


def ask(*, provider: str, tracking_number: str, slug: str, follow: bool) -> bytes:
    """Return what a provider knows of a parcel; with `follow` tell it to watch the number from now on.

    Raises CourierAway, CourierRefused.
    """
    key, base = getattr(settings, f"{provider.upper()}_API_KEY"), getattr(settings, f"{provider.upper()}_API_URL")
    if not key:
        raise CourierRefused(0, f"{provider.upper()}_API_KEY is empty.")
    return _QUESTIONS[provider](base, key, tracking_number, slug, follow)


def _ask_easypost(base: str, key: str, number: str, slug: str, follow: bool) -> bytes:
    login = {"Authorization": f"Basic {base64.b64encode(f'{key}:'.encode()).decode()}"}
    tracker = {"tracking_code": number} | ({"carrier": slug} if slug else {})
    if follow:  # telling it twice gives the same tracker
        return _exchange(f"{base}/trackers", login, {"tracker": tracker})
    return _exchange(f"{base}/trackers?{urlencode(tracker)}", login)


def _ask_aftership(base: str, key: str, number: str, slug: str, follow: bool) -> bytes:
    login, address = {"as-api-key": key}, f"{base}/trackings"
    if follow:
        try:
            return _exchange(address, login, {"tracking_number": number} | ({"slug": slug} if slug else {}))
        except CourierRefused as refusal:
            if refusal.status != 400 or str(_ALREADY_FOLLOWED) not in str(refusal):
                raise
    return _exchange(f"{address}?{urlencode({'tracking_numbers': number})}", login)


def _ask_shippo(base: str, key: str, number: str, slug: str, follow: bool) -> bytes:
    login = {"Authorization": f"ShippoToken {key}"}
    if follow:
        return _exchange(f"{base}/tracks", login, {"carrier": slug, "tracking_number": number})
    return _exchange(f"{base}/tracks/{quote(slug, safe='')}/{quote(number, safe='')}", login)


_QUESTIONS = {"easypost": _ask_easypost, "aftership": _ask_aftership, "shippo": _ask_shippo}


def _exchange(url: str, headers: dict[str, str], body: dict[str, Any] | None = None) -> bytes:
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(  # noqa: S310 -- the address is a setting of the operator's
        url, data=data, headers={"Content-Type": "application/json", "Accept": "application/json", **headers}
    )
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310 -- as above
            read: bytes = answer.read(MOST_BYTES + 1)
    except urllib.error.HTTPError as problem:
        if problem.code >= 500 or problem.code == 429:
            raise CourierAway(f"answered {problem.code}") from None
        raise CourierRefused(problem.code, problem.read(300).decode(errors="replace")) from None
    except (OSError, ValueError) as problem:
        raise CourierAway(type(problem).__name__) from None
    if len(read) > MOST_BYTES:
        raise CourierAway("answered with too much")
    return read
