"""Scans that people bring: what somebody read at the courier's counter, or a list the courier sent.

Nothing outside is needed for tracking to be complete.  Source: delivery reference 1.7; commerce reference 3.19.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from orders.models import Parcel
from orders.operations.packing import lock_parcel
from orders.operations.tracking import NewScan, apply_scans
from orders.rules.couriers.delivery import scan
from orders.rules.scan_file import BadFile, ScanRow
from orders.rules.states import Impossible
from shop.models import User
from shop.operations.events import record_event

_MOVES = {Parcel.Status.HANDED_OVER, Parcel.Status.DELIVERED}


@transaction.atomic
def note_scan(
    *,
    parcel_id: int,
    status: str,
    occurred_at: datetime,
    by: User,
    at: datetime,
    reason: str = "",
    place: str = "",
    words: str = "",
    eta_on: date | None = None,
) -> bool:
    """Note by hand what happened to a parcel on its way; return whether it was new.

    The same words about the same moment count once.  Raises Impossible for a parcel that has not been handed over.
    """
    parcel = lock_parcel(parcel_id)
    if parcel.status not in _MOVES:
        raise Impossible(parcel.status)
    told = _named(parcel.tracking_number, status, occurred_at, reason, place, words, eta_on)
    new = apply_scans(parcel_id=parcel.pk, provider="own", scans=[told], at=at) == 1
    if new:
        record_event(
            name="orders.parcel.scan-noted",
            subject=f"orders.parcel:{parcel.pk}",
            order_number=parcel.order.number,
            customer=parcel.order.customer,
            actor=by,
            payload={"order_id": parcel.order_id, "parcel_id": parcel.pk, "status": status},
            at=at,
        )
    return new


def import_scans(*, rows: Sequence[ScanRow], carrier: str, by: User | None, at: datetime) -> int:
    """Apply a courier's list; return how many scans were new.

    Every number must be one of ours, or nothing is applied.  Then each parcel is a transaction of its own: a process
    that dies half-way is started again, and what was applied counts once.  Raises BadFile.
    """
    parcels = _parcels_of(rows, carrier)
    new = 0
    for number, parcel_id in sorted(parcels.items(), key=lambda found: found[1]):
        told = [_of_row(row) for row in rows if row.tracking_number == number]
        new += apply_scans(parcel_id=parcel_id, provider="own", scans=told, at=at)
    record_event(
        name="orders.tracking.imported",
        subject=f"orders.tracking:{carrier}",
        actor=by,
        payload={"carrier": carrier, "scans": len(rows), "new": new},
        at=at,
    )
    return new


def check_scans(*, rows: Sequence[ScanRow], carrier: str) -> int:
    """Return how many parcels a courier's list is about, changing nothing.  Raises BadFile as `import_scans` does."""
    return len(_parcels_of(rows, carrier))


def _parcels_of(rows: Sequence[ScanRow], carrier: str) -> dict[str, int]:
    """Return the parcels of the list by number.  One query."""
    numbers = {row.tracking_number for row in rows}
    found = Parcel.objects.filter(carrier=carrier, tracking_number__in=numbers).order_by("id")
    parcels = dict(found.values_list("tracking_number", "pk"))
    strange = [row for row in rows if row.tracking_number not in parcels]
    if strange:
        raise BadFile(
            *(f"Line {row.line}, tracking_number: no parcel of {carrier} has {row.tracking_number}." for row in strange)
        )
    return parcels


def _of_row(row: ScanRow) -> NewScan:
    eta_on = date.fromisoformat(row.eta_on[:10]) if row.eta_on else None
    return _named(row.tracking_number, row.code, row.occurred_at, row.reason, row.place, row.words, eta_on)


def _named(
    number: str, status: str, occurred_at: datetime, reason: str, place: str, words: str, eta_on: date | None
) -> NewScan:
    """Return a scan under a name made of its content, so that pressing or importing twice tells it once."""
    detail = f"{reason} {eta_on or ''}"
    named = scan(number=number, code=status, at=occurred_at, detail=detail, where=place)
    return NewScan(named.event_id, status, occurred_at, reason, place, words, eta_on)
