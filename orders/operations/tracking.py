"""Tracking: append what a carrier says, fold it, and let only `delivered` cross over to our own axis.

Source: commerce reference d.3; delivery reference 1.7; reliability reference D10.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F

from orders.models import DelayCase, Order, OrderLine, Parcel, ParcelLine, Promise, TrackingEvent
from orders.operations.packing import lock_parcel
from orders.operations.statuses import recompute_statuses
from orders.rules.states import may_become
from orders.rules.tracking import ParcelState, Scan, Status, fold
from shop import doorbell
from shop.operations.events import record_event

CLOCKS_DIFFER = timedelta(minutes=5)

_EVENT_OF_STATUS = {
    Status.OUT_FOR_DELIVERY: "orders.parcel.out-for-delivery",
    Status.ATTEMPT_FAILED: "orders.parcel.attempt-failed",
}


@transaction.atomic
def apply_tracking(
    *,
    parcel_id: int,
    provider: str,
    external_id: str,
    status: str,
    occurred_at: datetime,
    at: datetime,
    reason: str = "",
    place: str = "",
    words: str = "",
    eta_on: date | None = None,
) -> bool:
    """Add one scan to a parcel and bring its state up to date; return whether the scan was new.

    The same (provider, external_id) counts once.  A scan from the future is taken as of `at`.  The shopper's timeline
    gets an event only on a real change.  Raises Parcel.DoesNotExist.
    """
    parcel = lock_parcel(parcel_id)
    if occurred_at > at + CLOCKS_DIFFER:
        occurred_at = at
    scan, created = TrackingEvent.objects.get_or_create(
        provider=provider,
        external_id=external_id,
        defaults={
            "parcel": parcel,
            "status": status,
            "reason": reason,
            "place": place,
            "words": words,
            "eta_on": eta_on,
            "occurred_at": occurred_at,
        },
    )
    if created:
        _bring_up_to_date(parcel, scan, at)
    return created


def _bring_up_to_date(parcel: Parcel, scan: TrackingEvent, at: datetime) -> None:
    scans = scans_of(parcel)
    before = fold([other for other in scans if other.external_id != scan.external_id])
    state = fold(scans)
    parcel.carrier_status, parcel.carrier_eta_on = state.status, state.eta_on
    parcel.last_scan_at = state.last_scan_at
    parcel.save(update_fields=["carrier_status", "carrier_eta_on", "last_scan_at"])
    changed = replace(before, last_scan_at=None) != replace(state, last_scan_at=None)
    if state.delivered_at and may_become(parcel.status, Parcel.Status.DELIVERED):
        _note_delivery(parcel, state.delivered_at, at)
    elif changed and parcel.status == Parcel.Status.HANDED_OVER:
        _tell_timeline(parcel, scan, state)
    if changed:
        recompute_statuses(parcel.order, watch_at=at)
        doorbell.ring("orders.watch_promises")


def scans_of(parcel: Parcel) -> list[Scan]:
    """Return all scans of a parcel as the rule wants them, oldest first.  One query."""
    rows = TrackingEvent.objects.filter(parcel=parcel).order_by("occurred_at", "id")
    return [Scan(row.occurred_at, row.status, row.provider, row.external_id, row.reason, row.eta_on) for row in rows]


def _tell_timeline(parcel: Parcel, scan: TrackingEvent, state: ParcelState) -> None:
    """Record out-for-delivery and failed attempts, when this very scan is what the parcel's state now rests on."""
    name = _EVENT_OF_STATUS.get(Status(state.status)) if state.status else None
    if name and scan.status == state.status:
        _record(parcel, name, scan.occurred_at, {"tracking_event_id": scan.pk})


def _note_delivery(parcel: Parcel, delivered_at: datetime, at: datetime) -> None:
    parcel.status, parcel.delivered_at, parcel.delivered_source = Parcel.Status.DELIVERED, delivered_at, "carrier"
    parcel.save(update_fields=["status", "delivered_at", "delivered_source"])
    for row in ParcelLine.objects.filter(parcel=parcel).order_by("id"):
        OrderLine.objects.filter(pk=row.line_id).update(qty_delivered=F("qty_delivered") + row.quantity)
    _note_order_delivered(parcel.order, at)
    _record(parcel, "orders.parcel.delivered", delivered_at, _outcome(parcel))


def _note_order_delivered(order: Order, at: datetime) -> None:
    """Fill in when the order arrived, once everything that was sold has; an exchange does not change it."""
    sold = Parcel.objects.filter(order=order, lines__line__kind=OrderLine.Kind.SALE)
    parcels = list(sold.exclude(status=Parcel.Status.CANCELLED).distinct().order_by("number", "id"))
    moments = [parcel.delivered_at for parcel in parcels if parcel.delivered_at]
    if order.delivered_at or not moments or len(moments) < len(parcels):
        return
    order.delivered_at = max(moments)
    order.save(update_fields=["delivered_at"])
    DelayCase.objects.filter(order=order, settled_at=None).update(settled_at=at)


def _outcome(parcel: Parcel) -> dict[str, Any]:
    """Return how the parcel did against the first and the last promise told; on time is measured on the first."""
    promises = list(Promise.objects.filter(order_id=parcel.order_id).order_by("version", "id"))
    moment = parcel.delivered_at
    if not promises or moment is None or parcel.due_at:  # an exchange has no promise to keep
        return {}
    return {
        "kept_first_promise": moment < promises[0].breaks_at,
        "kept_last_promise": moment < promises[-1].breaks_at,
    }


def _record(parcel: Parcel, name: str, at: datetime, more: dict[str, Any]) -> None:
    record_event(
        name=name,
        subject=f"orders.parcel:{parcel.pk}",
        order_number=parcel.order.number,
        customer=parcel.order.customer,
        actor_kind="courier",
        payload={"order_id": parcel.order_id, "parcel_id": parcel.pk, **more},
        for_customer=True,
        at=at,
    )
