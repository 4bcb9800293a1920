"""How well scores rank: the area under the ROC curve.

Source: Hanley and McNeil (1982); macro average over one-vs-rest curves as published for the task (delivery
reference 3.1).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby


def area(scores: Sequence[float], hits: Sequence[bool]) -> float | None:
    """Return the chance that a hit has a higher score than a miss, ties counting half; None without either."""
    total, wanted = len(hits), sum(hits)
    if not 0 < wanted < total:
        return None
    passed, ranks = 0, 0.0
    for _score, same in groupby(sorted(zip(scores, hits, strict=True)), key=lambda pair: pair[0]):
        tied = [hit for _, hit in same]
        ranks += sum(tied) * (passed + (len(tied) + 1) / 2.0)
        passed += len(tied)
    return (ranks - wanted * (wanted + 1) / 2.0) / (wanted * (total - wanted))


def macro_area(rows: Sequence[tuple[Sequence[float], int]]) -> tuple[float | None, list[float | None]]:
    """Return the mean area of one class against the rest, and each of them, for rows of (scores by class, class).

    The mean is None when one class never occurs.
    """
    classes = range(len(rows[0][0])) if rows else range(0)
    areas = [area([scores[each] for scores, _ in rows], [truth == each for _, truth in rows]) for each in classes]
    known = [each for each in areas if each is not None]
    return (sum(known) / len(known) if known and len(known) == len(areas) else None), areas
