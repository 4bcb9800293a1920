"""Which open orders a change of a calendar touches: counted again before and after, with what is promised untouched.

Source: commerce reference A3.5, c-1, c-2.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import get_language, gettext

from orders.models import Order, Parcel, Promise
from orders.queries.plans import plan_of
from orders.queries.quotes import route_of
from orders.rules.promise import Route
from orders.rules.recount import Recount, recount
from shop.calendar_effects import Effect, Effects
from shop.models import BusinessCalendar
from shop.rules.calendar import NoOpenDay, WorkingCalendar
from shop.rules.calendar_facts import changed_days
from shop.rules.wording import day

EXAMPLES = 25


@dataclass(frozen=True)
class Touched:
    """One open order whose way is counted otherwise; `after` is None when the calendar leaves no answer."""

    order: Order
    promise: Promise
    before: Recount
    after: Recount | None

    @property
    def broken(self) -> bool:
        """Say whether the promise cannot be kept any more."""
        return self.after is None or self.after.deliver_by_on > self.promise.deliver_by_on


def orders_using(calendar: BusinessCalendar, *, first_on: date, last_on: date) -> QuerySet[Order]:
    """Return the open orders whose promised way by this calendar reaches into some days, by id.

    Each carries `promise_id`, its newest promise.
    """
    newest = Promise.objects.filter(order=OuterRef("pk")).order_by("-version", "-id").values("pk")[:1]
    mine = (
        Q(service__workshop__calendar=calendar)
        | Q(service__carrier_calendar=calendar)
        | Q(service__destination_calendar=calendar)
    )
    rows = Order.objects.filter(mine, status=Order.Status.PLACED, delivered_at=None)
    reaching = Promise.objects.filter(deliver_by_on__gte=first_on, starts_on__lte=last_on)
    return rows.annotate(promise_id=Subquery(newest)).filter(promise_id__in=reaching.values("pk")).order_by("id")


def touched_orders(
    row: BusinessCalendar, before: WorkingCalendar, after: WorkingCalendar, at: datetime
) -> Iterator[Touched]:
    """Yield the open orders that are counted otherwise once `before` has become `after`.  Four queries."""
    days = changed_days(before, after, first=before.local_day(at))
    if not days:
        return
    services = "service__workshop__calendar", "service__carrier_calendar", "service__destination_calendar"
    orders = {
        order.pk: order for order in orders_using(row, first_on=days[0], last_on=days[-1]).select_related(*services)
    }
    promises = Promise.objects.filter(pk__in=[order.promise_id for order in orders.values()])  # type: ignore[attr-defined]
    parcels = _slowest_parcels(orders)
    routes: dict[int, tuple[Route, Route]] = {}
    for promise in promises.order_by("deliver_by_on", "id"):
        order = orders[promise.order_id]
        if order.service_id not in routes:
            route = route_of(order.service)
            routes[order.service_id] = _with(route, before), _with(route, after)
        found = _compare(order, promise, parcels.get(order.pk), *routes[order.service_id])
        if found:
            yield found


def judge_calendar(row: BusinessCalendar, before: WorkingCalendar, after: WorkingCalendar, at: datetime) -> Effects:
    """Say whom a change touches, for the page that is shown before it is saved; broken promises come first."""
    found = sorted(touched_orders(row, before, after, at), key=lambda each: (not each.broken, each.order.pk))
    return Effects(
        total=len(found),
        broken=sum(each.broken for each in found),
        examples=tuple(_effect(each) for each in found[:EXAMPLES]),
    )


def _compare(order: Order, promise: Promise, parcel: Parcel | None, before: Route, after: Route) -> Touched | None:
    plan = plan_of(promise, before)
    if plan is None or parcel is None:
        return None
    packed = parcel.status == Parcel.Status.PACKED
    gone_on = before.carrier.local_day(parcel.handed_over_at) if parcel.handed_over_at else None
    was = recount(plan, before, packed=packed, gone_on=gone_on)
    try:
        now = recount(plan, after, packed=packed, gone_on=gone_on)
    except NoOpenDay:
        return Touched(order, promise, was, None)
    same = (was.packed_on, was.hand_over_on, was.deliver_by_on) == (now.packed_on, now.hand_over_on, now.deliver_by_on)
    return None if same else Touched(order, promise, was, now)


def _slowest_parcels(orders: dict[int, Order]) -> dict[int, Parcel]:
    """Return of each order the parcel that is least far.  One query."""
    done = [Parcel.Status.CANCELLED, Parcel.Status.DELIVERED]
    rows = Parcel.objects.filter(order__in=orders, due_at=None).exclude(status__in=done)
    far = [Parcel.Status.HANDED_OVER, Parcel.Status.PACKED, Parcel.Status.PLANNED]
    ranked = sorted(rows, key=lambda parcel: (far.index(Parcel.Status(parcel.status)), parcel.pk))
    return {parcel.order_id: parcel for parcel in ranked}  # the last one stands: the least far


def _with(route: Route, calendar: WorkingCalendar) -> Route:
    """Return the route with one of its calendars exchanged."""
    return replace(
        route,
        workshop=calendar if route.workshop.code == calendar.code else route.workshop,
        carrier=calendar if route.carrier.code == calendar.code else route.carrier,
        destination=calendar if route.destination.code == calendar.code else route.destination,
    )


def _effect(each: Touched) -> Effect:
    language = get_language() or "en"
    url = reverse("admin:orders_order_change", args=[each.order.pk])
    promised = day(each.promise.deliver_by_on, language)
    if each.after is None:
        says = gettext("promised by %(promised)s; with this calendar it never arrives") % {"promised": promised}
    elif each.broken:
        says = gettext("promised by %(promised)s; it can be there on %(now)s") % {
            "promised": promised,
            "now": day(each.after.deliver_by_on, language),
        }
    elif each.after.hand_over_on != each.before.hand_over_on:
        says = gettext("still arrives by %(promised)s; it leaves on %(now)s") % {
            "promised": promised,
            "now": day(each.after.hand_over_on, language),
        }
    else:
        says = gettext("still arrives by %(promised)s") % {"promised": promised}
    return Effect(each.order.number, url, says)
