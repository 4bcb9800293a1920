"""Is one size out of line with everything else that was ordered in the same month?

Fisher's exact test, one-sided: with a handful of pieces a rate means nothing, a count out of a count does.  Many sizes
are asked at once, so each must be this unlikely times their number (Bonferroni).
Source: R. A. Fisher (1935), the exact test for two by two tables; delivery reference 4.4 (feedback loop).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, lgamma

FEWEST_MISFITS = 4  # three unhappy buyers are three people, not a pattern
UNLIKELY = 0.05  # a shop's month raises a false alarm once in twenty months


@dataclass(frozen=True, slots=True)
class Cell:
    """What became of one size in one month: `misfits` of `pieces` were wrong in one direction."""

    variant_id: int
    verdict: str
    misfits: int
    pieces: int


@dataclass(frozen=True, slots=True)
class Finding:
    """A size that is out of line, and the share that is usual among the others (basis points)."""

    cell: Cell
    usual_bp: int


def out_of_line(cells: list[Cell]) -> list[Finding]:
    """Return the cells of one month and direction with more misfits than chance allows, as against all the others."""
    misfits, pieces = sum(cell.misfits for cell in cells), sum(cell.pieces for cell in cells)
    tested = sum(1 for cell in cells if cell.pieces) or 1
    found = []
    for cell in cells:
        others = pieces - cell.pieces
        if cell.misfits < FEWEST_MISFITS or not others:
            continue
        if chance_of_as_many(cell.misfits, cell.pieces, misfits, pieces) * tested <= UNLIKELY:
            found.append(Finding(cell, 10_000 * (misfits - cell.misfits) // others))
    return found


def chance_of_as_many(misfits: int, pieces: int, all_misfits: int, all_pieces: int) -> float:
    """Return how likely `misfits` or more of `pieces` are, if `all_misfits` fell among `all_pieces` by chance."""
    most = min(pieces, all_misfits)
    whole = _log_choose(all_pieces, all_misfits)
    return min(
        1.0,
        sum(
            exp(_log_choose(pieces, each) + _log_choose(all_pieces - pieces, all_misfits - each) - whole)
            for each in range(misfits, most + 1)
            if all_misfits - each <= all_pieces - pieces
        ),
    )


def _log_choose(total: int, chosen: int) -> float:
    return lgamma(total + 1) - lgamma(chosen + 1) - lgamma(total - chosen + 1)
