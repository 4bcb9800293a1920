"""Somebody, probably she, wants news of the shop: may it come?  One press on the page of its link.

The letter asks and is no news itself.  Source: issue of the one voice (double opt-in), GDPR art. 7.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from notifications.messages import words
from notifications.messages.kind import Kind, Recipient, Topic
from notifications.messages.reasons import reason_text
from notifications.models import NewsConsent
from notifications.rules.news import ASKED
from notifications.rules.standing import NEWS_ANSWERED, while_it_is_asked
from shop.messages.news import offer_of
from shop.models import Event
from shop.rules.personal import nobody


@dataclass(frozen=True)
class Question:
    """What was ticked, until when the link opens, and where to say yes."""

    first_name: str
    wording: str
    until: str
    label: str
    url: str


def find(event: Event) -> NewsConsent:
    """Return the open question; nobody when it was answered elsewhere or forgotten meanwhile.  One query."""
    found = NewsConsent.objects.filter(pk=event.payload["news_id"], confirmed_at=None, refused_at=None).first()
    return found or NewsConsent(address=nobody("news"))


def unwanted(question: NewsConsent) -> str:
    """Hold it back when nobody needs to be asked any more."""
    return "" if question.pk else reason_text(NEWS_ANSWERED)


def to(question: NewsConsent) -> Recipient:
    """Ask the address itself; we know no name."""
    return Recipient(question.address, "", question.locale, "", settings.CARE_EMAIL)


def context(question: NewsConsent, at: datetime) -> Question:
    """Collect what the letter says, with a fresh link.  One query."""
    return Question(
        first_name="",
        wording=offer_of(question.wording),
        until=words.local_day(question.expires_at or at),
        label=_("See it and say yes"),
        url=words.page("notifications:news-answer", question.issue_token()),
    )


KIND = Kind(
    name="news_confirm",
    event=ASKED,
    says=gettext_lazy("May news of the shop come? Asked once, when somebody ticked it with your address"),
    audience="the address that was typed",
    find=find,
    to=to,
    context=context,
    unwanted=unwanted,
    outdated=while_it_is_asked,
    critical=False,
    topic=Topic.SHOP,
    any_hour=True,
    repeats=True,
)
