"""A campaign before it goes out: as one real reader would get it, and as a mail to oneself."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext

from notifications.messages import KINDS
from notifications.messages.campaign import news_of
from notifications.messages.greetings import known_at
from notifications.messages.kind import Lane, Recipient
from notifications.messages.rendering import Letter, render
from notifications.messages.words import first_name
from notifications.models import Campaign, Message
from notifications.operations.composing import write_message
from notifications.operations.falling_back import TESTED
from notifications.queries.groups import KIND
from notifications.rules.headers import subject_line
from shop import doorbell
from shop.messages.languages import known_language
from shop.models import User
from shop.operations.events import record_event


def letter_to(campaign: Campaign, *, address: str, locale: str = "") -> Letter:
    """Return what somebody at `address` would get, in her language unless `locale` names another.  Writes nothing."""
    reader = known_at(address)
    with translation.override(known_language(locale or reader.locale)):
        news = news_of(campaign.texts.order_by("locale", "id"), first_name=first_name(reader.name), link=campaign.link)
        return render(KINDS[KIND], news)


@transaction.atomic
def send_campaign_test(*, campaign: Campaign, address: str, locale: str = "", by: User, at: datetime) -> Message:
    """Send what somebody at `address` would get to the person who asks, and to nobody else."""
    letter = letter_to(campaign, address=address, locale=locale)
    about = {"kind": KIND, "campaign_id": campaign.pk}
    event = record_event(name=TESTED, subject=f"shop.user:{by.pk}", payload=about, actor=by, at=at)
    subject = subject_line(gettext("Test: %(subject)s") % {"subject": letter.subject})
    doorbell.ring("notifications.send_messages")
    return write_message(
        event=event,
        kind=KIND,
        to=Recipient(by.email, by.get_full_name(), locale or "en", "", ""),
        letter=Letter(subject, letter.text, letter.html),
        lane=Lane.ASKED,
        due_at=at,
    )
