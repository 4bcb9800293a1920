"""How a piece fits, in words: the sentence first, the bar second, then each size that enough people tried.

Source: ux reference 2.3 (fit), delivery reference 3.3 (nothing below five votes).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from shop.models import Area, Voices
from shop.rules.fit_votes import ENOUGH_FOR_BAR, RUNS_LARGE, RUNS_SMALL, Tally

_TRUE_TO_SIZE = 70  # per cent who found it right; below it we do not speak of true to size
_AREAS_NAMED = 2


@dataclass(frozen=True)
class Bar:
    """Shares in per cent of the bar's width; they sum to a hundred."""

    small: int
    fit: int
    large: int

    @property
    def fit_at(self) -> int:
        """Return where the middle part begins."""
        return self.small

    @property
    def large_at(self) -> int:
        """Return where the last part begins."""
        return self.small + self.fit


@dataclass(frozen=True)
class SizeFit:
    """What those say who took one size."""

    size: str
    votes: int
    bar: Bar


@dataclass(frozen=True)
class FitWords:
    """What the page says about the fit; `sentence` is empty while too few have said anything."""

    sentence: str
    detail: str
    bar: Bar | None
    sizes: tuple[SizeFit, ...]
    hints: tuple[str, ...]


SILENT = FitWords("", "", None, (), ())


def fit_words(voices: Voices | None) -> FitWords:
    """Return what customers say about the fit of a product."""
    if voices is None:
        return SILENT
    tally = Tally(voices.fit_small, voices.fit_fit, voices.fit_large)
    hints = tuple(_hint(each) for each in voices.hints)
    if tally.votes < ENOUGH_FOR_BAR:
        return FitWords("", "", None, (), hints)
    return FitWords(
        sentence=_sentence(tally, voices.runs),
        detail=_where(voices.areas),
        bar=bar_of(tally),
        sizes=_sizes(voices.fit_by_size),
        hints=hints,
    )


def bar_of(tally: Tally) -> Bar:
    """Return the shares of a bar; the middle takes what rounding leaves."""
    small, large = tally.percent("small"), tally.percent("large")
    return Bar(small, 100 - small - large, large)


def _sentence(tally: Tally, runs: str) -> str:
    counted = {"small": tally.small, "fit": tally.fit, "large": tally.large, "votes": tally.votes}
    if runs == RUNS_SMALL:
        return _("Runs small: %(small)d of %(votes)d buyers say so.") % counted
    if runs == RUNS_LARGE:
        return _("Runs large: %(large)d of %(votes)d buyers say so.") % counted
    if tally.percent("fit") >= _TRUE_TO_SIZE:
        return _("Fits true to size: %(fit)d of %(votes)d buyers say so.") % counted
    return _("%(fit)d of %(votes)d buyers say it fits; %(small)d found it small, %(large)d found it large.") % counted


def _where(areas: Mapping[str, int]) -> str:
    """Return where it did not fit, the most frequent first."""
    names = [str(Area(code).label) for code, count in areas.items() if count > 1 and code in Area.values]
    if not names:
        return ""
    return _("Where it did not fit, it was mostly here: %(places)s.") % {"places": ", ".join(names[:_AREAS_NAMED])}


def _sizes(by_size: Mapping[str, Sequence[int]]) -> tuple[SizeFit, ...]:
    """Return the sizes that enough people tried."""
    tallies = {size: Tally(*counts) for size, counts in by_size.items()}
    return tuple(
        SizeFit(size, tally.votes, bar_of(tally)) for size, tally in tallies.items() if tally.votes >= ENOUGH_FOR_BAR
    )


def _hint(hint: Mapping[str, Any]) -> str:
    """Return our own words about a size that is out of line, or a sentence made of its numbers."""
    if hint["words"]:
        return str(hint["words"])
    sentences = {
        "small": ngettext(
            "Size %(size)s: %(misfits)d of the last %(pieces)d buyer found it too small.",
            "Size %(size)s: %(misfits)d of the last %(pieces)d buyers found it too small.",
            hint["pieces"],
        ),
        "large": ngettext(
            "Size %(size)s: %(misfits)d of the last %(pieces)d buyer found it too large.",
            "Size %(size)s: %(misfits)d of the last %(pieces)d buyers found it too large.",
            hint["pieces"],
        ),
    }
    return sentences[hint["verdict"]] % hint
