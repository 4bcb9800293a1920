"""The outbox as a screen: what waits by channel, how the providers are, what failed, how fast messages leave."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Min
from django.db.models.functions import TruncHour

from notifications.models import Message, Provider
from notifications.queries.outbox import OutboxStatus, outbox_status

HOURS = 12


@dataclass(frozen=True)
class Board:
    """Everything the screen shows.  `waiting` by channel and lane, `hours` of the last half day, oldest first."""

    status: OutboxStatus
    waiting: list[dict[str, Any]]
    providers: list[Provider]
    hours: list[tuple[datetime, int]]
    most_in_an_hour: int


def board(at: datetime) -> Board:
    """Return the state of the outbox.  Seven queries over partial indexes."""
    waiting = Message.objects.filter(state__in=[Message.State.QUEUED, Message.State.CLAIMED])
    by_lane = waiting.values("channel", "lane").annotate(number=Count("id"), oldest=Min("due_at"))
    hours = _hours(at)
    return Board(
        status=outbox_status(at),
        waiting=[dict(row) for row in by_lane.order_by("channel", "lane")],
        providers=list(Provider.objects.order_by("name")),
        hours=hours,
        most_in_an_hour=max((number for _hour, number in hours), default=0),
    )


def _hours(at: datetime) -> list[tuple[datetime, int]]:
    """Return how many messages left in each of the last hours, hours without any included."""
    since = at.replace(minute=0, second=0, microsecond=0) - timedelta(hours=HOURS - 1)
    rows = Message.objects.filter(sent_at__gte=since).annotate(hour=TruncHour("sent_at")).values("hour")
    found = {row["hour"]: row["number"] for row in rows.annotate(number=Count("id")).order_by("hour")}
    each = (since + timedelta(hours=number) for number in range(HOURS))
    return [(hour, found.get(hour, 0)) for hour in each]
