"""When silence is consent and when it is not, and until when her word is needed.

A first delay with its new date may be taken as agreed when she says nothing; from the second one on only her own word
counts, and nothing is sent without it.
Source: 16 CFR 435.2 (revised shipping dates, silence); commerce reference c-6; delivery reference 1.6.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from orders.rules.promise import Route

ANSWER_DAYS = 3  # working days of the workshop, so that no answer is asked for over a weekend


class Consent(StrEnum):
    """What we have from her for the newest date."""

    NOT_ASKED = "not_asked"
    SILENT = "silent"
    EXPLICIT = "explicit"
    MISSING = "missing"


def needs_word(*, round_number: int, gone: bool) -> bool:
    """Tell whether a delay needs her own word: the second and later ones, while we still have the goods."""
    return round_number >= 2 and not gone


def decide_by_at(*, route: Route, at: datetime) -> datetime:
    """Return the moment (UTC) until which she is asked for her word: the end of the third working day."""
    return route.workshop.day_closes_at(route.workshop.add(route.workshop.local_day(at), ANSWER_DAYS))


def consent_of(*, delayed: bool, decided: bool, word_needed: bool) -> Consent:
    """Return what we have for a date: her word, her silence where it counts, or nothing."""
    if not delayed:
        return Consent.NOT_ASKED
    if decided:
        return Consent.EXPLICIT
    return Consent.MISSING if word_needed else Consent.SILENT
