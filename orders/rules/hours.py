"""Hours a delivery service can keep: between when and when the courier rings, and what that costs on top.

Hours are those of the clock at the door.  Kept on the service as plain values, so that no page asks the database for
them, and frozen on the order.  Source: commerce reference d.3 (windows); ux reference 2.5 (a date, a window, a price).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from enum import StrEnum

MOST = 4  # a choice among more is none
_LINE = re.compile(r"(\d{1,2}):(\d{2})\s*(?:-|–|to)\s*(\d{1,2}):(\d{2})(?:\s+(\d{1,6}))?")


@dataclass(frozen=True, order=True)
class Window:
    """From `from_at` until before `to_at`, for `price_minor` more (minor units)."""

    from_at: time
    to_at: time
    price_minor: int = 0

    @property
    def key(self) -> str:
        """Return the name a page sends it under: `0800-1200`."""
        return f"{self.from_at:%H%M}-{self.to_at:%H%M}"

    @property
    def kept(self) -> list[str | int]:
        """Return it as plain JSON values."""
        return [f"{self.from_at:%H:%M}", f"{self.to_at:%H:%M}", self.price_minor]

    def holds(self, moment: datetime) -> bool:
        """Tell whether a moment lies inside, by the clock of its own zone."""
        return self.from_at <= moment.time() < self.to_at


class Why(StrEnum):
    """Why hours that were typed cannot be kept."""

    UNREADABLE = "unreadable"
    BACKWARDS = "backwards"
    TWICE = "twice"
    TOO_MANY = "too-many"


class NotHours(Exception):
    """A line that cannot be kept: `line` is what was typed, `why` the reason."""

    def __init__(self, why: Why, line: str = "") -> None:
        super().__init__(why)
        self.why = why
        self.line = line


def windows_of(kept: Iterable[Sequence[str | int]]) -> tuple[Window, ...]:
    """Return the windows kept as JSON values, the earliest first."""
    return tuple(sorted(Window(time.fromisoformat(str(a)), time.fromisoformat(str(b)), int(p)) for a, b, p in kept))


def read_windows(typed: str) -> tuple[Window, ...]:
    """Return what staff typed, a window a line such as `08:00-12:00 200` (minor units), the earliest first.

    Raises NotHours.
    """
    found = [_read(line) for raw in typed.splitlines() if (line := raw.strip())]
    if len({window.key for window in found}) < len(found):
        raise NotHours(Why.TWICE)
    if len(found) > MOST:
        raise NotHours(Why.TOO_MANY)
    return tuple(sorted(found))


def _read(line: str) -> Window:
    match = _LINE.fullmatch(line)
    try:
        a, b, c, d = (int(part) for part in match.groups()[:4]) if match else (99, 0, 0, 0)
        window = Window(time(a, b), time(c, d), int(match[5] or 0) if match else 0)
    except ValueError:
        raise NotHours(Why.UNREADABLE, line) from None
    if window.from_at >= window.to_at:
        raise NotHours(Why.BACKWARDS, line)
    return window


def write_windows(windows: Iterable[Window]) -> str:
    """Return windows as staff type them."""
    return "\n".join(f"{a}-{b} {price}" if price else f"{a}-{b}" for a, b, price in (each.kept for each in windows))


def choice_of(service_code: str, window: Window | None) -> str:
    """Return the value of a delivery among the choices of the checkout: `door-pt`, or `door-pt.0800-1200`."""
    return f"{service_code}.{window.key}" if window else service_code


def split_choice(choice: str) -> tuple[str, str]:
    """Return (code of the service, key of the window or nothing); a code is a slug, so it holds no dot."""
    code, _dot, key = choice.partition(".")
    return code, key
