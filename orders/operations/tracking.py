"""Tracking: append what a carrier says, fold it, and let only `delivered` cross over to our own axis.

Source: commerce reference d.3; delivery reference 1.7; reliability reference D10.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction

from orders.models import DelayCase, Order, Parcel, Promise, ServiceLevel, TrackingEvent
from orders.operations.arrivals import prepare_question
from orders.operations.outcomes import keep_guarantee, keep_outcome
from orders.operations.packing import lock_parcel
from orders.operations.statuses import recompute_statuses
from orders.queries.plans import measured, promised_parcels
from orders.rules.states import may_become
from orders.rules.tracking import ParcelState, Scan, Status, fold
from shop import doorbell
from shop.operations.events import NewEvent, record_events

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


@dataclass(frozen=True)
class Heard:
    """A scan of a parcel, and when we were told of it."""

    scan: NewScan
    at: datetime


@transaction.atomic(savepoint=False)
def apply_scans(*, parcel_id: int, provider: str, scans: Sequence[NewScan], at: datetime) -> int:
    """Add scans to a parcel and bring its state up to date once; return how many were new.

    The same (provider, external_id) counts once, for the parcel it was first told of.  A scan from the future is taken
    as of `at`.  The shopper's timeline gets an event only on a real change, and of several changes told at once only
    the one that stands.  Raises Parcel.DoesNotExist.
    """
    parcel = lock_parcel(parcel_id)
    return _apply([parcel], provider, {parcel.pk: [Heard(scan, at) for scan in scans]})


@transaction.atomic
def apply_heard(*, provider: str, heard: Mapping[int, Sequence[Heard]]) -> set[int]:
    """Do for many parcels (by id) what `apply_scans` does for one; return those it was done for.

    A parcel whose order somebody holds is left out, so that nobody waits.  Nine queries, however many parcels, and
    those of each parcel that arrives.
    """
    held = Order.objects.select_for_update(of=("self",), skip_locked=True).select_related("customer")
    of_parcels = Parcel.objects.filter(pk__in=heard).values("order_id")
    orders = {order.pk: order for order in held.filter(pk__in=of_parcels).order_by("id")}
    parcels = list(Parcel.objects.select_for_update().filter(pk__in=heard, order__in=orders).order_by("id"))
    for parcel in parcels:
        parcel.order = orders[parcel.order_id]
    _apply(parcels, provider, heard)
    return {parcel.pk for parcel in parcels}


def _apply(parcels: Sequence[Parcel], provider: str, heard: Mapping[int, Sequence[Heard]]) -> int:
    """Add scans to locked parcels with `order` set; return how many were new."""
    names = [each.scan.external_id for parcel in parcels for each in heard[parcel.pk]]
    rows = list(TrackingEvent.objects.filter(parcel__in=parcels).order_by("occurred_at", "id"))
    told = TrackingEvent.objects.filter(provider=provider, external_id__in=names).order_by("id")
    known = set(told.values_list("external_id", flat=True))
    fresh: dict[str, TrackingEvent] = {}
    for parcel in parcels:
        for each in heard[parcel.pk]:
            if each.scan.external_id not in known:
                fresh.setdefault(each.scan.external_id, _row(parcel, provider, each.scan, each.at))
    if not fresh:
        return 0
    added = sorted(TrackingEvent.objects.bulk_create(fresh.values()), key=lambda row: (row.occurred_at, row.pk))
    before, news = _by_parcel(rows), _by_parcel(added)
    changes = [
        _change(parcel, before[parcel.pk], news[parcel.pk], max(each.at for each in heard[parcel.pk]))
        for parcel in parcels
        if parcel.pk in news
    ]
    _keep(changes)
    return len(fresh)


def _by_parcel(rows: Iterable[TrackingEvent]) -> dict[int, list[TrackingEvent]]:
    found: dict[int, list[TrackingEvent]] = defaultdict(list)
    for row in rows:
        found[row.parcel_id].append(row)
    return found


def _row(parcel: Parcel, provider: str, scan: NewScan, at: datetime) -> TrackingEvent:
    early = at if scan.occurred_at > at + CLOCKS_DIFFER else scan.occurred_at
    return TrackingEvent(parcel=parcel, provider=provider, **asdict(scan) | {"occurred_at": early})


@dataclass(frozen=True)
class _Change:
    """What new scans mean for a parcel whose columns are set already, not saved."""

    parcel: Parcel
    at: datetime
    arrived_at: datetime | None
    is_news: bool
    told: NewEvent | None


def _change(parcel: Parcel, known: Sequence[TrackingEvent], added: Sequence[TrackingEvent], at: datetime) -> _Change:
    before = fold(as_scans(known))
    state = fold(as_scans([*known, *added]))
    parcel.carrier_status, parcel.carrier_eta_on = state.status, state.eta_on
    parcel.last_scan_at = state.last_scan_at
    if state.delivered_at and may_become(parcel.status, Parcel.Status.DELIVERED):
        parcel.status, parcel.delivered_at = Parcel.Status.DELIVERED, state.delivered_at
        parcel.delivered_source = "carrier"
        return _Change(parcel, at, state.delivered_at, is_news=True, told=None)
    is_news = replace(before, last_scan_at=None) != replace(state, last_scan_at=None)
    seen = is_news and parcel.status == Parcel.Status.HANDED_OVER
    return _Change(parcel, at, None, is_news, _for_timeline(parcel, added, state) if seen else None)


_COLUMNS = ["carrier_status", "carrier_eta_on", "last_scan_at", "status", "delivered_at", "delivered_source"]


def _keep(changes: Sequence[_Change]) -> None:
    """Save what changed, tell the timelines, and let the watch look.  What we did with an order is what it was."""
    if len(changes) == 1:
        changes[0].parcel.save(update_fields=_COLUMNS)
    else:
        Parcel.objects.bulk_update([change.parcel for change in changes], _COLUMNS)
    arrived = [change for change in changes if change.arrived_at]
    _count_delivered([change.parcel for change in arrived])
    told = [change.told for change in changes if change.told] + [
        _note_arrival(change.parcel, change.arrived_at or change.at, change.at) for change in arrived
    ]
    if told:
        record_events(told, at=max(change.at for change in changes), actor_kind="courier")
    _look_at([change for change in changes if change.is_news and not change.arrived_at])
    if any(change.is_news for change in changes):
        doorbell.ring("orders.watch_promises")


def _count_delivered(parcels: Sequence[Parcel]) -> None:
    """Add what is in the parcels to what the lines of their orders were delivered.  One query, none for nothing."""
    if not parcels:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE orders_orderline AS line SET qty_delivered = line.qty_delivered + inside.pieces FROM (SELECT"
            " line_id, sum(quantity) AS pieces FROM orders_parcelline WHERE parcel_id = ANY(%s) GROUP BY line_id)"
            " AS inside WHERE line.id = inside.line_id",
            [[parcel.pk for parcel in parcels]],
        )


def _look_at(changes: Sequence[_Change]) -> None:
    """Let the watch look at orders now that a courier said more.  One query, none where nothing is watched."""
    watched = {change.parcel.order_id: change.at for change in changes if change.parcel.order.watch_at is not None}
    if watched:
        Order.objects.filter(pk__in=watched, watch_at__isnull=False).update(watch_at=max(watched.values()))


def scans_of(parcel: Parcel) -> list[Scan]:
    """Return all scans of a parcel as the rule wants them, oldest first.  One query."""
    return as_scans(TrackingEvent.objects.filter(parcel=parcel).order_by("occurred_at", "id"))


def as_scans(rows: Iterable[TrackingEvent]) -> list[Scan]:
    """Return rows as the rule wants them."""
    return [Scan(row.occurred_at, row.status, row.provider, row.external_id, row.reason, row.eta_on) for row in rows]


def _for_timeline(parcel: Parcel, added: Sequence[TrackingEvent], state: ParcelState) -> NewEvent | None:
    """Return what is told of a scan that came just now and is what the parcel's state now rests on.

    Out for delivery, a failed attempt, or held because the courier does not know the address.
    """
    scan = next((row for row in reversed(added) if row.status == state.status), None)
    name = _EVENT_OF_STATUS.get(Status(state.status)) if state.status else None
    if scan and scan.status == Status.HELD and scan.reason == "address":
        name = "orders.parcel.address-unclear"
    return _fact(parcel, name, scan.occurred_at, {"tracking_event_id": scan.pk}) if name and scan else None


def _note_arrival(parcel: Parcel, arrived_at: datetime, at: datetime) -> NewEvent:
    """Bring the order of a parcel that arrived in line; return what its timeline is told."""
    order = parcel.order
    promises = list(Promise.objects.filter(order=order).order_by("version", "id"))
    also = ["delivered_at"] if _arrives(order, promises, at) else []
    recompute_statuses(order, watch_at=at, promises=promises, also=also)
    return _fact(parcel, "orders.parcel.delivered", arrived_at, _outcome(parcel, promises))


def note_order_delivered(order: Order, at: datetime) -> None:
    """Fill in when the order arrived, once everything that was sold has; an exchange does not change it.

    No delay stays open then.  Doing it again changes nothing.
    """
    if _arrives(order, list(Promise.objects.filter(order=order).order_by("version", "id")), at):
        order.save(update_fields=["delivered_at"])


def _arrives(order: Order, promises: list[Promise], at: datetime) -> bool:
    """Do what follows when an order has arrived just now; return whether it has: then `delivered_at` is to be saved."""
    sold = promised_parcels().filter(order=order).exclude(status=Parcel.Status.CANCELLED)
    parcels = list(sold.order_by("number", "id"))
    moments = [parcel.delivered_at for parcel in parcels if parcel.delivered_at]
    if not moments or len(moments) < len(parcels):
        return False
    DelayCase.objects.filter(order=order, settled_at=None).update(settled_at=at)
    if order.delivered_at:
        return False
    order.delivered_at = max(moments)
    order.service = ServiceLevel.objects.select_related("destination_calendar").get(pk=order.service_id)
    keep_outcome(order, parcels, promises)
    prepare_question(order)
    keep_guarantee(order, at=at)
    return True


def _outcome(parcel: Parcel, promises: list[Promise]) -> dict[str, Any]:
    """Return how the parcel did against the first and the last promise told; on time is measured on the first."""
    moment = parcel.delivered_at
    if not promises or moment is None or parcel.due_at:  # an exchange has no promise to keep
        return {}
    return {
        "kept_first_promise": moment < measured(promises).breaks_at,
        "kept_last_promise": moment < promises[-1].breaks_at,
    }


def _fact(parcel: Parcel, name: str, at: datetime, more: dict[str, Any]) -> NewEvent:
    payload = {"order_id": parcel.order_id, "parcel_id": parcel.pk, **more}
    return NewEvent(
        name,
        f"orders.parcel:{parcel.pk}",
        parcel.order.number,
        parcel.order.customer_id,
        payload,
        for_customer=True,
        happened_at=at,
    )
