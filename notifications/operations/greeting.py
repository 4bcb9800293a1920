"""Greetings: remembered when somebody agrees, told on the day, forgotten with the consent.

Source: commerce reference A1; reliability reference T29 (nothing after consent was withdrawn).
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from notifications.models import Greeting
from notifications.queries.occasions import day_of
from notifications.rules.greetings import is_today, next_greeting_at
from shop.models import Event
from shop.operations.events import record_event
from shop.operations.leases import put_off_due

log = logging.getLogger(__name__)

BATCH = 50
TURN = timedelta(hours=1)  # what a process that dies in the middle costs


@transaction.atomic
def keep_occasion(*, occasion: str, address: str, at: datetime) -> None:
    """Bring one occasion of one address up to date with what she agreed to; again, nothing changes.  Four queries."""
    day = day_of(occasion, address)
    rows = Greeting.objects.filter(address__iexact=address, occasion=occasion)
    if day is None:
        rows.delete()
        return
    due_at = next_greeting_at(day, after=at, zone=_zone())
    made = Greeting(address=address.lower(), occasion=occasion, due_at=due_at)
    Greeting.objects.bulk_create([made], ignore_conflicts=True)
    rows.update(due_at=due_at)


def hear_profile(event: Event) -> None:
    """Keep the birthday of whoever changed her profile or proved an address, or forget it."""
    if event.customer is not None:
        keep_occasion(occasion=Greeting.Occasion.BIRTHDAY, address=event.customer.email, at=event.happened_at)


def greet(at: datetime) -> int:
    """Tell of the occasions whose day has come, at most a batch; return how many were looked at.

    Claimed by moving their turn on (index `greeting_due`), so that nobody is greeted twice.
    """
    claimed = put_off_due(Greeting, column="due_at", by=TURN, most=BATCH)
    for greeting_id in claimed:
        try:
            _look(greeting_id, at)
        except Exception as problem:  # one bad row never stops the others; its turn comes again
            log.warning("greeting %s could not be judged: %s", greeting_id, type(problem).__name__)
    return len(claimed)


@transaction.atomic
def _look(greeting_id: int, at: datetime) -> None:
    greeting = Greeting.objects.select_for_update().filter(pk=greeting_id).first()
    if greeting is None:
        return
    day, today = day_of(greeting.occasion, greeting.address), timezone.localtime(at).date()
    if day is None:
        greeting.delete()
        return
    if is_today(day, today=today) and greeting.greeted_year != today.year:
        greeting.greeted_year = today.year
        _tell(greeting, at)
    greeting.due_at = next_greeting_at(day, after=at, zone=_zone())
    greeting.save(update_fields=["due_at", "greeted_year"])


def _tell(greeting: Greeting, at: datetime) -> None:
    record_event(
        name=f"notifications.{greeting.occasion}.come",
        subject=f"notifications.greeting:{greeting.pk}",
        payload={"greeting_id": greeting.pk, "year": greeting.greeted_year},
        at=at,
    )


def _zone() -> ZoneInfo:
    return ZoneInfo(settings.TIME_ZONE)
