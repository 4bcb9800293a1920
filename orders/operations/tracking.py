"""Tracking: append what a carrier says, fold it, and let only `delivered` cross over to our own axis.

Source: commerce reference d.3; delivery reference 1.7; reliability reference D10.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q

from orders.models import DelayCase, Order, OrderLine, Parcel, ParcelLine, Promise, ServiceLevel, TrackingEvent
from orders.operations.arrivals import prepare_question
from orders.operations.outcomes import keep_guarantee, keep_outcome
from orders.operations.packing import lock_parcel
from orders.operations.statuses import recompute_statuses
from orders.queries.plans import measured, promised_parcels
from orders.rules.states import may_become
from orders.rules.tracking import ParcelState, Scan, Status, fold
from shop import doorbell
from shop.operations.events import record_event

CLOCKS_DIFFER = timedelta(minutes=5)

_EVENT_OF_STATUS = {
    Status.OUT_FOR_DELIVERY: "orders.parcel.out-for-delivery",
    Status.ATTEMPT_FAILED: "orders.parcel.attempt-failed",
}


@dataclass(frozen=True)
class NewScan:
    """One scan in our words, as a provider told it; `external_id` names it for ever among that provider's."""

    external_id: str
    status: str
    occurred_at: datetime
    reason: str = ""
    place: str = ""
    words: str = ""
    eta_on: date | None = None


def apply_tracking(*, parcel_id: int, provider: str, at: datetime, **scan: Any) -> bool:
    """Add one scan, given by the fields of NewScan, to a parcel; return whether it was new.  See `apply_scans`."""
    return apply_scans(parcel_id=parcel_id, provider=provider, scans=[NewScan(**scan)], at=at) == 1


@transaction.atomic(savepoint=False)
def apply_scans(*, parcel_id: int, provider: str, scans: Sequence[NewScan], at: datetime) -> int:
    """Add scans to a parcel and bring its state up to date once; return how many were new.

    The same (provider, external_id) counts once, for the parcel it was first told of.  A scan from the future is taken
    as of `at`.  The shopper's timeline gets an event only on a real change, and of several changes told at once only
    the one that stands.  Raises Parcel.DoesNotExist.
    """
    parcel = lock_parcel(parcel_id)
    told = Q(provider=provider, external_id__in=[scan.external_id for scan in scans])
    rows = list(TrackingEvent.objects.filter(Q(parcel=parcel) | told).order_by("occurred_at", "id"))
    known = {row.external_id for row in rows if row.provider == provider}
    fresh = {scan.external_id: scan for scan in scans if scan.external_id not in known}
    if fresh:
        added = TrackingEvent.objects.bulk_create(_row(parcel, provider, scan, at) for scan in fresh.values())
        added.sort(key=lambda row: (row.occurred_at, row.pk))
        _bring_up_to_date(parcel, [row for row in rows if row.parcel_id == parcel.pk], added, at)
    return len(fresh)


def _row(parcel: Parcel, provider: str, scan: NewScan, at: datetime) -> TrackingEvent:
    early = at if scan.occurred_at > at + CLOCKS_DIFFER else scan.occurred_at
    return TrackingEvent(parcel=parcel, provider=provider, **asdict(scan) | {"occurred_at": early})


def _bring_up_to_date(
    parcel: Parcel, known: Sequence[TrackingEvent], added: Sequence[TrackingEvent], at: datetime
) -> None:
    before = fold(as_scans(known))
    state = fold(as_scans([*known, *added]))
    parcel.carrier_status, parcel.carrier_eta_on = state.status, state.eta_on
    parcel.last_scan_at = state.last_scan_at
    parcel.save(update_fields=["carrier_status", "carrier_eta_on", "last_scan_at"])
    changed = replace(before, last_scan_at=None) != replace(state, last_scan_at=None)
    if state.delivered_at and may_become(parcel.status, Parcel.Status.DELIVERED):
        _note_delivery(parcel, state.delivered_at, at)
        recompute_statuses(parcel.order, watch_at=at)
        doorbell.ring("orders.watch_promises")
    elif changed:
        if parcel.status == Parcel.Status.HANDED_OVER:
            _tell_timeline(parcel, added, state)
        _look_at(parcel.order, at)


def _look_at(order: Order, at: datetime) -> None:
    """Let the watch look at an order now that a courier said more; what we did with it is what it was."""
    if order.watch_at is not None:  # else nothing of it is watched
        Order.objects.filter(pk=order.pk).update(watch_at=at)
        doorbell.ring("orders.watch_promises")


def scans_of(parcel: Parcel) -> list[Scan]:
    """Return all scans of a parcel as the rule wants them, oldest first.  One query."""
    return as_scans(TrackingEvent.objects.filter(parcel=parcel).order_by("occurred_at", "id"))


def as_scans(rows: Iterable[TrackingEvent]) -> list[Scan]:
    """Return rows as the rule wants them."""
    return [Scan(row.occurred_at, row.status, row.provider, row.external_id, row.reason, row.eta_on) for row in rows]


def _tell_timeline(parcel: Parcel, added: Sequence[TrackingEvent], state: ParcelState) -> None:
    """Record out-for-delivery and failed attempts, when a scan just told is what the parcel's state now rests on."""
    name = _EVENT_OF_STATUS.get(Status(state.status)) if state.status else None
    scan = next((row for row in reversed(added) if row.status == state.status), None)
    if name and scan:
        _record(parcel, name, scan.occurred_at, {"tracking_event_id": scan.pk})


def _note_delivery(parcel: Parcel, delivered_at: datetime, at: datetime) -> None:
    parcel.status, parcel.delivered_at, parcel.delivered_source = Parcel.Status.DELIVERED, delivered_at, "carrier"
    parcel.save(update_fields=["status", "delivered_at", "delivered_source"])
    for row in ParcelLine.objects.filter(parcel=parcel).order_by("id"):
        OrderLine.objects.filter(pk=row.line_id).update(qty_delivered=F("qty_delivered") + row.quantity)
    note_order_delivered(parcel.order, at)
    _record(parcel, "orders.parcel.delivered", delivered_at, _outcome(parcel))


def note_order_delivered(order: Order, at: datetime) -> None:
    """Fill in when the order arrived, once everything that was sold has; an exchange does not change it.

    No delay stays open then.  Doing it again changes nothing.
    """
    sold = promised_parcels().filter(order=order).exclude(status=Parcel.Status.CANCELLED)
    parcels = list(sold.order_by("number", "id"))
    moments = [parcel.delivered_at for parcel in parcels if parcel.delivered_at]
    if not moments or len(moments) < len(parcels):
        return
    DelayCase.objects.filter(order=order, settled_at=None).update(settled_at=at)
    if order.delivered_at:
        return
    order.delivered_at = max(moments)
    order.save(update_fields=["delivered_at"])
    order.service = ServiceLevel.objects.select_related("destination_calendar").get(pk=order.service_id)
    keep_outcome(order, parcels)
    prepare_question(order)
    keep_guarantee(order, at=at)


def _outcome(parcel: Parcel) -> dict[str, Any]:
    """Return how the parcel did against the first and the last promise told; on time is measured on the first."""
    promises = list(Promise.objects.filter(order_id=parcel.order_id).order_by("version", "id"))
    moment = parcel.delivered_at
    if not promises or moment is None or parcel.due_at:  # an exchange has no promise to keep
        return {}
    return {
        "kept_first_promise": moment < measured(promises).breaks_at,
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
