"""What a courier's webhook says: JSON in, a checked value out.  The contract is in orders/README.md."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)  # what lies before is a broken clock, and no calendar reaches that far
FARTHEST_ETA = timedelta(days=366)


class Malformed(Exception):
    """The body is not what orders/README.md describes; the words say which field, for the sender."""


@dataclass(frozen=True)
class CourierNews:
    """One scan in the provider's own words; `occurred_at` is UTC."""

    event_id: str
    tracking_number: str
    code: str
    occurred_at: datetime
    reason: str = ""
    place: str = ""
    words: str = ""
    eta_on: date | None = None
    detail: str = ""  # the finer word some providers add to their code


def read(raw: bytes) -> CourierNews:
    """Return the news of one webhook body.  Raises Malformed."""
    data = _object(raw)
    occurred_at = _moment(_text(data, "occurred_at", 40))
    return CourierNews(
        event_id=_text(data, "event_id", 100),
        tracking_number=_text(data, "tracking_number", 60),
        code=_text(data, "code", 40),
        occurred_at=occurred_at,
        reason=_text(data, "reason", 40, required=False),
        place=_text(data, "place", 100, required=False),
        words=_text(data, "words", 300, required=False),
        eta_on=_day(_text(data, "eta_on", 10, required=False), occurred_at),
    )


def _object(raw: bytes) -> dict[str, Any]:
    try:
        data = json.loads(raw)
    except (ValueError, RecursionError):
        raise Malformed("The body is not JSON.") from None
    if not isinstance(data, dict):
        raise Malformed("The body is not a JSON object.")
    return data


def _text(data: dict[str, Any], name: str, longest: int, *, required: bool = True) -> str:
    value = data.get(name)
    if value is None and not required:
        return ""
    if not isinstance(value, str) or not value.isprintable() or (required and not value.strip()):
        raise Malformed(f"The field {name} is missing or not a line of text.")
    if len(value) > longest:
        raise Malformed(f"The field {name} is longer than {longest} characters.")
    return value.strip()


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo and moment >= EARLIEST else _refuse_moment()
    except (ValueError, OverflowError):
        return _refuse_moment()


def _refuse_moment() -> datetime:
    raise Malformed("The field occurred_at is not a moment with its time zone, such as 2026-03-05T14:22:00+00:00.")


def _day(text: str, occurred_at: datetime) -> date | None:
    """Return the expected day; it lies within a year of the scan, or it is a slip of somebody's keyboard."""
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Malformed("The field eta_on is not a day, such as 2026-03-06.") from None
    if abs(day - occurred_at.date()) > FARTHEST_ETA:
        raise Malformed("The field eta_on is more than a year away from occurred_at.")
    return day
