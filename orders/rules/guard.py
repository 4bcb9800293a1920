"""The totals guard: nobody pays a sum or is given a day that she has not seen.

The page carries, signed, what it showed for every delivery and way to pay.  What holds now is compared with that.
Source: commerce reference 2.19 (`expected_total`) and d.5 (`expected_deliver_by`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Shown:
    """What a page showed for one delivery and way to pay.

    `home_on` is the day offered when nobody was at home, `early_on` the last day of what is sent before the rest,
    `promotions` the mark of what counted, `credit_minor` what her store credit pays of it.
    """

    total_minor: int
    deliver_by_on: date
    home_on: date | None = None
    early_on: date | None = None
    promotions: str = ""
    credit_minor: int = 0


@dataclass(frozen=True)
class Change:
    """What is different now: pairs of (shown, now), or None where nothing changed."""

    total_minor: tuple[int, int] | None = None
    deliver_by_on: tuple[date, date] | None = None
    home_on: tuple[date | None, date] | None = None
    early_on: tuple[date | None, date | None] | None = None
    promotions: bool = False
    credit_minor: tuple[int, int] | None = None

    def __bool__(self) -> bool:
        return any(
            (self.total_minor, self.deliver_by_on, self.home_on, self.early_on, self.promotions, self.credit_minor)
        )


def compare(*, shown: Shown, now: Shown) -> Change:
    """Return what changed since the page was shown; an empty Change is false.

    Whether somebody is at home counts only when `now` says so: else the day for somebody who always is stands.
    Store credit counts only where she spends it: whoever does not sets it to 0 on both sides.
    """
    return Change(
        total_minor=(shown.total_minor, now.total_minor) if shown.total_minor != now.total_minor else None,
        deliver_by_on=(shown.deliver_by_on, now.deliver_by_on) if shown.deliver_by_on != now.deliver_by_on else None,
        home_on=(shown.home_on, now.home_on) if now.home_on and shown.home_on != now.home_on else None,
        early_on=(shown.early_on, now.early_on) if shown.early_on != now.early_on else None,
        promotions=shown.promotions != now.promotions,
        credit_minor=(shown.credit_minor, now.credit_minor) if shown.credit_minor != now.credit_minor else None,
    )


def pack(quotes: Mapping[str, Shown]) -> dict[str, list[int | str]]:
    """Turn what a page shows into plain JSON values, by key such as `door-pt:test_card`."""
    return {
        key: [
            said.total_minor,
            said.deliver_by_on.isoformat(),
            said.home_on.isoformat() if said.home_on else "",
            said.early_on.isoformat() if said.early_on else "",
            said.promotions,
            said.credit_minor,
        ]
        for key, said in quotes.items()
    }


def unpack(packed: Mapping[str, list[int | str]], key: str) -> Shown | None:
    """Read one entry back; None when the page did not show it.  Raises ValueError or TypeError for a foreign shape."""
    if key not in packed:
        return None
    total, by_on, home_on, early_on, promotions, credit = packed[key]
    return Shown(
        int(total),
        date.fromisoformat(str(by_on)),
        date.fromisoformat(str(home_on)) if home_on else None,
        date.fromisoformat(str(early_on)) if early_on else None,
        str(promotions),
        int(credit),
    )
