"""Which size for this body, and which is nearest to a garment she owns.  Plain comparison, nothing learned.

Lengths are whole millimetres; measures are known by their code ("body-chest"); sizes come smallest first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple


class Range(NamedTuple):
    """A length from `low_mm` to `high_mm`; both are the same for a measure of the piece itself."""

    low_mm: int
    high_mm: int


Sizes = Sequence[tuple[str, Mapping[str, Range]]]


class Asked(NamedTuple):
    """The size that one measure alone asks for."""

    code: str
    mm: int
    size: str


@dataclass(frozen=True)
class Suggestion:
    """The size that has room for every measure; empty when one of them is beyond the largest size.

    `asked` holds what each measure asks for, in the order of `measures`; those beyond the largest size stand in
    `beyond`.  `below` tells that every measure is smaller than the smallest size begins.
    """

    size: str
    asked: tuple[Asked, ...]
    beyond: tuple[str, ...] = ()
    below: bool = False

    @property
    def agrees(self) -> bool:
        """Tell whether every measure asks for the same size."""
        return not self.beyond and len({one.size for one in self.asked}) == 1


def suggest(measures: Mapping[str, int], sizes: Sizes) -> Suggestion | None:
    """Return the size for a body, None when the guide says nothing about any of its measures.

    A measure asks for the smallest size whose range has not ended before it: between two ranges that is the larger.
    The largest of those is suggested, since what is tight in one place is not worn.
    Source: EN 13402-3 (ranges of body dimensions); delivery reference 3.3.
    """
    asked: list[tuple[int, Asked]] = []
    beyond: list[str] = []
    below: list[bool] = []
    for code, mm in measures.items():
        known = [(place, label, ranges[code]) for place, (label, ranges) in enumerate(sizes) if code in ranges]
        if not known:
            continue
        below.append(mm < known[0][2].low_mm)
        room = next(((place, label) for place, label, each in known if mm <= each.high_mm), None)
        if room is None:
            beyond.append(code)
        else:
            asked.append((room[0], Asked(code, mm, room[1])))
    if not below:
        return None
    largest = "" if beyond else max(asked)[1].size
    return Suggestion(largest, tuple(one for _, one in asked), tuple(beyond), all(below))


@dataclass(frozen=True)
class Compared:
    """One size beside the garment she owns: by how much ours is larger (negative: smaller) in each measure, in mm."""

    size: str
    larger_mm: Mapping[str, int]
    nearest: bool


def compare(owned: Mapping[str, int], sizes: Sizes) -> tuple[Compared, ...]:
    """Return every size that shares a measure with the garment she owns; one of them is the nearest.

    Nearest is the smallest mean difference; of two as near, the larger size.  Empty when nothing can be compared.
    """
    found = [
        (label, {code: ranges[code].low_mm - mm for code, mm in owned.items() if code in ranges})
        for label, ranges in sizes
    ]
    found = [(label, larger) for label, larger in found if larger]
    if not found:
        return ()
    off = [sum(map(abs, larger.values())) / len(larger) for _, larger in found]
    best = max(place for place, each in enumerate(off) if each == min(off))
    return tuple(Compared(label, larger, place == best) for place, (label, larger) in enumerate(found))
