"""A line to a provider: opened for a batch, asked to carry one message after the other, closed.

Every channel speaks this protocol, so that claiming, journal and retries are the same for a mail, a text and a word to
staff.  Source: reliability reference D3, T23.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from notifications.models import Message
from notifications.rules.limits import Rate
from notifications.rules.outcomes import Answer, Outcome


class ProviderAway(Exception):
    """No line to the provider, or it refused to talk at all: nothing was sent."""

    def __init__(self, code: int, words: str) -> None:
        super().__init__(words)
        self.answer = Answer(Outcome.TEMPORARY, code, words[:300])


class Line(Protocol):
    """One line.  `open` may be called again at any time; after trouble it begins anew."""

    def open(self) -> None:
        """Be ready to send, unless it is.  Raises ProviderAway."""

    def send(self, message: Message) -> Answer:
        """Carry one message and tell the provider's answer.  Never raises for what a provider can do."""

    def close(self) -> None:
        """Hang up; a provider that is gone already is no problem."""


@dataclass(frozen=True)
class Channel:
    """One way to people: its name, who carries it, how fast, and how to get a line."""

    name: str
    provider: str
    rate: Rate | None
    line: Callable[[], Line]
