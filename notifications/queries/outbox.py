"""The queue in numbers: what waits, what failed, how fast letters leave.  On the database's clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, Q, QuerySet

from notifications.models import Message, Provider

OVERDUE = timedelta(minutes=10)  # reliability reference I08


@dataclass(frozen=True)
class ProviderStatus:
    """How one provider does: failures in a row, the last problem and when, and until when it is left alone."""

    name: str
    failures: int
    problem: str
    failed_at: datetime | None
    rests_until: datetime | None


@dataclass(frozen=True)
class OutboxStatus:
    """How the queue stands.  `providers` are those that were in trouble or have a limit, by name."""

    queued: int
    due: int
    claimed: int
    oldest_due_at: datetime | None
    overdue: int
    abandoned: int
    unconfirmed: int
    failed_last_day: tuple[tuple[str, int], ...]
    sent_last_hour: int
    providers: tuple[ProviderStatus, ...] = ()

    @property
    def stuck(self) -> bool:
        """Say whether something waits that should have gone by itself."""
        return bool(self.overdue or self.abandoned)


def outbox_status(at: datetime) -> OutboxStatus:
    """Return the state of the queue at `at`.  Five queries over partial indexes."""
    waiting = Message.objects.filter(state__in=[Message.State.QUEUED, Message.State.CLAIMED])
    due = Q(state=Message.State.QUEUED, due_at__lte=at)
    numbers = waiting.aggregate(
        queued=Count("id", filter=Q(state=Message.State.QUEUED)),
        due=Count("id", filter=due),
        claimed=Count("id", filter=Q(state=Message.State.CLAIMED)),
        oldest_due_at=Min("due_at", filter=due),
        overdue=Count("id", filter=Q(state=Message.State.QUEUED, due_at__lt=at - OVERDUE)),
        abandoned=Count("id", filter=Q(state=Message.State.CLAIMED, lease_until__lt=at - timedelta(minutes=1))),
    )
    sent = Message.objects.filter(sent_at__isnull=False, sent_at__gt=at - timedelta(hours=1))
    return OutboxStatus(
        **numbers,
        unconfirmed=unconfirmed().count(),
        failed_last_day=failures_by_reason(since=at - timedelta(days=1)),
        sent_last_hour=sent.count(),
        providers=provider_statuses(),
    )


def provider_statuses() -> tuple[ProviderStatus, ...]:
    """Return every provider that has a row, by name.  One query."""
    columns = ("name", "failures", "problem", "failed_at", "rests_until")
    return tuple(ProviderStatus(*row) for row in Provider.objects.order_by("name").values_list(*columns))


def unconfirmed() -> QuerySet[Message]:
    """Return messages of which a copy may be out without our knowing, oldest doubt first."""
    return Message.objects.filter(unconfirmed_at__isnull=False).order_by("unconfirmed_at", "id")


def failures_by_reason(*, since: datetime) -> tuple[tuple[str, int], ...]:
    """Return why messages written since then failed, and how many each, the most frequent reason first."""
    failed = Message.objects.filter(state=Message.State.FAILED, created_at__gt=since)
    rows = failed.values("reason").annotate(number=Count("id")).order_by("-number", "reason")
    return tuple((row["reason"], row["number"]) for row in rows)
