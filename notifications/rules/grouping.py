"""Small news waits a little for company and travels in one letter; important news never waits for it.

Source: style 24 (group small news, send important news now).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

MOST_IN_ONE = 8  # a letter with more is a list nobody reads


@dataclass(frozen=True)
class Small:
    """One piece of small news: whom it is for and until when it may wait."""

    message_id: int
    reader: str
    due_at: datetime


def due_at(*, small: bool, at: datetime, wait: timedelta) -> datetime:
    """Return when news is to go out: at once, or after the wait that gives small news its company."""
    return at + wait if small else at


def bundles(waiting: Iterable[Small], *, at: datetime) -> list[tuple[int, ...]]:
    """Return what goes into one letter now: whoever has a piece that is due gets all of hers, oldest due first.

    A piece that is due and alone goes by itself: no bundle.  Nothing waits longer than its own time, and nothing is in
    two bundles.
    """
    by_reader: dict[str, list[Small]] = {}
    for piece in sorted(waiting, key=lambda piece: (piece.due_at, piece.message_id)):
        by_reader.setdefault(piece.reader, []).append(piece)
    found = []
    for pieces in by_reader.values():
        if pieces[0].due_at > at:
            continue
        for start in range(0, len(pieces), MOST_IN_ONE):
            together = pieces[start : start + MOST_IN_ONE]
            if len(together) > 1 and together[0].due_at <= at:
                found.append(tuple(piece.message_id for piece in together))
    return found
