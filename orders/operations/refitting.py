"""Every night each delivery service learns from what became of its parcels: a new table, and days for new promises.

A promise that was made keeps the days, and names the table, it was counted with.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from orders.models import DeliveryTable, ServiceLevel
from orders.queries.trips import trips_of
from orders.rules.estimates.service import Knowledge, learn
from orders.rules.estimates.tables import Guess
from shop.operations.events import record_event
from shop.queries.calendars import calendars_of
from shop.rules.calendar import NoOpenDay

NIGHT_HOUR = 4  # in the shop's own zone, after the last cut-off and before the first order of the day is packed
LOOK_BACK = timedelta(days=365)
_CALENDARS = ("workshop__calendar", "carrier_calendar", "destination_calendar")


class NothingToLearn(Exception):
    """Too little of this service is known to have arrived, or it does not learn: its days stay as they are."""


def refit_promises(at: datetime) -> int:
    """Let every service whose night has come learn, each by itself; return how many."""
    due = Q(refit_at=None) | Q(refit_at__lte=at)
    learning = ServiceLevel.objects.filter(due, active=True, learns=True, kind=ServiceLevel.Kind.COURIER)
    settled = 0
    for pk in list(learning.order_by("id").values_list("id", flat=True)):
        settled += _in_turn(pk, at)
    return settled


@transaction.atomic
def _in_turn(service_id: int, at: datetime) -> bool:
    """Learn unless somebody else does, and set the next night."""
    mine = ServiceLevel.objects.select_for_update(skip_locked=True, no_key=True, of=("self",))
    service = mine.filter(pk=service_id).first()
    if service is None or (service.refit_at is not None and service.refit_at > at):
        return False
    ServiceLevel.objects.filter(pk=service_id).update(refit_at=_next_night(at))
    with suppress(NothingToLearn):
        refit_service(service_id=service_id, at=at)
    return True


@transaction.atomic
def refit_service(*, service_id: int, at: datetime) -> DeliveryTable:
    """Learn one service from everything up to the end of yesterday, and promise by it from now on.

    Returns its table: a new version, or the one it has when nothing is new.  Raises NothingToLearn.
    """
    locked = ServiceLevel.objects.select_for_update(no_key=True, of=("self",)).select_related(*_CALENDARS)
    service = locked.get(pk=service_id)
    found = look(service, at=at)
    newest = DeliveryTable.objects.filter(service=service).order_by("-version").first()
    guess = [service.transit_min_days, service.transit_max_days]
    known = {"guess": guess} | found.as_json()
    if newest is not None and newest.knowledge == known and service.learned is not None:
        return newest
    number = newest.version + 1 if newest else 1
    table = DeliveryTable.objects.create(
        service=service,
        version=number,
        fitted_at=at,
        until_on=_yesterday(service, at),
        knowledge=known,
    )
    service.learned = known | {"version": number}
    service.save(update_fields=["learned"])
    record_event(
        name="orders.service.learned",
        subject=f"orders.service:{service.pk}",
        payload={
            "service_id": service.pk,
            "table_id": table.pk,
            "from_days": found.from_days,
            "by_days": found.by_days,
        },
        at=at,
    )
    return table


def look(service: ServiceLevel, *, at: datetime) -> Knowledge:
    """Return what a service would learn now; writes nothing.  Raises NothingToLearn.

    The service comes with its workshop and calendars.
    """
    if service.kind != ServiceLevel.Kind.COURIER or not service.learns:
        raise NothingToLearn(service.code)
    workshop, carrier = calendars_of(service.workshop.calendar, service.carrier_calendar)
    try:
        found = learn(
            trips_of(service, since=at - LOOK_BACK),
            workshop=workshop.is_open,
            carrier=carrier.is_open,
            guess=Guess(service.transit_min_days, service.transit_max_days),
            target_bp=round(settings.PROMISE_TARGET * 10_000),
            until=_yesterday(service, at),
        )
    except NoOpenDay as closed:
        raise NothingToLearn(service.code) from closed
    if found is None:
        raise NothingToLearn(service.code)
    return found


def _yesterday(service: ServiceLevel, at: datetime) -> date:
    zone = ZoneInfo(service.workshop.calendar.time_zone)
    return at.astimezone(zone).date() - timedelta(days=1)


def _next_night(at: datetime) -> datetime:
    tonight = timezone.localtime(at).replace(hour=NIGHT_HOUR, minute=0, second=0, microsecond=0)
    return tonight if tonight > at else tonight + timedelta(days=1)
