"""How much one channel carries: how fast, how long, and for how long after somebody wrote to us.

Source: reliability reference T30 (rate per provider); the rules of WhatsApp's service window.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Rate:
    """A bucket of `burst` messages that fills with `each_second`."""

    each_second: float
    burst: int


class UnreadableRate(ValueError):
    """A rate is written `5/s`, `100/m` or `1000/h`."""


_SECONDS = {"s": 1, "m": 60, "h": 3600}


def read_rate(text: str) -> Rate | None:
    """Return the rate a setting names, such as `5/s`; None for an empty one.  Raises UnreadableRate."""
    if not text:
        return None
    number, _, unit = text.strip().partition("/")
    if not number.isdigit() or int(number) < 1 or unit not in _SECONDS:
        raise UnreadableRate(text)
    each_second = int(number) / _SECONDS[unit]
    return Rate(each_second=each_second, burst=max(1, min(int(number), 50)))


def window_open(*, heard_at: datetime | None, hours: int, at: datetime) -> bool:
    """Say whether a channel that lets us write for `hours` after somebody wrote to us lets us write now; 0: always."""
    return hours == 0 or (heard_at is not None and timedelta() <= at - heard_at < timedelta(hours=hours))


@dataclass(frozen=True)
class Limits:
    """How long a text may be, and for how many hours after somebody wrote to us we may write (0: always)."""

    letters: int
    window_hours: int = 0
    rate: str = "1/s"


LIMITS = {
    "sms": Limits(459),  # three parts of an SMS
    "whatsapp": Limits(1024, window_hours=24),
    "telegram": Limits(4096, rate="25/s"),
    "staff": Limits(1500),
}


def short_text(*, shop: str, says: str, url: str, letters: int) -> str:
    """Return a text of at most `letters`: who writes, what is new, and the link, which is never cut."""
    tail = f" {url}" if url else ""
    words = f"{shop}: {says}"
    room = letters - len(tail)
    return (words if len(words) <= room else words[: room - 1].rstrip() + "…") + tail
