"""Tell a crisis to the open orders it concerns: batch by batch, each order once for each version, resumable.

A batch is one transaction: the version is locked (who finds it locked leaves it to the other), then the orders, by id;
an order that somebody holds is left for the end of the pass, so that the telling never waits and never deadlocks.
Whatever kills it, the batch is as if it had never begun, and the sweep goes on from the cursor.
Source: commerce reference c-10; reliability reference D3, D10.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from orders.models import DelayCase, IncidentNotice, IncidentVersion, Order, ParcelPlan, Promise
from orders.operations.statuses import derive_statuses
from orders.queries.crises import crisis_of
from orders.queries.incident_verdicts import Case, OwnDays, Verdict, cases_of, judge, read_orders, stands
from orders.queries.incidents import next_orders
from orders.rules.consent import decide_by_at, needs_word
from orders.rules.incident import Crisis, Moved
from orders.rules.promise import Route
from shop.models import Event
from shop.operations.events import NewEvent, record_events

SEEN_AGAIN = timedelta(minutes=15)  # orders that were being placed while it was told are found by the next pass
TRY_AGAIN = timedelta(seconds=5)  # who held an order has let it go by then

_EVENTS: dict[str, str] = {
    "first": "orders.order.incident-told",
    "again": "orders.order.incident-told-again",
    "over": "orders.order.incident-over",
}


def tell_of_incidents(at: datetime) -> int:
    """Tell the next batch of the crisis that is due the longest; return how many orders were looked at, 0: none due.

    Finds it by the index `incident_to_tell`.
    """
    due = IncidentVersion.objects.filter(pass_at__lte=at).order_by("pass_at", "id")
    version_id = due.values_list("pk", flat=True).first()
    return tell_batch(version_id=version_id, most=settings.INCIDENT_BATCH, at=at) if version_id else 0


@transaction.atomic
def tell_batch(*, version_id: int, most: int, at: datetime) -> int:
    """Tell up to `most` orders of one version; return how many were looked at.

    0 when the pass came to its end, when somebody else is at it, or when a newer version took over.  About sixteen
    queries, however many orders.
    """
    rows = IncidentVersion.objects.select_for_update(skip_locked=True, no_key=True)
    version = rows.filter(pk=version_id, pass_at__lte=at).first()
    if version is None:
        return 0
    crisis = crisis_of(version)
    ids = next_orders(version, crisis, today=timezone.localdate(at), most=most)
    if not ids:
        _end_pass(version, at)
        return 0
    free = read_orders(Order.objects.filter(pk__in=ids).select_for_update(skip_locked=True, of=("self",)))
    locked = list(free.order_by("pk"))
    held = sorted(set(ids) - {order.pk for order in locked})
    _tell(version, crisis, [order for order in locked if order.status == Order.Status.PLACED], at)
    version.cursor = ids[-1]
    version.behind = min(filter(None, [version.behind, *held[:1]]), default=None)
    version.save(update_fields=["cursor", "behind"])
    return len(ids)


def _end_pass(version: IncidentVersion, at: datetime) -> None:
    """Begin again at the first order that was held, or note that everybody was told."""
    version.cursor = version.behind - 1 if version.behind else 0
    if version.behind:
        version.pass_at = at + TRY_AGAIN
    else:
        version.told_all_at = version.told_all_at or at
        version.pass_at = None if version.kind == IncidentVersion.Kind.OVER else at + SEEN_AGAIN
    version.behind = None
    version.save(update_fields=["cursor", "behind", "pass_at", "told_all_at"])


@dataclass
class _Batch:
    """What is being written for one batch, and what its orders share."""

    version: IncidentVersion
    crisis: Crisis
    at: datetime
    promises: list[Promise] = field(default_factory=list)
    delays: list[DelayCase] = field(default_factory=list)
    plans: dict[int, ParcelPlan] = field(default_factory=dict)  # by the id of what held before
    delay_ids: dict[int, int] = field(default_factory=dict)
    touched: list[Order] = field(default_factory=list)
    words_by: dict[str, datetime] = field(default_factory=dict)
    rests: dict[tuple[str, str, date, date], list[list[str]]] = field(default_factory=dict)


def _tell(version: IncidentVersion, crisis: Crisis, orders: Sequence[Order], at: datetime) -> None:
    """Write everything for these orders, which are locked; one for which nobody waits any more gets nothing."""
    batch = _Batch(version, crisis, at)
    cases = [case for case in cases_of(orders, incident_id=version.incident_id) if case.awaited]
    over = version.kind == IncidentVersion.Kind.OVER
    verdicts = [stands(case) if over else judge(case, crisis, at=at) for case in cases]
    renewed: dict[int, Promise] = {}
    for case, verdict in zip(cases, verdicts, strict=True):
        plans = {parcel_id: versions[-1] for parcel_id, versions in case.plans.items()}
        later = {each.parcel.pk: _renew_plan(batch, case, each, each.moved) for each in verdict.own if each.moved}
        if verdict.moved:
            renewed[case.order.pk] = _renew(batch, case, verdict.moved)
        if verdict.moved or later:
            _derive(case, renewed.get(case.order.pk), plans | later)
            batch.touched.append(case.order)
    Promise.objects.bulk_create(batch.promises)
    DelayCase.objects.bulk_create(batch.delays)
    ParcelPlan.objects.bulk_create(batch.plans.values())
    batch.delay_ids = {delay.new_promise_id: delay.pk for delay in batch.delays}
    _write_columns(batch.touched)
    _notice(batch, cases, verdicts, renewed)


def _derive(case: Case, renewed: Promise | None, plans: dict[int, ParcelPlan]) -> None:
    """Bring the order's columns in line with what we say now, in memory."""
    derive_statuses(
        case.order,
        parcels=case.parcels,
        promises=[*case.promises, *([renewed] if renewed else [])],
        watch_at=case.order.watch_at,
        route=case.route,
        plans=plans,
    )


def _renew(batch: _Batch, case: Case, moved: Moved) -> Promise:
    """Make the later promise and the delay she can choose about; nothing is written yet."""
    holds, route = case.holds, case.route
    said = _said(batch, case, holds, moved)
    promise = Promise(order=case.order, version=case.promises[-1].version + 1, source=Promise.Source.INCIDENT, **said)
    batch.promises.append(promise)
    number = case.delays + 1
    batch.delays.append(
        DelayCase(
            order=case.order,
            round=number,
            cause=DelayCase.Cause.INCIDENT,
            reason=said["reason"],
            broken_promise=holds,
            new_promise=promise,
            noticed_at=batch.at,
            decide_by_at=_word_by(batch, route) if needs_word(round_number=number, gone=case.gone) else None,
        )
    )
    return promise


def _renew_plan(batch: _Batch, case: Case, own: OwnDays, moved: Moved) -> ParcelPlan:
    """Make the later days of one parcel; nothing is written yet."""
    said = _said(batch, case, own.holds, moved)
    plan = ParcelPlan(parcel=own.parcel, version=own.holds.version + 1, **said)
    batch.plans[own.holds.pk] = plan
    return plan


def _said(batch: _Batch, case: Case, holds: Promise | ParcelPlan, moved: Moved) -> dict[str, Any]:
    """Return the columns a promise and the plan of a parcel have in common."""
    route = case.route
    leaves_at = route.workshop.day_closes_at(moved.hand_over_on) if moved.hand_over_on else holds.hand_over_by_at
    return {
        "deliver_from_on": moved.deliver_from_on,
        "deliver_by_on": moved.deliver_by_on,
        "starts_on": holds.starts_on,
        "pack_by_at": leaves_at if moved.hand_over_on else holds.pack_by_at,
        "hand_over_by_at": leaves_at,
        "breaks_at": route.destination.day_ends_at(moved.deliver_by_on),
        "basis": _basis(batch, case, holds, moved.deliver_by_on, leaves_at),
        "reason": batch.crisis.said_in(case.order.locale)[0],
        "made_at": batch.at,
    }


def _word_by(batch: _Batch, route: Route) -> datetime:
    if route.workshop.code not in batch.words_by:
        batch.words_by[route.workshop.code] = decide_by_at(route=route, at=batch.at)
    return batch.words_by[route.workshop.code]


def _basis(batch: _Batch, case: Case, holds: Promise | ParcelPlan, last: date, leaves_at: datetime) -> dict[str, Any]:
    """Return what the new days were computed from; the rests begin at the hand-over, so that it can be recounted."""
    route, crisis = case.route, batch.crisis
    first = min(route.carrier.local_day(batch.at), route.workshop.local_day(leaves_at))
    kept = {name: holds.basis[name] for name in ("making_days", "handling_days", "goods_on") if name in holds.basis}
    return kept | {
        "renews_version": holds.version,
        "placed_at": holds.basis.get("placed_at", ""),
        "service": route.service,
        "calendars": {each.code: each.version for each in (route.workshop, route.carrier, route.destination)},
        "home_weekdays": holds.basis.get("home_weekdays", []),
        "cause": "incident",
        "incident": crisis.id,
        "crises": holds.basis.get("crises", {}) | {str(crisis.id): crisis.extra_days},
        "steps": [
            {
                "stage": "incident",
                "first_on": first.isoformat(),
                "last_on": last.isoformat(),
                "calendar": route.carrier.code,
                "skipped": _rests(batch, route, first, last),
            }
        ],
    }


def _rests(batch: _Batch, route: Route, first: date, last: date) -> list[list[str]]:
    key = (route.carrier.code, route.destination.code, first, last)
    if key not in batch.rests:
        closed = {day: why for each in (route.carrier, route.destination) for day, why in each.closed_days(first, last)}
        batch.rests[key] = [[day.isoformat(), why] for day, why in sorted(closed.items())]
    return batch.rests[key]


def _write_columns(orders: Sequence[Order]) -> None:
    """Write the derived columns of many orders.  One UPDATE."""
    if not orders:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE orders_order o SET service_status = v.service, next_due_at = v.due_at, next_due_kind = v.kind,"
            " watch_at = v.watch_at FROM unnest(%s::bigint[], %s::text[], %s::timestamptz[], %s::text[],"
            " %s::timestamptz[]) AS v(id, service, due_at, kind, watch_at) WHERE o.id = v.id",
            [
                [order.pk for order in orders],
                [str(order.service_status) for order in orders],
                [order.next_due_at for order in orders],
                [str(order.next_due_kind) for order in orders],
                [order.watch_at for order in orders],
            ],
        )


def _notice(
    batch: _Batch, cases: Sequence[Case], verdicts: Sequence[Verdict], renewed: dict[int, Promise]
) -> list[Event]:
    """Write one notice an order, and one event for each that is told."""
    told = IncidentNotice.Outcome.TOLD
    facts = {
        case.order.pk: _event(batch, case, verdict, renewed.get(case.order.pk))
        for case, verdict in zip(cases, verdicts, strict=True)
        if verdict.outcome == told
    }
    events = dict(zip(facts, record_events(list(facts.values()), at=batch.at), strict=True))
    IncidentNotice.objects.bulk_create(
        IncidentNotice(
            version=batch.version,
            order=case.order,
            outcome=verdict.outcome,
            base=verdict.base,
            promise=renewed.get(case.order.pk),
            counted_on=verdict.counted_on,
            facts=verdict.facts,
            event=events.get(case.order.pk),
            made_at=batch.at,
        )
        for case, verdict in zip(cases, verdicts, strict=True)
    )
    return list(events.values())


def _event(batch: _Batch, case: Case, verdict: Verdict, promise: Promise | None) -> NewEvent:
    over = batch.version.kind == IncidentVersion.Kind.OVER
    payload: dict[str, Any] = {"order_id": case.order.pk, "version_id": batch.version.pk}
    if promise:
        delay_id = batch.delay_ids[promise.pk]
        payload |= {"delay_id": delay_id, "promise_id": promise.pk, "old_promise_id": case.holds.pk}
    if plans := _plans_told(batch, case, verdict):
        payload["plans"] = plans
    return NewEvent(
        name=_EVENTS["over" if over else "first" if verdict.first else "again"],
        subject=f"orders.order:{case.order.pk}",
        order_number=case.order.number,
        customer_id=case.order.customer_id,
        payload=payload,
        for_customer=True,
    )


def _plans_told(batch: _Batch, case: Case, verdict: Verdict) -> list[list[int]]:
    """Return what was said and is said now of parcels on days of their own, as pairs of ids.

    Days that stand are named only when they alone say when the order comes.
    """
    told = [each.holds for each in verdict.own if each.moved or not case.covered]
    return [[holds.pk, batch.plans.get(holds.pk, holds).pk] for holds in told]
