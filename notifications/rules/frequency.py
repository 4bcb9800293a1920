"""How often we write of our own accord: one rule for greetings, invitations, campaigns and whatever comes.

What she asked for (an alert, a link, news of her order) never counts.  Source: issue of the one voice (frequency cap
across everything); reliability reference T29.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


@dataclass(frozen=True)
class Cap:
    """At most `most` mails nobody asked for, to one person, in any span of `window`."""

    most: int
    window: timedelta


class Turn(StrEnum):
    """What becomes of a mail nobody asked for."""

    GO = "go"
    WAIT = "wait"
    DROP = "drop"


@dataclass(frozen=True)
class Verdict:
    """Whether it may go, and when the next such mail may."""

    turn: Turn
    opens_at: datetime


def opens_at(counted: Iterable[datetime], *, cap: Cap, at: datetime) -> datetime:
    """Return when one more may go, `at` itself when it may go now.  `counted` are the moments of those that went."""
    recent = sorted(moment for moment in counted if moment > at - cap.window)
    return at if len(recent) < cap.most else recent[len(recent) - cap.most] + cap.window


def judge(counted: Iterable[datetime], *, cap: Cap, at: datetime, written_at: datetime, patience: timedelta) -> Verdict:
    """Decide about one more mail, written at `written_at`, that may be put off by `patience` since then.

    It waits when its turn comes in time and is dropped when it does not: news of last month is worse than none.
    """
    free_at = opens_at(counted, cap=cap, at=at)
    if free_at <= at:
        return Verdict(Turn.GO, at)
    return Verdict(Turn.WAIT if free_at <= written_at + patience else Turn.DROP, free_at)
