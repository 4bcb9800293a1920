"""A new version of a promise: after a delay, or because the courier names another day within it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from orders.messages.reasons import closed_sentence, sentence
from orders.models import DelayCase, Order, ParcelPlan, Promise
from orders.queries.plans import committed
from orders.rules.consent import decide_by_at, needs_word
from orders.rules.estimates.warning import RENEW_AT
from orders.rules.lateness import Finding
from orders.rules.promise import Route
from shop.operations.events import record_event


def renew(*, order: Order, promises: list[Promise], finding: Finding, route: Route, at: datetime) -> DelayCase:
    """Write the later promise and the delay that tells why; call with the order locked.

    `promises` are all versions so far, the last of them that is no news being the one that breaks.
    """
    broken = committed(promises)
    reason = reason_of(finding, route, order.locale)
    first, last = day_of(finding.deliver_from_on), day_of(finding.deliver_by_on)
    hand_over_by_at = broken.hand_over_by_at
    if finding.hand_over_on:
        hand_over_by_at = route.workshop.day_closes_at(finding.hand_over_on)
    renewed = Promise.objects.create(
        order=order,
        version=promises[-1].version + 1,
        source=Promise.Source.WATCH if finding.hand_over_on else Promise.Source.COURIER,
        deliver_from_on=first,
        deliver_by_on=last,
        starts_on=broken.starts_on,
        pack_by_at=hand_over_by_at if finding.hand_over_on else broken.pack_by_at,
        hand_over_by_at=hand_over_by_at,
        breaks_at=route.destination.day_ends_at(last),
        basis=basis_of(broken, finding, route, at),
        reason=reason,
        made_at=at,
    )
    case = _open_case(order, broken, renewed, finding, route, at)
    record_event(
        name="orders.order.delayed",
        subject=f"orders.order:{order.pk}",
        order_number=order.number,
        customer=order.customer,
        payload={
            "order_id": order.pk,
            "delay_id": case.pk,
            "promise_id": renewed.pk,
            "old_promise_id": broken.pk,
        },
        for_customer=True,
        at=at,
    )
    return case


def tell_news(*, order: Order, promises: list[Promise], days: tuple[date, date], route: Route, at: datetime) -> Promise:
    """Write down that it comes on other days within the promise, and record the event; call with the order locked."""
    newest, holds = promises[-1], committed(promises)
    news = Promise.objects.create(
        order=order,
        version=newest.version + 1,
        source=Promise.Source.ETA,
        deliver_from_on=days[0],
        deliver_by_on=days[1],
        starts_on=holds.starts_on,
        pack_by_at=holds.pack_by_at,
        hand_over_by_at=holds.hand_over_by_at,
        breaks_at=holds.breaks_at,  # it breaks when the promise does: news is not a new promise
        basis={
            "news_of_version": holds.version,
            "service": route.service,
            "calendars": holds.basis.get("calendars", {}),
            "home_weekdays": holds.basis.get("home_weekdays", []),
            "steps": holds.basis.get("steps", []),
        },
        made_at=at,
    )
    record_event(
        name="orders.order.eta-changed",
        subject=f"orders.order:{order.pk}",
        order_number=order.number,
        customer=order.customer,
        payload={"order_id": order.pk, "promise_id": news.pk, "old_promise_id": newest.pk},
        for_customer=True,
        at=at,
    )
    return news


def _open_case(
    order: Order, broken: Promise, renewed: Promise, finding: Finding, route: Route, at: datetime
) -> DelayCase:
    number = DelayCase.objects.filter(order=order).count() + 1
    gone = order.fulfilment_status in {Order.Fulfilment.HANDED_OVER, Order.Fulfilment.DELIVERED}
    return DelayCase.objects.create(
        order=order,
        round=number,
        cause=finding.cause,
        reason=renewed.reason,
        broken_promise=broken,
        new_promise=renewed,
        noticed_at=at,
        decide_by_at=decide_by_at(route=route, at=at) if needs_word(round_number=number, gone=gone) else None,
    )


def reason_of(finding: Finding, route: Route, locale: str) -> str:
    """Return why, in the shopper's language."""
    if not finding.closed_days:
        return sentence(reason_code=finding.reason_code, locale=locale)
    day = finding.closed_days[0]
    closed = [calendar for calendar in (route.workshop, route.carrier, route.destination) if not calendar.is_open(day)]
    why = next(filter(None, (calendar.reason(day) for calendar in closed)), "")
    return closed_sentence(reason_code=finding.reason_code, days=finding.closed_days, why=why, locale=locale)[:300]


def basis_of(broken: Promise | ParcelPlan, finding: Finding, route: Route, at: datetime) -> dict[str, Any]:
    """Return what the new range was computed from, in the shape of Estimate.as_basis with one stage of its own.

    It names the days of rest since the work began: one left out would look as if it had been closed afterwards.
    """
    today, last = route.carrier.local_day(at), day_of(finding.deliver_by_on)
    began = min(today, broken.starts_on)
    skipped = {day: why for cal in (route.carrier, route.destination) for day, why in cal.closed_days(began, last)}
    return {
        "renews_version": broken.version,
        "placed_at": broken.basis.get("placed_at", ""),
        "service": route.service,
        "calendars": {cal.code: cal.version for cal in (route.workshop, route.carrier, route.destination)},
        "home_weekdays": broken.basis.get("home_weekdays", []),
        **({"crises": known} if (known := broken.basis.get("crises")) else {}),
        "cause": finding.cause,
        "reason_code": finding.reason_code,
        "predicted_on": finding.predicted_on.isoformat(),
        **_sureness(finding, route),
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


def _sureness(finding: Finding, route: Route) -> dict[str, Any]:
    """Return why the new range ends where it does: its service's table, or one working day to be safe."""
    if finding.surely and route.learned is not None:
        return {"renewed_bp": round(RENEW_AT * 10_000), "table": route.learned.as_basis()}
    return {"buffer_days": 1}


def day_of(day: date | None) -> date:
    """Return the day of a finding that is late.  Raises ValueError when the rule forgot it."""
    if day is None:
        raise ValueError("a late finding has a range")
    return day
