"""How good the fit model and the labels are on reports that came later.

Source: delivery reference 6 (F2, F3, F4).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from shop.rules.fit import FIT, LARGE, SMALL, Outlook, Report
from shop.rules.fit_votes import RUNS_LARGE, RUNS_SMALL, Tally, label, parent_of
from shop.rules.ranking import macro_area

Judged = tuple[Report, Outlook]

GROUPS = ((0, 0), (1, 4), (5, 9), (10, 19), (20, 49), (50, None))


@dataclass(frozen=True, slots=True)
class Score:
    """Macro area under the curve and its three parts (small, fit, large); None where a verdict never occurs."""

    reports: int
    macro: float | None
    parts: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class LabelScore:
    """What later reports say of the items that carried one label."""

    name: str
    items: int
    later: Tally


def score(judged: Sequence[Judged]) -> Score:
    """Return how well the probabilities rank the verdicts of `judged`; reports without a verdict are left out."""
    rows = [
        ((seen.small, seen.fit, seen.large), report.verdict) for report, seen in judged if report.verdict is not None
    ]
    macro, parts = macro_area(rows)
    return Score(len(rows), macro, tuple(parts))


def by_earlier_reports(judged: Sequence[Judged]) -> list[tuple[str, Score]]:
    """Return the score by how many reports of the item there were when each was judged."""
    found = []
    for low, high in GROUPS:
        inside = [pair for pair in judged if low <= pair[1].reports and (high is None or pair[1].reports <= high)]
        name = f"{low} or more" if high is None else str(low) if low == high else f"{low}-{high}"
        found.append((name, score(inside)))
    return found


def label_scores(before: Iterable[Report], later: Iterable[Report]) -> list[LabelScore]:
    """Label every item from reports `before` and count what `later` reports say of it; the rest comes last."""
    tallies = tally_by_item(before)
    parent = parent_of(tallies.values())
    labels = {item: label(tally, parent) for item, tally in tallies.items()}
    after = tally_by_item(later)
    scores = []
    for name in (RUNS_SMALL, RUNS_LARGE, ""):
        items = [item for item in after if labels.get(item, "") == name]
        scores.append(LabelScore(name, len(items), sum((after[item] for item in items), Tally())))
    return scores


def tally_by_item(reports: Iterable[Report]) -> Mapping[str, Tally]:
    """Count verdicts by item; reports without a verdict are left out."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for report in reports:
        if report.verdict is not None:
            counts[report.item][report.verdict] += 1
    return {item: Tally(of[SMALL], of[FIT], of[LARGE]) for item, of in counts.items()}
