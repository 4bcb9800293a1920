"""Late before late: notice that a promise will not hold and say so while it still holds.

Source: delivery reference 1.6, 1.9; commerce reference d.5; style 8.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from orders.messages.reasons import closed_sentence, sentence
from orders.models import DelayCase, Order, OrderLine, Parcel, ParcelPlan, Promise
from orders.operations.statuses import plans_of, recompute_statuses
from orders.queries.plans import plan_of
from orders.queries.quotes import route_of
from orders.queries.touched import orders_using
from orders.rules.lateness import Finding, Progress, Told, assess
from orders.rules.promise import Route
from shop.models import BusinessCalendar
from shop.operations.events import record_event

log = logging.getLogger(__name__)

BATCH = 50
TRY_AGAIN = timedelta(minutes=15)


def watch_promises(at: datetime) -> int:
    """Look at the orders that are due to be looked at, at most one batch; return how many were looked at.

    Finds them by the index `order_watch`.  An order that cannot be judged is put off, so that it never holds up others.
    """
    due = Order.objects.filter(status=Order.Status.PLACED, watch_at__lte=at).order_by("watch_at", "id")
    order_ids = list(due.values_list("pk", flat=True)[:BATCH])
    for order_id in order_ids:
        try:
            note_delay(order_id=order_id, at=at)
        except Exception as problem:  # one bad row never stops the watch
            log.warning("order %s could not be judged: %s", order_id, type(problem).__name__)
            Order.objects.filter(pk=order_id).update(watch_at=at + TRY_AGAIN)
    return len(order_ids)


def look_again(*, calendar_id: int, first_on: date, last_on: date, at: datetime) -> int:
    """Let the watch look at once at every open order whose way reaches into days of a calendar that changed.

    Returns how many.  One UPDATE; what was promised stays as it is.
    """
    calendar = BusinessCalendar.objects.get(pk=calendar_id)
    touched = orders_using(calendar, first_on=first_on, last_on=last_on)
    waiting = Order.objects.filter(pk__in=touched.values("pk"), watch_at__gt=at)
    return waiting.update(watch_at=at)


@transaction.atomic
def note_delay(*, order_id: int, at: datetime) -> DelayCase | None:
    """Judge an order's promise at `at`; when it will not hold, renew it, open a case and record the event.

    Returns the case, or None when the last told promise still stands, the order has arrived or is no living one.
    Running it again changes nothing until there is a new estimate.  Raises NoEstimate or NoOpenDay when a calendar
    has no answer.
    """
    services = "service__workshop__calendar", "service__carrier_calendar", "service__destination_calendar"
    orders = Order.objects.select_for_update(of=("self",)).select_related("customer", *services)
    order = orders.get(pk=order_id)
    promise = Promise.objects.filter(order=order).order_by("-version", "-id").first()
    parcels = _awaited_parcels(order)
    if order.status != Order.Status.PLACED or promise is None or not parcels:
        recompute_statuses(order)
        return None
    route = route_of(order.service)
    plans = plans_of(parcels)
    findings = [_judge_parcel(order, row, promise, plans.get(row.pk), route, at) for row in parcels]
    latest = max(findings, key=lambda finding: (finding.late, finding.predicted_on))
    if latest.late:
        return _renew(order, promise, latest, route, at)
    order.service_status = Order.Service.AT_RISK if latest.at_risk else Order.Service.OK
    look_again_at = min(finding.look_again_at for finding in findings if finding.look_again_at)
    recompute_statuses(order, watch_at=look_again_at, route=route)
    return None


def _judge_parcel(
    order: Order, parcel: Parcel, promise: Promise, plan: ParcelPlan | None, route: Route, at: datetime
) -> Finding:
    """Judge one parcel; one that goes at a time of its own is held against its plan, and a broken plan is renewed.

    What is returned speaks of the order's promise: a parcel that was planned to come later than it never breaks it.
    """
    finding = assess(told=_told(plan or promise, route), progress=_progress(order, parcel), route=route, at=at)
    if plan is None or not finding.late:
        return finding
    renew_plan(parcel, plan, finding, route, at)
    breaks_promise = plan.deliver_by_on <= promise.deliver_by_on < _set(finding.deliver_by_on)
    return replace(finding, late=breaks_promise, look_again_at=finding.look_again_at or at + TRY_AGAIN)


def renew_plan(parcel: Parcel, broken: ParcelPlan, finding: Finding, route: Route, at: datetime) -> ParcelPlan:
    """Say a new day for one parcel and record why; the order must be locked."""
    order = parcel.order
    first, last = _set(finding.deliver_from_on), _set(finding.deliver_by_on)
    leaves_at = route.workshop.day_closes_at(finding.hand_over_on) if finding.hand_over_on else broken.hand_over_by_at
    renewed = ParcelPlan.objects.create(
        parcel=parcel,
        version=broken.version + 1,
        deliver_from_on=first,
        deliver_by_on=last,
        starts_on=broken.starts_on,
        pack_by_at=leaves_at if finding.hand_over_on else broken.pack_by_at,
        hand_over_by_at=leaves_at,
        breaks_at=route.destination.day_ends_at(last),
        basis=_basis(broken, finding, route, at),
        reason=_reason(finding, route, order.locale),
        made_at=at,
    )
    record_event(
        name="orders.parcel.delayed",
        subject=f"orders.parcel:{parcel.pk}",
        order_number=order.number,
        customer=order.customer,
        payload={
            "order_id": order.pk,
            "parcel_id": parcel.pk,
            "plan_id": renewed.pk,
            "old_plan_id": broken.pk,
            "cause": finding.cause,
        },
        for_customer=True,
        at=at,
    )
    return renewed


def _awaited_parcels(order: Order) -> list[Parcel]:
    """Return the parcels the promise is about: sold things that have not arrived, nor wait to be collected."""
    rows = Parcel.objects.filter(order=order, lines__line__kind__in=OrderLine.PROMISED).distinct()
    over = [Parcel.Status.CANCELLED, Parcel.Status.DELIVERED, *([Parcel.Status.PACKED] if order.pickup else [])]
    rows = rows.exclude(status__in=over).order_by("number", "id")
    for parcel in (found := list(rows)):
        parcel.order = order
    return found


def _told(promise: Promise | ParcelPlan, route: Route) -> Told:
    return Told(
        deliver_by_on=promise.deliver_by_on,
        pack_by_at=promise.pack_by_at,
        hand_over_by_at=promise.hand_over_by_at,
        breaks_at=promise.breaks_at,
        home_weekdays=frozenset(promise.basis.get("home_weekdays", [])),
        plan=plan_of(promise, route),
    )


def _progress(order: Order, parcel: Parcel) -> Progress:
    return Progress(
        packed=parcel.status == Parcel.Status.PACKED,
        handed_over_at=parcel.handed_over_at,
        carrier_status=parcel.carrier_status,
        reason=_last_reason(parcel),
        eta_on=parcel.carrier_eta_on,
        last_scan_at=parcel.last_scan_at,
        unpaid=order.payment_status == Order.Paid.PENDING,
    )


def _last_reason(parcel: Parcel) -> str:
    """Return the last reason the courier gave: a van that drives on does not repeat why it was late."""
    if parcel.handed_over_at is None:
        return ""
    told = parcel.tracking.exclude(reason="").order_by("-occurred_at", "-id").values_list("reason", flat=True).first()
    return told or ""


def _renew(order: Order, broken: Promise, finding: Finding, route: Route, at: datetime) -> DelayCase:
    reason = _reason(finding, route, order.locale)
    first, last = _set(finding.deliver_from_on), _set(finding.deliver_by_on)
    hand_over_by_at = broken.hand_over_by_at
    if finding.hand_over_on:
        hand_over_by_at = route.workshop.day_closes_at(finding.hand_over_on)
    renewed = Promise.objects.create(
        order=order,
        version=broken.version + 1,
        source=Promise.Source.WATCH if finding.hand_over_on else Promise.Source.COURIER,
        deliver_from_on=first,
        deliver_by_on=last,
        starts_on=broken.starts_on,
        pack_by_at=hand_over_by_at if finding.hand_over_on else broken.pack_by_at,
        hand_over_by_at=hand_over_by_at,
        breaks_at=route.destination.day_ends_at(last),
        basis=_basis(broken, finding, route, at),
        reason=reason,
        made_at=at,
    )
    case = DelayCase.objects.create(
        order=order,
        round=DelayCase.objects.filter(order=order).count() + 1,
        cause=finding.cause,
        reason=reason,
        broken_promise=broken,
        new_promise=renewed,
        noticed_at=at,
    )
    recompute_statuses(order, watch_at=finding.look_again_at, route=route)
    _tell(order, case, at)
    return case


def _reason(finding: Finding, route: Route, locale: str) -> str:
    if not finding.closed_days:
        return sentence(reason_code=finding.reason_code, locale=locale)
    day = finding.closed_days[0]
    closed = [calendar for calendar in (route.workshop, route.carrier, route.destination) if not calendar.is_open(day)]
    why = next(filter(None, (calendar.reason(day) for calendar in closed)), "")
    return closed_sentence(reason_code=finding.reason_code, days=finding.closed_days, why=why, locale=locale)[:300]


def _tell(order: Order, case: DelayCase, at: datetime) -> None:
    record_event(
        name="orders.order.delayed",
        subject=f"orders.order:{order.pk}",
        order_number=order.number,
        customer=order.customer,
        payload={
            "order_id": order.pk,
            "delay_id": case.pk,
            "promise_id": case.new_promise_id,
            "old_promise_id": case.broken_promise_id,
        },
        for_customer=True,
        at=at,
    )


def _basis(broken: Promise | ParcelPlan, finding: Finding, route: Route, at: datetime) -> dict[str, Any]:
    """Return what the new range was computed from, in the shape of Estimate.as_basis with one stage of its own."""
    today, last = route.carrier.local_day(at), _set(finding.deliver_by_on)
    skipped = {day: why for cal in (route.carrier, route.destination) for day, why in cal.closed_days(today, last)}
    return {
        "renews_version": broken.version,
        "placed_at": broken.basis.get("placed_at", ""),
        "service": route.service,
        "calendars": {cal.code: cal.version for cal in (route.workshop, route.carrier, route.destination)},
        "home_weekdays": broken.basis.get("home_weekdays", []),
        "cause": finding.cause,
        "reason_code": finding.reason_code,
        "predicted_on": finding.predicted_on.isoformat(),
        "buffer_days": 1,
        "steps": [
            {
                "stage": "delay",
                "first_on": today.isoformat(),
                "last_on": last.isoformat(),
                "calendar": route.carrier.code,
                "skipped": [[day.isoformat(), why] for day, why in sorted(skipped.items())],
            }
        ],
    }


def _set(day: date | None) -> date:
    """Return the day of a finding that is late.  Raises ValueError when the rule forgot it."""
    if day is None:
        raise ValueError("a late finding has a range")
    return day
