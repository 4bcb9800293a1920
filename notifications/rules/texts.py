"""What a text says that came in: stop, start again, or words for a person.

The words are those that SMS providers themselves listen to, and the same in German.  Source: CTIA Messaging Principles
5.1.3 (opt-out by a single word), Twilio's list of stop words; issue of the one voice (text channels).
"""

from __future__ import annotations

import unicodedata
from enum import StrEnum


class Wish(StrEnum):
    """What somebody wants who texts."""

    STOP = "stop"
    START = "start"
    TALK = "talk"


_STOP = frozenset({"stop", "stopall", "unsubscribe", "end", "quit", "stopp", "abmelden", "ende"})
_BOTH = frozenset({"cancel", "storno"})  # providers stop at it, and she may mean her order
_START = frozenset({"start", "unstop"})


def wishes_of(words: str) -> frozenset[Wish]:
    """Return what a text asks for; only a word that stands alone stops or starts anything."""
    said = unicodedata.normalize("NFKC", words).strip(" \t\r\n.!\"'").casefold()
    if said in _STOP:
        return frozenset({Wish.STOP})
    if said in _BOTH:
        return frozenset({Wish.STOP, Wish.TALK})
    return frozenset({Wish.START}) if said in _START else frozenset({Wish.TALK})
