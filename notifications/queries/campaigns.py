"""What became of a campaign, in plain numbers.  Nobody knows whether an order came because of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, DateTimeField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet
from django.db.models.functions import Lower

from notifications.models import Campaign, CampaignRecipient, Message, Wish
from notifications.queries.groups import KIND
from orders.models import Order

ORDERED_WITHIN = timedelta(days=14)


@dataclass(frozen=True)
class Results:
    """How many people stand where; `ordered` are those who ordered within two weeks after they were written to."""

    recipients: int
    told: int
    sent: int
    waiting: int
    held_back: int
    came_back: int
    unsubscribed: int
    ordered: int


def results_of(campaign: Campaign) -> Results:
    """Return what became of a campaign.  Three queries, whatever its size."""
    rows = CampaignRecipient.objects.filter(campaign=campaign)
    messages = Message.objects.filter(event__in=rows.filter(told_at__isnull=False).values("event"), kind=KIND)
    states = messages.aggregate(
        sent=Count("pk", filter=Q(state__in=["sent", "bounced"])),
        waiting=Count("pk", filter=Q(state__in=["queued", "claimed"])),
        held_back=Count("pk", filter=Q(state="suppressed")),
        came_back=Count("pk", filter=Q(state__in=["bounced", "failed"])),
    )
    people = rows.aggregate(recipients=Count("pk"), told=Count("pk", filter=Q(told_at__isnull=False)))
    return Results(**people, **states, **_afterwards(rows))


def _afterwards(rows: QuerySet[CampaignRecipient]) -> dict[str, int]:
    told = rows.filter(told_at__isnull=False).annotate(to=Lower("address"))
    left = Wish.objects.annotate(lower=Lower("reader__address")).filter(
        lower=OuterRef("to"), kind=KIND, wanted=False, changed_at__gte=OuterRef("told_at")
    )
    bought = Order.objects.annotate(lower=Lower("email")).filter(
        lower=OuterRef("to"),
        status=Order.Status.PLACED,
        placed_at__gte=OuterRef("told_at"),
        placed_at__lt=ExpressionWrapper(OuterRef("told_at") + ORDERED_WITHIN, output_field=DateTimeField()),
    )
    after = told.annotate(left=Exists(left), bought=Exists(bought))
    return after.aggregate(unsubscribed=Count("pk", filter=Q(left=True)), ordered=Count("pk", filter=Q(bought=True)))
