"""Campaigns: written by staff, started, brought to the group in pages and daily shares, stopped at any moment.

The group is read once, page by page in the order of the addresses; each page leaves due rows and the place where to go
on, so that whoever dies half-way repeats nothing.  Each due row becomes one event, and the event a message like any
other.  Source: issue of the one voice (campaigns); reliability reference D2, D4, T29.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from notifications.models import Campaign, CampaignRecipient, CampaignText, CustomerGroup
from notifications.queries.groups import page_after
from notifications.rules.campaigns import NEXT, VARIABLES, left_today, next_share_at
from notifications.rules.flat import Problem, problems
from shop import doorbell
from shop.models import User
from shop.operations.events import NewEvent, record_event, record_events
from shop.operations.leases import put_off_due

log = logging.getLogger(__name__)

PAGE = 2_000  # people looked at in one transaction
BATCH = 100  # recipients told in one transaction
AT_ONCE = 5
TURN = timedelta(minutes=5)  # what a process that dies in the middle costs


class NotADraft(Exception):
    """It was started already: what people read is not changed under them."""


class NoWords(Exception):
    """It says nothing in the shop's own language, which is what everybody falls back to."""


class NotRunning(Exception):
    """There is nothing to stop."""


class BadWords(ValueError):
    """The words of one language cannot be used; `problems` says why."""

    def __init__(self, locale: str, found: list[Problem]) -> None:
        super().__init__(locale)
        self.locale, self.problems = locale, tuple(found)


def check_texts(texts: Mapping[str, tuple[str, str]]) -> None:
    """Raise BadWords for texts, by language, that no message can be made of."""
    for locale, (subject, text) in texts.items():
        if found := problems(subject, text, known=VARIABLES, must_say=()):
            raise BadWords(locale, found)


@transaction.atomic
def save_group(*, group: CustomerGroup, by: User, at: datetime) -> None:
    """Keep a group as it was filled in; campaigns that are being read go by it from their next page on."""
    group.changed_at, group.changed_by = at, by
    group.save()
    _record("notifications.group.changed", f"notifications.customergroup:{group.pk}", {"group_id": group.pk}, by, at)


@transaction.atomic
def save_campaign(*, campaign: Campaign, texts: Mapping[str, tuple[str, str]], by: User, at: datetime) -> None:
    """Keep a draft and its (subject, text) by language; a language without both is taken out.

    Raises NotADraft, BadWords.
    """
    check_texts(texts)
    if campaign.pk and Campaign.objects.select_for_update().get(pk=campaign.pk).state != Campaign.State.DRAFT:
        raise NotADraft
    campaign.changed_at = at
    campaign.save()
    campaign.texts.all().delete()
    rows = [
        CampaignText(campaign=campaign, locale=locale, subject=subject, text=text)
        for locale, (subject, text) in texts.items()
        if subject and text
    ]
    CampaignText.objects.bulk_create(rows)
    _record_about(campaign, "changed", by, at)


@transaction.atomic
def start_campaign(*, campaign_id: int, by: User, at: datetime) -> Campaign:
    """Begin to write to the group, at the moment that was set or now.  Raises NotADraft, NoWords."""
    campaign = Campaign.objects.select_for_update().get(pk=campaign_id)
    if Campaign.State.RUNNING not in NEXT[campaign.state]:
        raise NotADraft
    if not campaign.texts.filter(locale=settings.LANGUAGE_CODE).exists():
        raise NoWords
    campaign.state, campaign.started_at, campaign.started_by = Campaign.State.RUNNING, at, by
    campaign.due_at = max(at, campaign.starts_at or at)
    campaign.save(update_fields=["state", "started_at", "started_by", "due_at"])
    _record_about(campaign, "started", by, at)
    doorbell.ring("notifications.run_campaigns")
    return campaign


@transaction.atomic
def stop_campaign(*, campaign_id: int, by: User, at: datetime) -> Campaign:
    """Write to nobody else; what is queued is held back when it would go.  Raises NotRunning."""
    campaign = Campaign.objects.select_for_update().get(pk=campaign_id)
    if Campaign.State.STOPPED not in NEXT[campaign.state]:
        raise NotRunning
    campaign.state, campaign.due_at = Campaign.State.STOPPED, None
    campaign.stopped_at, campaign.stopped_by = at, by
    campaign.save(update_fields=["state", "due_at", "stopped_at", "stopped_by"])
    _record_about(campaign, "stopped", by, at)
    return campaign


def run_campaigns(at: datetime) -> int:
    """Bring running campaigns on by a page and a batch each; return how many moved.

    Claimed by moving their turn on (index `campaign_due`), so that two workers do not read the same page.
    """
    claimed = put_off_due(Campaign, column="due_at", by=TURN, most=AT_ONCE)
    for campaign_id in claimed:
        try:
            _go_on(campaign_id, at)
        except Exception as problem:  # one bad row never stops the others; its turn comes again
            log.warning("campaign %s could not go on: %s", campaign_id, type(problem).__name__)
    return len(claimed)


@transaction.atomic
def _go_on(campaign_id: int, at: datetime) -> None:
    campaign = Campaign.objects.select_for_update(of=("self",)).select_related("group").get(pk=campaign_id)
    if campaign.state != Campaign.State.RUNNING:
        return
    if campaign.read_at is None:
        _read_page(campaign, at)
    today = timezone.localtime(at).date()
    left = left_today(per_day=campaign.per_day, told_on=campaign.told_on, told_today=campaign.told_today, today=today)
    told = _tell(campaign, min(left, BATCH), at) if left else 0
    campaign.told_today = told + (campaign.told_today if campaign.told_on == today else 0)
    campaign.told_on = today
    _set_turn(campaign, share_is_over=told == left, at=at)
    campaign.save(update_fields=["read_up_to", "read_at", "told_on", "told_today", "state", "due_at"])


def _read_page(campaign: Campaign, at: datetime) -> None:
    """Leave a due row for those of the next people whom the group holds and remember how far it was read."""
    page = page_after(campaign.group, after=campaign.read_up_to, most=PAGE, at=at)
    rows = [CampaignRecipient(campaign=campaign, address=address) for address in page.addresses]
    CampaignRecipient.objects.bulk_create(rows, ignore_conflicts=True)
    campaign.read_up_to = page.up_to
    campaign.read_at = at if page.is_last else None


def _tell(campaign: Campaign, most: int, at: datetime) -> int:
    """Record an event for the next due recipients; return how many."""
    waiting = CampaignRecipient.objects.filter(campaign=campaign, told_at=None).order_by("id")
    rows = list(waiting.select_for_update()[:most])
    facts = [
        NewEvent(
            "notifications.campaign.due",
            f"notifications.campaignrecipient:{row.pk}",
            "",
            None,
            {"campaign_id": campaign.pk, "recipient_id": row.pk},
        )
        for row in rows
    ]
    for row, event in zip(rows, record_events(facts, at=at), strict=True):
        row.event, row.told_at = event, at
    CampaignRecipient.objects.bulk_update(rows, ["event", "told_at"])
    return len(rows)


def _set_turn(campaign: Campaign, *, share_is_over: bool, at: datetime) -> None:
    """Say when it goes on: at once, with the next day's share, or never because everybody is written to."""
    waiting = CampaignRecipient.objects.filter(campaign=campaign, told_at=None).exists()
    if campaign.read_at is not None and not waiting:
        campaign.state, campaign.due_at = Campaign.State.DONE, None
    elif share_is_over and campaign.read_at is not None:
        campaign.due_at = next_share_at(at=at, zone=ZoneInfo(settings.TIME_ZONE))
    else:
        campaign.due_at = at


def _record_about(campaign: Campaign, what: str, by: User, at: datetime) -> None:
    about = f"notifications.campaign:{campaign.pk}"
    _record(f"notifications.campaign.{what}", about, {"campaign_id": campaign.pk}, by, at)


def _record(name: str, about: str, payload: dict[str, int], by: User, at: datetime) -> None:
    record_event(name=name, subject=about, payload=payload, actor=by, at=at)
