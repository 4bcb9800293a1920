"""News of the shop to a group of customers: staff's own words, only to who asked for it, one click from its end.

Source: issue of the one voice (campaigns); reliability reference T29 (no message after consent was withdrawn).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext, gettext_lazy

from notifications.messages import words
from notifications.messages.greetings import known_at
from notifications.messages.kind import Kind, Lane, Recipient, Topic
from notifications.models import Campaign, CampaignRecipient, CampaignText
from notifications.rules import flat
from notifications.rules.campaigns import spoken
from notifications.rules.standing import while_it_is_not_stopped
from shop.models import Event
from shop.rules.personal import is_nobody, nobody


@dataclass(frozen=True)
class News:
    """What staff wrote, filled for one reader; `url` is the page behind the button, or nothing."""

    first_name: str
    headline: str
    words: tuple[str, ...]
    url: str


def find(event: Event) -> CampaignRecipient:
    """Return who is written to with the campaign; nobody when her data was erased meanwhile.  One query."""
    rows = CampaignRecipient.objects.select_related("campaign").filter(pk=event.payload["recipient_id"])
    gone = Campaign(pk=event.payload["campaign_id"], state=Campaign.State.STOPPED)
    return rows.first() or CampaignRecipient(campaign=gone, address=nobody("campaign"))


def unwanted(recipient: CampaignRecipient) -> str:
    """Hold it back when somebody stopped the campaign before it was written."""
    stopped = recipient.campaign.state == Campaign.State.STOPPED
    return gettext("The campaign was stopped.") if stopped and not is_nobody(recipient.address) else ""


def to(recipient: CampaignRecipient) -> Recipient:
    """Write to the address that agreed, by the name and in the language we know."""
    return known_at(recipient.address)


def context(recipient: CampaignRecipient, at: datetime) -> News:
    """Fill the words of the language that is switched on, else of the shop's.  Three queries."""
    name = words.first_name(known_at(recipient.address).name)
    texts = recipient.campaign.texts.order_by("locale", "id")
    return news_of(texts, first_name=name, link=recipient.campaign.link)


def news_of(texts: Iterable[CampaignText], *, first_name: str, link: str) -> News:
    """Return what a campaign's texts say to one reader, in the language that is switched on."""
    written = {text.locale: text for text in texts}
    locale = spoken(words.language(), written=written, default=settings.LANGUAGE_CODE)
    if not locale:
        return News(first_name, "", (), "")
    values = {"first_name": first_name, "shop_name": settings.SHOP_NAME}
    said = tuple(flat.filled(part, values) for part in flat.paragraphs(written[locale].text))
    headline = flat.filled(written[locale].subject, values)
    return News(first_name, headline, said, f"{settings.SITE_URL}{link}" if link else "")


KIND = Kind(
    name="campaign",
    event="notifications.campaign.due",
    says=gettext_lazy("News of the shop: new pieces, offers, what we are working on"),
    audience="who asked for it and belongs to the group of the campaign",
    find=find,
    to=to,
    context=context,
    unwanted=unwanted,
    outdated=while_it_is_not_stopped,
    critical=False,
    topic=Topic.SHOP,
    lane=Lane.CAMPAIGN,
    optional=True,
    asks_first=True,
    unasked=True,
    patience=timedelta(days=21),
    repeats=True,
)
