"""Find parcels that are stuck, once an hour and each once, and let a person say that she looked after one.

Source: commerce reference c-5; delivery reference 1.6.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q

from orders.models import Order, Parcel, StuckLook, StuckParcel
from orders.queries.stuck import Suspect, delivered_suspects, routes_of_services, silent_suspects, waiting_suspects
from orders.rules.promise import Route
from orders.rules.stuck import outside_window, too_long
from shop.models import User
from shop.operations.events import NewEvent, record_event, record_events

EVERY = timedelta(hours=1)
_Cause = StuckParcel.Cause


class AlreadySettled(Exception):
    """It moved on, or somebody looked after it before."""


@transaction.atomic
def find_stuck_parcels(at: datetime) -> int:
    """Look at the parcels that wait, travel and have just arrived, once an hour; return how many are newly stuck.

    Who comes while another one looks, or before the hour is over, has nothing to do.  What moved on is settled.
    """
    StuckLook.objects.get_or_create(pk=1, defaults={"next_at": at})
    look = StuckLook.objects.select_for_update(skip_locked=True).filter(pk=1, next_at__lte=at).first()
    if look is None:
        return 0
    look.next_at = at + EVERY
    look.save(update_fields=["next_at"])
    _settle_what_moved_on(at)
    routes = routes_of_services()
    found = list(_suspects(at, routes))
    StuckParcel.objects.bulk_create(
        [StuckParcel(parcel_id=row.parcel_id, cause=cause, since_at=row.since_at, found_at=at) for row, cause in found]
    )
    record_events([_event(row, cause) for row, cause in found], at=at)
    return len(found)


def _suspects(at: datetime, routes: dict[int, Route]) -> Iterator[tuple[Suspect, str]]:
    for row in waiting_suspects(at):
        calendar = routes[row.service_id].workshop
        if too_long(since_at=row.since_at, calendar=calendar, days=settings.STUCK_LABEL_DAYS, at=at):
            yield row, _Cause.LABEL
    for row in silent_suspects(at):
        calendar = routes[row.service_id].carrier
        if too_long(since_at=row.since_at, calendar=calendar, days=settings.STUCK_SCAN_DAYS, at=at):
            yield row, _Cause.SCAN
    for row in delivered_suspects(at):
        if outside_window(
            delivered_at=row.since_at,
            weekdays=frozenset(row.home_weekdays),
            part_of_day=row.home_part_of_day,
            window=row.window,
            calendar=routes[row.service_id].destination,
        ):
            yield row, _Cause.WINDOW


def _settle_what_moved_on(at: datetime) -> None:
    """Settle what was handed over, scanned, delivered or cancelled since.  One UPDATE."""
    left = Q(cause=_Cause.LABEL) & ~Q(parcel__status=Parcel.Status.PACKED)
    gone = Q(cause=_Cause.SCAN) & ~Q(parcel__status=Parcel.Status.HANDED_OVER)
    heard = Q(cause=_Cause.SCAN, parcel__last_scan_at__gt=F("since_at"))
    ended = Q(parcel__order__status=Order.Status.CANCELLED)
    moved = StuckParcel.objects.filter(left | gone | heard | ended, settled_at=None)
    StuckParcel.objects.filter(pk__in=moved.values("pk")).update(settled_at=at)


def _event(row: Suspect, cause: str) -> NewEvent:
    return NewEvent(
        name="orders.parcel.stuck",
        subject=f"orders.parcel:{row.parcel_id}",
        order_number=row.order_number,
        customer_id=row.customer_id,
        payload={"order_id": row.order_id, "parcel_id": row.parcel_id, "cause": cause},
    )


@transaction.atomic
def settle_stuck(*, stuck_id: int, note: str, by: User, at: datetime) -> None:
    """Note that somebody looked after a stuck parcel, and what she did.  Raises AlreadySettled."""
    row = StuckParcel.objects.select_related("parcel__order").get(pk=stuck_id)
    waiting = StuckParcel.objects.filter(pk=stuck_id, settled_at=None)
    if waiting.update(settled_at=at, settled_by=by, note=note) != 1:
        raise AlreadySettled
    record_event(
        name="orders.parcel.looked-after",
        subject=f"orders.parcel:{row.parcel_id}",
        order_number=row.parcel.order.number,
        payload={"order_id": row.parcel.order_id, "parcel_id": row.parcel_id, "cause": row.cause},
        actor=by,
        at=at,
    )
