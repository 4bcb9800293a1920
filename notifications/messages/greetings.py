"""On a day that is hers: a greeting, and nothing to buy.

Her consent is asked again when it is written and when it is sent.  Source: commerce reference A1.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy, ngettext

from notifications.messages import words
from notifications.messages.kind import Kind, Lane, Recipient, Topic
from notifications.models import Greeting
from notifications.queries.occasions import first_order
from notifications.rules.greetings import years_since
from notifications.rules.standing import while_it_is_the_day
from shop.models import Event
from shop.queries.people import owner_of_address
from shop.rules.personal import is_nobody, nobody


@dataclass(frozen=True)
class Birthday:
    """What the wish says."""

    first_name: str


@dataclass(frozen=True)
class Anniversary:
    """What the thanks say; `since` is the day of the first order, `years` how long that is, as a sentence."""

    first_name: str
    years: str
    since: str


def find(event: Event) -> Greeting:
    """Return who is greeted; nobody when she took her consent back meanwhile, which is no mistake.  One query."""
    found = Greeting.objects.filter(pk=event.payload["greeting_id"]).first()
    return found or Greeting(address=nobody("greeting"))


def unwanted(greeting: Greeting) -> str:
    """Hold it back when she took her consent back before it was written."""
    return gettext("She took back that we may write this.") if is_nobody(greeting.address) else ""


def to(greeting: Greeting) -> Recipient:
    """Greet the address that agreed."""
    return known_at(greeting.address)


def known_at(address: str) -> Recipient:
    """Write to an address by the name and in the language of its account, else of its first order.  Two queries."""
    owner, first = owner_of_address(address), first_order(address)
    name = (owner.name if owner else "") or (first.full_name if first else "")
    locale = (owner.language if owner else "") or (first.locale if first else "") or settings.LANGUAGE_CODE
    return Recipient(address, name, locale, "", settings.CARE_EMAIL)


def birthday(greeting: Greeting, at: datetime) -> Birthday:
    """Collect what the wish says."""
    return Birthday(words.first_name(to(greeting).name))


def anniversary(greeting: Greeting, at: datetime) -> Anniversary:
    """Collect what the thanks say."""
    first = first_order(greeting.address)
    placed_on = timezone.localtime(first.placed_at if first else at).date()
    number = years_since(placed_on, today=timezone.localtime(at).date())
    years = ngettext("A year ago today you ordered here for the first time.",
                     "%(n)d years ago today you ordered here for the first time.", number) % {"n": number}  # fmt: skip
    return Anniversary(words.first_name(to(greeting).name), years, f"{words.day(placed_on)} {placed_on.year}")


KINDS = (
    Kind(
        name="birthday",
        event="notifications.birthday.come",
        says=gettext_lazy("A greeting on your birthday, if your account knows it"),
        audience="who left her birthday in her account, for that",
        find=find,
        to=to,
        context=birthday,
        unwanted=unwanted,
        outdated=while_it_is_the_day,
        critical=False,
        topic=Topic.SHOP,
        lane=Lane.CAMPAIGN,
        optional=True,
        repeats=True,
        unasked=True,
    ),
    Kind(
        name="anniversary",
        event="notifications.anniversary.come",
        says=gettext_lazy("Thanks on the day of your first order, once a year"),
        audience="who asked for it",
        find=find,
        to=to,
        context=anniversary,
        unwanted=unwanted,
        outdated=while_it_is_the_day,
        critical=False,
        topic=Topic.SHOP,
        lane=Lane.CAMPAIGN,
        optional=True,
        asks_first=True,
        unasked=True,
    ),
)
