"""What every provider's reader gives back, and how it reads words it does not control.

Strangers' free text is clipped and cleaned, never refused: a long sentence must not cost a scan.  What a scan cannot be
without (a number, a code, a moment) is refused by name.  Source: delivery reference 1.7.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from orders.rules.courier_news import EARLIEST, FARTHEST_ETA, CourierNews, Malformed
from orders.rules.tracking import ETA_REVISED


@dataclass(frozen=True)
class Delivery:
    """One webhook, or one answer to our asking: `key` names it for ever, `news` may be empty."""

    key: str
    news: tuple[CourierNews, ...]


def body_object(raw: bytes) -> Mapping[str, Any]:
    """Return the JSON object of a body.  Raises Malformed."""
    try:
        data = json.loads(raw)
    except (ValueError, RecursionError):
        raise Malformed("The body is not JSON.") from None
    if not isinstance(data, dict):
        raise Malformed("The body is not a JSON object.")
    return data


def part(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return an object inside another one; nothing or something else reads as empty."""
    value = data.get(name)
    return value if isinstance(value, dict) else {}


def parts(data: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """Return the objects of a list; whatever else stands in it is passed over."""
    value = data.get(name)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def words(value: object, longest: int) -> str:
    """Return free text as one printable line of at most `longest` signs; what is no text reads as nothing."""
    if not isinstance(value, str):
        return ""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in value).split())[:longest].rstrip()


def moment(value: object) -> datetime | None:
    """Return a moment in UTC; one without a zone is taken as UTC, one that cannot be read as missing."""
    try:
        read = datetime.fromisoformat(value) if isinstance(value, str) else None
        if read is None:
            return None
        read = (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return read if read >= EARLIEST else None


def day(value: object) -> date | None:
    """Return the day of a date or of a moment as its writer's clock shows it."""
    if not isinstance(value, str):
        return None
    try:
        return date.fromisoformat(value[:10])
    except ValueError:
        return None


def needed(data: Mapping[str, Any], name: str, longest: int) -> str:
    """Return a line of text that has to be there.  Raises Malformed with the name of the field."""
    text = words(data.get(name), longest + 1)
    if not text:
        raise Malformed(f"The field {name} is missing or not a line of text.")
    if len(text) > longest:
        raise Malformed(f"The field {name} is longer than {longest} characters.")
    return text


def place(*names: object) -> str:
    """Write where it was: the parts that are known, town first."""
    return ", ".join(filter(None, (words(name, 60) for name in names)))[:100]


def scan(
    *, number: str, code: str, at: datetime, detail: str = "", where: str = "", said: object = None
) -> CourierNews:
    """Return one scan.  Providers give scans no name that lasts, so its content names it: told again it counts once."""
    ident = _digest(number, at.isoformat(), code, detail, where)
    return CourierNews(ident, number, code[:40], at, place=where, words=words(said, 300), detail=detail[:40])


def expectation(*, number: str, eta_on: date | None, at: datetime | None) -> tuple[CourierNews, ...]:
    """Return the news that a parcel is expected on a day, said at a moment; nothing without both, or far away."""
    if eta_on is None or at is None or abs(eta_on - at.date()) > FARTHEST_ETA:
        return ()
    ident = _digest(number, at.isoformat(), ETA_REVISED, eta_on.isoformat())
    return (CourierNews(ident, number, ETA_REVISED, at, eta_on=eta_on),)


def body_key(raw: bytes) -> str:
    """Return a key for a body that brings none of its own: the same bytes are the same delivery."""
    return hashlib.sha256(raw).hexdigest()


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:40]
