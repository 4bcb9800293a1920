"""How to break the invariants of campaigns; those of messages are told in test_invariants.py."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from notifications.models import Campaign, CampaignRecipient
from shop.models import Event
from shop.operations.events import record_event
from tests.breaches import Planter, sql
from tests.factories.campaigns import a_draft_campaign, asks_for_news
from tests.factories.notifications import queued

ANA = "ana@example.com"


def _told(campaign: Campaign, address: str, *, at: datetime) -> Event:
    """A person of a campaign, taken up at a moment, with her event and without a mail."""
    row = CampaignRecipient.objects.create(campaign=campaign, address=address)
    event = record_event(
        name="notifications.campaign.due",
        subject=f"notifications.campaignrecipient:{row.pk}",
        payload={"campaign_id": campaign.pk, "recipient_id": row.pk},
        at=at,
    )
    row.event, row.told_at = event, at
    row.save()
    return event


def write_to_who_said_no() -> None:
    """She took out the tick an hour ago, a mail is written all the same; who says it afterwards breaks nothing."""
    now = timezone.now()
    campaign = a_draft_campaign(at=now)
    for address, since in ((ANA, now - timedelta(hours=1)), ("bea@example.com", now + timedelta(hours=1))):
        asks_for_news(address, at=since, wanted=False)
        queued(_told(campaign, address, at=now), kind="campaign", recipient=address)


def write_twice() -> None:
    """The same person stands in a campaign twice, once in capitals."""
    now = timezone.now()
    campaign = a_draft_campaign(at=now)
    sql('DROP INDEX "campaign_writes_once"')
    for address in (ANA, ANA.upper()):
        _told(campaign, address, at=now)


def write_to_more_than_the_share() -> None:
    """Three on one day, where two is the share; the day before has its own two."""
    now = timezone.now()
    campaign = a_draft_campaign(at=now, per_day=2)
    for number in range(5):
        _told(campaign, f"p{number}@example.com", at=now - timedelta(days=number // 3))


def ask_twice_in_a_week() -> None:
    """Two questions to one address, six days apart; the third comes a week after the second."""
    now = timezone.now()
    for days, address in ((20, ANA), (14, ANA.upper()), (7, ANA)):
        event = record_event(
            name="notifications.news.asked", subject="tests", payload={}, at=now - timedelta(days=days)
        )
        queued(event, kind="news_confirm", recipient=address)


BREACHES: dict[str, Planter] = {
    "N11": write_to_who_said_no,
    "N12": write_twice,
    "N13": write_to_more_than_the_share,
    "N14": ask_twice_in_a_week,
}
