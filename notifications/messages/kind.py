"""What a kind of message is: its trigger, its reader, what it says and when it is held back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from notifications.rules.standing import Test, always
from shop.models import Event


@dataclass(frozen=True)
class Recipient:
    """Who is told, in which language, and which thread an answer joins."""

    address: str
    name: str
    locale: str
    order_number: str
    reply_to: str
    in_reply_to: str = ""


def nothing_against(source: Any) -> str:
    """Write the message whatever the source says."""
    return ""


@dataclass(frozen=True)
class Kind:
    """One kind of message.

    `find` loads the rows the event speaks of, `to` names the reader, `context` returns a frozen dataclass of plain
    texts (called in the reader's language), `unwanted` says in a sentence why nobody needs it, and `outdated` is
    asked again when it is about to be sent.  `critical`: a second copy is better than none.
    """

    name: str
    event: str
    says: str
    audience: str
    find: Callable[[Event], Any]
    to: Callable[[Any], Recipient]
    context: Callable[[Any, datetime], Any]
    unwanted: Callable[[Any], str] = nothing_against
    outdated: Test = always
    critical: bool = True
    by_a_person: bool = False

    @property
    def folder(self) -> str:
        """Return where its templates are."""
        return f"messages/{self.name}"
