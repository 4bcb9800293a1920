"""How large a piece is: its outline beside something everybody knows, drawn to scale from its measures.

Small things stand beside a hand, larger ones beside a table, flat ones lie on one.  Lengths are millimetres, and so are
the units of the drawing.  Source: ux reference 2.2 (scale: in a hand, on a table).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

HAND_WIDTH, HAND_HEIGHT = 95, 190  # a grown-up's, from the wrist to the middle finger
TABLE_WIDTH, TABLE_HEIGHT, TABLE_DEPTH = 1200, 740, 800
_FITS_A_HAND = 300
_TOO_LARGE = 2000

Beside = Literal["hand", "table", "table-top"]


@dataclass(frozen=True)
class Drawing:
    """A piece of `width` by `height` at (`x`, `y`) in a picture of `total_width` by `total_height`; millimetres.

    What it is compared with begins at (0, `other_y`).
    """

    beside: Beside
    width: int
    height: int
    x: int
    y: int
    total_width: int
    total_height: int
    other_y: int
    round: bool = False

    @property
    def flat(self) -> bool:
        """Return whether the piece is seen from above."""
        return self.round or self.beside == "table-top"

    @property
    def corner(self) -> int:
        """Return the radius of the piece's corners: half of it makes a circle."""
        return self.width // 2 if self.round else min(self.width, self.height) // 12


def drawing(measures: Mapping[str, int]) -> Drawing | None:
    """Return the drawing of a piece by its height, width, length and diameter; None when they give no outline."""
    outline = _outline(measures)
    if outline is None or max(outline[:2]) > _TOO_LARGE or min(outline[:2]) <= 0:
        return None
    width, height, is_round, lies = outline
    if max(width, height) <= _FITS_A_HAND:
        return _beside("hand", HAND_WIDTH, HAND_HEIGHT, 25, width, height, is_round)
    if not lies:
        return _beside("table", TABLE_WIDTH, TABLE_HEIGHT, 150, width, height, is_round)
    width, height = max(width, height), min(width, height)
    return _upon_a_table(width, height, is_round) if width <= TABLE_WIDTH and height <= TABLE_DEPTH else None


def _outline(measures: Mapping[str, int]) -> tuple[int, int, bool, bool] | None:
    """Return (width, height, round, lying) of what one sees: from the side, or from above where it is flat."""
    across, height = measures.get("diameter", 0), measures.get("height", 0)
    wide = max(across, measures.get("width", 0)) or measures.get("length", 0)
    if across and height * 3 <= across:
        return across, across, True, True
    if height:
        return (wide, height, False, False) if wide else None
    sides = [measures[name] for name in ("length", "width") if measures.get(name)]
    return (sides[0], sides[1], False, True) if len(sides) == 2 else None


def _beside(
    what: Beside, other_width: int, other_height: int, gap: int, width: int, height: int, is_round: bool
) -> Drawing:
    """Put both on one line, the piece after what it is compared with."""
    total = max(height, other_height)
    return Drawing(
        what,
        width,
        height,
        other_width + gap,
        total - height,
        other_width + gap + width,
        total,
        total - other_height,
        is_round,
    )


def _upon_a_table(width: int, height: int, is_round: bool) -> Drawing:
    """Lay it in the middle of a table, seen from above."""
    x, y = (TABLE_WIDTH - width) // 2, (TABLE_DEPTH - height) // 2
    return Drawing("table-top", width, height, x, y, TABLE_WIDTH, TABLE_DEPTH, 0, is_round)
