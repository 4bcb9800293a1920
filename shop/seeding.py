"""The demo shop is seeded by every app for its own tables; each registers a step here.

A step is idempotent and prints one line.  Steps run in the order of SEED_ORDER.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

Step = Callable[[datetime], str]

SEED_ORDER = (
    "shop.staff",
    "shop.calendars",
    "shop.catalogue",
    "orders.services",
    "returns.reasons",
    "support.policies",
    "orders.history",
)

_steps: dict[str, Step] = {}


def register(name: str, step: Step) -> None:
    """Register a step under a name of SEED_ORDER; it returns the line to print."""
    if name not in SEED_ORDER:
        raise LookupError(f"{name} is missing in shop.seeding.SEED_ORDER")
    _steps[name] = step


def steps() -> list[tuple[str, Step]]:
    """Return the registered steps in order."""
    return [(name, _steps[name]) for name in SEED_ORDER if name in _steps]
