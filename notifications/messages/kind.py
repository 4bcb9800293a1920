"""What a kind of message is: its trigger, its reader, what it says and when it is held back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from typing import Any

from django.utils.functional import Promise

from notifications.rules.standing import Test, always
from shop.models import Event


class Lane(IntEnum):
    """What goes first when much is waiting."""

    ASKED = 0  # somebody sits and waits for it: a link, a code
    NEWS = 1
    SMALL = 2
    CAMPAIGN = 3


class Topic(StrEnum):
    """Under which heading a reader finds a kind among her wishes; the words are in messages/topics.py."""

    DELIVERY = "delivery"
    MONEY = "money"
    RETURNS = "returns"
    CONVERSATION = "conversation"
    ACCOUNT = "account"
    SHOP = "shop"
    STAFF = "staff"


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
    asked again when it is about to be sent.

    critical   a second copy is better than none
    optional   she may switch it off; it then stands on the page of her order only
    small      waits some minutes for other small news, to travel in one letter
    any_hour   goes out at night, too: she did something this minute, or it is about today
    unasked    we write it of our own accord: it counts, and waits or is dropped when we wrote too often already
    patience   how long such a message may wait for its turn; without patience it goes now or never
    asks_first goes out only where she asked for it
    repeats    may say the same twice, because she asked twice
    must_say   fields of the context that words of our own must not leave out
    """

    name: str
    event: str
    says: str | Promise
    audience: str
    find: Callable[[Event], Any]
    to: Callable[[Any], Recipient]
    context: Callable[[Any, datetime], Any]
    unwanted: Callable[[Any], str] = nothing_against
    outdated: Test = always
    critical: bool = True
    by_a_person: bool = False
    topic: Topic = Topic.DELIVERY
    lane: Lane = Lane.NEWS
    optional: bool = False
    small: bool = False
    any_hour: bool = False
    unasked: bool = False
    patience: timedelta = timedelta()
    asks_first: bool = False
    repeats: bool = False
    must_say: tuple[str, ...] = ()

    @property
    def folder(self) -> str:
        """Return where its templates are."""
        return f"messages/{self.name}"

    @property
    def for_staff(self) -> bool:
        """Say whether staff read it, on a channel of their own."""
        return self.topic == Topic.STAFF
