"""Late before late: notice that a promise will not hold and say so while it still holds.

Source: delivery reference 1.6, 1.9; commerce reference d.5; style 8.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import date, datetime, timedelta

from django.db import transaction

from orders.models import DelayCase, Order, Parcel, ParcelPlan, Promise
from orders.operations.outcomes import keep_guarantee
from orders.operations.renewing import basis_of, day_of, reason_of, renew, tell_news
from orders.operations.statuses import plans_of, recompute_statuses
from orders.operations.tracking import note_order_delivered
from orders.queries.crises import crises_now
from orders.queries.delays import unanswered
from orders.queries.plans import committed, living_parcels, measured, plan_of
from orders.queries.quotes import route_of
from orders.queries.touched import orders_using
from orders.queries.waiting import goods_expected
from orders.rules.eta import Known, news_within
from orders.rules.incident import slowed
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


def look_for_words(at: datetime) -> int:
    """Find delays that needed her word and got none in time, and ask staff to call; return how many, at most a batch.

    Each is found once, by the index `delay_needs_a_word`.
    """
    due = unanswered().filter(word_missed_at=None, decide_by_at__lte=at, order__status=Order.Status.PLACED)
    found = list(due.order_by("decide_by_at", "id").values_list("pk", "order_id")[:BATCH])
    for case_id, order_id in found:
        _ask_staff_to_call(case_id=case_id, order_id=order_id, at=at)
    return len(found)


@transaction.atomic
def note_delay(*, order_id: int, said: str = "", at: datetime) -> DelayCase | None:
    """Judge an order's promise at `at`; when it will not hold, renew it, open a case and record the event.

    Returns the case, or None when the promise still stands, the order has arrived or is no living one.  Another day
    within the promise is told as news.  The fee of a guaranteed date that is broken goes back.  An exchange is judged
    by its own days alone.  `said` is the reason code of what staff did with it, told instead of what the watch would
    suspect.  Running it again changes nothing until there is a new estimate.  Raises NoEstimate or NoOpenDay when a
    calendar has no answer.
    """
    services = "service__workshop__calendar", "service__carrier_calendar", "service__destination_calendar"
    orders = Order.objects.select_for_update(of=("self",)).select_related("customer", *services)
    order = orders.get(pk=order_id)
    promises = list(Promise.objects.filter(order=order).order_by("version", "id"))
    parcels, exchanges = _awaited_parcels(order)
    if order.status != Order.Status.PLACED or not promises or not (parcels or exchanges):
        note_order_delivered(order, at)
        recompute_statuses(order)
        return None
    route, plans = route_of(order.service), plans_of(parcels + exchanges)
    own = [_judge_exchange(order, row, plans[row.pk], route, said, at) for row in exchanges if row.pk in plans]
    if not parcels:
        note_order_delivered(order, at)
        recompute_statuses(order, watch_at=_first(own), route=route)
        return None
    holds = committed(promises)
    waits = any("goods_on" in promise.basis for promise in promises)
    goods = goods_expected(parcels, today=route.workshop.local_day(at)) if waits else {}
    findings = [_judge_parcel(order, row, holds, plans.get(row.pk), goods.get(row.pk), route, at) for row in parcels]
    latest = _because(max(findings, key=lambda finding: (finding.late, finding.predicted_on)), said)
    case = renew(order=order, promises=promises, finding=latest, route=route, at=at) if latest.late else None
    if case is None:
        _tell_news(order, promises, parcels, route, at)
        order.service_status = Order.Service.AT_RISK if latest.at_risk else Order.Service.OK
    look_again_at = _look_again_at(order, measured(promises), [latest] if latest.late else findings, own, at)
    recompute_statuses(order, watch_at=look_again_at, route=route)
    keep_guarantee(order, at=at)
    return case


def _look_again_at(
    order: Order, first: Promise, findings: list[Finding], own: list[Finding], at: datetime
) -> datetime | None:
    """Return when to look next: as the rule says, and at the moment a guaranteed date would be broken."""
    next_at = _first(findings + own)
    if order.guaranteed and first.breaks_at > at:
        return min(next_at or first.breaks_at, first.breaks_at)
    return next_at


def _first(findings: list[Finding]) -> datetime | None:
    return min((finding.look_again_at for finding in findings if finding.look_again_at), default=None)


def _tell_news(order: Order, promises: list[Promise], parcels: list[Parcel], route: Route, at: datetime) -> None:
    """Tell the day the courier names for the last parcel, when it differs from what she knows and breaks nothing."""
    etas = [parcel.carrier_eta_on for parcel in parcels if parcel.carrier_eta_on]
    if len(etas) < len(parcels):
        return
    last = max(parcels, key=lambda parcel: (parcel.carrier_eta_on, parcel.pk))
    known = Known(promises[-1].deliver_from_on, promises[-1].deliver_by_on, committed(promises).deliver_by_on)
    days = news_within(known=known, eta_on=last.carrier_eta_on, carrier_status=last.carrier_status, route=route, at=at)
    if days:
        tell_news(order=order, promises=promises, days=days, route=route, at=at)


@transaction.atomic
def _ask_staff_to_call(*, case_id: int, order_id: int, at: datetime) -> None:
    order = Order.objects.select_for_update(of=("self",)).select_related("customer").get(pk=order_id)
    waiting = unanswered().filter(pk=case_id, word_missed_at=None)
    if waiting.update(word_missed_at=at):
        record_event(
            name="orders.delay.unanswered",
            subject=f"orders.order:{order.pk}",
            order_number=order.number,
            customer=order.customer,
            payload={"order_id": order.pk, "delay_id": case_id},
            at=at,
        )


def _judge_parcel(
    order: Order,
    parcel: Parcel,
    promise: Promise,
    plan: ParcelPlan | None,
    goods_on: date | None,
    route: Route,
    at: datetime,
) -> Finding:
    """Judge one parcel; one that goes at a time of its own is held against its plan, and a broken plan is renewed.

    What is returned speaks of the order's promise: a parcel that was planned to come later than it never breaks it.
    """
    said, progress = plan or promise, replace(_progress(order, parcel), goods_on=goods_on)
    finding = assess(told=_told(said, route), progress=progress, route=_slowed(route, said, parcel, at), at=at)
    if plan is None or not finding.late:
        return finding
    renew_plan(parcel, plan, finding, route, at)
    breaks_promise = plan.deliver_by_on <= promise.deliver_by_on < day_of(finding.deliver_by_on)
    return replace(finding, late=breaks_promise, look_again_at=finding.look_again_at or at + TRY_AGAIN)


def _slowed(route: Route, said: Promise | ParcelPlan, parcel: Parcel, at: datetime) -> Route:
    """Return the way of what has not left us as slow as the crises make it that its days reckon with, while they last.

    Of what has left the courier knows more.  One query when there are any.
    """
    known, today = said.basis.get("crises", {}), route.carrier.local_day(at)
    if not known or parcel.handed_over_at:
        return route
    lasting = [each for each in crises_now(at) if str(each.id) in known and each.ends_on >= today]
    return slowed(route, [replace(each, longer=True) for each in lasting])


def _because(finding: Finding, said: str) -> Finding:
    return replace(finding, reason_code=said, closed_days=()) if said else finding


def _judge_exchange(order: Order, parcel: Parcel, plan: ParcelPlan, route: Route, said: str, at: datetime) -> Finding:
    """Judge an exchange by its own days and renew them when they will not hold; the order's promise is not asked."""
    way, progress = _slowed(route, plan, parcel, at), _progress(order, parcel)
    finding = _because(assess(told=_told(plan, route), progress=progress, route=way, at=at), said)
    if finding.late:
        renew_plan(parcel, plan, finding, route, at)
    return replace(finding, late=False, look_again_at=finding.look_again_at or at + TRY_AGAIN)


def renew_plan(parcel: Parcel, broken: ParcelPlan, finding: Finding, route: Route, at: datetime) -> ParcelPlan:
    """Say a new day for one parcel and record why; the order must be locked."""
    order = parcel.order
    first, last = day_of(finding.deliver_from_on), day_of(finding.deliver_by_on)
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
        basis=basis_of(broken, finding, route, at),
        reason=reason_of(finding, route, order.locale),
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


def _awaited_parcels(order: Order) -> tuple[list[Parcel], list[Parcel]]:
    """Return what has not arrived nor waits to be collected: the parcels the promise is about, and exchanges."""
    there = [Parcel.Status.DELIVERED, *([Parcel.Status.PACKED] if order.pickup else [])]
    found = list(living_parcels().filter(order=order).exclude(status__in=there))
    for parcel in found:
        parcel.order = order
    promised = [parcel for parcel in found if parcel.promised]  # type: ignore[attr-defined] # annotated
    return promised, [parcel for parcel in found if parcel not in promised]


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
