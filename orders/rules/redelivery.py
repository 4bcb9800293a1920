"""Where and when an order comes, changed after it was placed.

Source: commerce reference b-17 (address, window), d.3 (OrderChange: preview and application by the same sums).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from typing import Any

from orders.rules.hours import Window


@dataclass(frozen=True)
class Delivery:
    """Where and when it comes; the country stays, since service, price and tax depend on it.

    `window` is the key of the hours it comes in, empty for any time; None leaves them as they are, and a region, too.
    """

    street: str
    extra: str
    postcode: str
    city: str
    phone: str
    courier_note: str
    home_weekdays: tuple[int, ...] = ()
    home_part_of_day: str = "any"
    window: str | None = None
    region: str | None = None

    def as_kept(self) -> dict[str, Any]:
        """Return it as plain JSON values."""
        return asdict(self) | {"home_weekdays": list(self.home_weekdays)}

    @classmethod
    def of_kept(cls, kept: dict[str, Any]) -> Delivery:
        """Return what was kept."""
        names = {field.name for field in fields(cls)}
        known = {name: value for name, value in kept.items() if name in names}
        return cls(**known | {"home_weekdays": tuple(known["home_weekdays"])})


@dataclass(frozen=True)
class MoneyMoves:
    """Which ways the sum of an order can still go by itself; a person looks at the others."""

    down: bool = True
    up: bool = True

    def lets(self, *, old_minor: int, new_minor: int) -> bool:
        """Tell whether something that cost `old_minor` may cost `new_minor`."""
        return new_minor == old_minor or (self.up if new_minor > old_minor else self.down)


def hours_to_choose(
    offered: Iterable[Window], *, mine: Window | None, agreed_minor: int, moves: MoneyMoves
) -> tuple[Window, ...]:
    """Return the hours an order can have, the earliest first: its own at the agreed price, others at today's.

    `agreed_minor` is what its hours cost so far; its own are among them, even when the service has them no more.
    """
    known = {
        window.key: window for window in offered if moves.lets(old_minor=agreed_minor, new_minor=window.price_minor)
    }
    if mine:
        known[mine.key] = mine
    return tuple(sorted(known.values()))
