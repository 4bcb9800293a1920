"""Reviews in words: the stars of a product, and the line that says whose body speaks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from shop.models import Area, Voices
from shop.rules import wording
from shop.rules.reviews import BAND, HIGHEST_BAND, LOWEST_BAND


@dataclass(frozen=True)
class StarWords:
    """The average in tenths ("4.3"), its sentence, and each number of stars with its share, five first."""

    average: str
    sentence: str
    shares: tuple[tuple[int, int, int], ...]  # stars, reviews, per cent of all


def star_words(voices: Voices | None) -> StarWords | None:
    """Return what the stars of a product say; None while there is no review."""
    if voices is None or not voices.reviews:
        return None
    tenths = sum(place * count for place, count in enumerate(voices.stars, start=1)) * 20 // (2 * voices.reviews)
    average = wording.decimal(f"{tenths // 10}.{tenths % 10}", get_language() or settings.LANGUAGE_CODE)
    sentence = ngettext(
        "%(average)s of 5 stars from %(number)d review",
        "%(average)s of 5 stars from %(number)d reviews",
        voices.reviews,
    ) % {"average": average, "number": voices.reviews}
    counted = [(place, voices.stars[place - 1]) for place in range(5, 0, -1)]
    return StarWords(average, sentence, tuple((stars, n, 100 * n // voices.reviews) for stars, n in counted))


def band_words(band: int) -> str:
    """Return a height band in centimetres: "165–169 cm"."""
    if band <= LOWEST_BAND:
        return _("under %(height)d cm") % {"height": LOWEST_BAND + BAND}
    if band >= HIGHEST_BAND:
        return _("%(height)d cm and taller") % {"height": HIGHEST_BAND}
    return _("%(low)d–%(high)d cm") % {"low": band, "high": band + BAND - 1}


def body_line(review: Mapping[str, Any]) -> str:
    """Return who speaks: "165–169 cm, usually M, bought M: it fits"."""
    told = []
    if review["height_band"] is not None:
        told.append(band_words(int(review["height_band"])))
    if review["usual_size"]:
        told.append(_("usually %(size)s") % {"size": review["usual_size"]})
    if review["size"]:
        told.append(_("bought %(size)s") % {"size": review["size"]})
    line = ", ".join(told)
    fit = fit_line(review["verdict"], review["area"])
    return f"{line}: {fit}" if line and fit else line or fit


def fit_line(verdict: str, area: str) -> str:
    """Return the verdict with its place: "too small at the waist"."""
    if not verdict:
        return ""
    said = {"small": _("too small"), "fit": _("true to size"), "large": _("too large")}[verdict]
    if not area:
        return said
    return _("%(verdict)s (%(area)s)") % {"verdict": said, "area": Area(area).label}


def written(review: Mapping[str, Any]) -> str:
    """Return when it was written: "March 2026"."""
    return wording.month(date.fromisoformat(review["written_on"]), get_language() or settings.LANGUAGE_CODE)
