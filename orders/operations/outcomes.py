"""What became of a promise: a row once everything has arrived, and the fee of a guaranteed date that was missed."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_noop

from orders.messages.refund_reasons import said_to_her
from orders.models import DelayCase, Order, Parcel, Payment, Promise, PromiseOutcome, RefundGrant
from orders.operations.refunding import write_grant
from orders.queries.plans import measured
from orders.rules.outcome import Said, fee_goes_back, judge


def keep_outcome(order: Order, parcels: list[Parcel], promises: list[Promise]) -> None:
    """Keep how an order did, once all that was sold has arrived; call with the order locked.

    `promises` are all of the order, by version; nothing is kept without one.  Doing it again changes nothing.
    """
    versions = [promise for promise in promises if promise.source != Promise.Source.ETA]
    if not versions or order.delivered_at is None:
        return
    said = versions[versions.index(measured(versions)) :]
    gone = [parcel.handed_over_at for parcel in parcels if parcel.handed_over_at]
    zone = ZoneInfo(order.service.destination_calendar.time_zone)
    found = judge(
        said=[Said(each.deliver_by_on, each.breaks_at, each.hand_over_by_at, each.told_at) for each in said],
        delivered_at=order.delivered_at,
        delivered_on=order.delivered_at.astimezone(zone).date(),
        handed_over_at=max(gone, default=order.delivered_at),
    )
    delay = DelayCase.objects.filter(order=order).order_by("-round", "-id").first()
    outcome = PromiseOutcome(
        order=order,
        **vars(found),
        delivered_at=order.delivered_at,
        country=order.country,
        service=order.service,
        cause=delay.cause if delay and not found.kept_first else "",
        level_bp=versions[0].basis.get("level_bp"),
    )
    PromiseOutcome.objects.bulk_create([outcome], ignore_conflicts=True)


def keep_guarantee(order: Order, *, at: datetime) -> RefundGrant | None:
    """Give the delivery fee back when a guaranteed first date is broken at `at`; call with the order locked.

    Once an order, never more than is here of what came in; None when nothing is owed, or not yet: called again when
    money comes in after the date was missed.
    """
    if not order.guaranteed:
        return None
    origin = f"orders.guarantee:{order.pk}"
    promises = list(Promise.objects.filter(order=order).order_by("version", "id"))
    hers = DelayCase.objects.filter(order=order, cause=DelayCase.Cause.PAYMENT).exists()
    when = min(at, order.delivered_at) if order.delivered_at else at
    if not promises or not fee_goes_back(
        guaranteed=True, fee_minor=order.delivery_minor, breaks_at=measured(promises).breaks_at, at=when, hers=hers
    ):
        return None
    payment = Payment.objects.select_for_update().get(order=order)
    open_minor = min(order.delivery_minor, payment.captured_minor - payment.charged_back_minor - payment.granted_minor)
    if open_minor <= 0 or RefundGrant.objects.filter(origin=origin).exists():
        return None
    reason = said_to_her(order, gettext_noop("We guaranteed the day and missed it, so your delivery fee goes back."))
    return write_grant(payment=payment, amount_minor=open_minor, reason=reason, origin=origin, by=None, at=at)
