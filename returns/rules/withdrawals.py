"""What a withdrawal does by itself: cancel the order, take back what has arrived, or wait for a person.

Source: Directive 2011/83/EU art. 9 (the days), 13 and 14 (money and goods back); BGB 355 and 357; decided here: only
who is known by the secret link or her account moves anything without a person.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

REASON = "withdrawal"  # the code of the reason in a return that follows from it; shoppers do not choose it


@dataclass(frozen=True)
class Line:
    """One order line: bought, back already, in returns that are open, and how many may go into one now."""

    line_id: int
    bought: int
    returned: int
    asked: int
    left: int


def in_time(*, today: date, last_on: date | None) -> bool:
    """Tell whether it came within the days of the law; before the last delivery they have not begun to run out."""
    return last_on is None or today <= last_on


def everything(lines: list[Line]) -> dict[int, int]:
    """Return the pieces a withdrawal from the whole order takes back: what is neither back nor on its way back."""
    left = {line.line_id: line.bought - line.returned - line.asked for line in lines}
    return {line_id: pieces for line_id, pieces in left.items() if pieces > 0}


def still_wanted(units: Mapping[int, int], covered: Mapping[int, int]) -> dict[int, int]:
    """Return what of the stated pieces is in no return of this withdrawal yet."""
    left = {line_id: pieces - covered.get(line_id, 0) for line_id, pieces in units.items()}
    return {line_id: pieces for line_id, pieces in left.items() if pieces > 0}


def here(wanted: Mapping[int, int], lines: list[Line]) -> dict[int, int]:
    """Return what of the wanted pieces she has, so that it can go into a return now."""
    can = {line.line_id: line.left for line in lines}
    found = {line_id: min(pieces, can.get(line_id, 0)) for line_id, pieces in wanted.items()}
    return {line_id: pieces for line_id, pieces in found.items() if pieces > 0}
