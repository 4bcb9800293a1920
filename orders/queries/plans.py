"""How a stored promise was counted, read back from its own record."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet

from orders.models import Order, OrderLine, Parcel, ParcelLine, ParcelPlan, Promise
from orders.rules.promise import Route
from orders.rules.recount import Plan, rests

_WORKSHOP_STAGES = frozenset({"start", "work", "hand_over"})


def measured(promises: Sequence[Promise]) -> Promise:
    """Return the promise an order is measured by: the first one, or the day she moved it to herself before any delay.

    `promises` are all versions, the first one first.  Source: delivery reference 1.2 (a day she blocked is not late).
    """
    found = promises[0]
    for promise in promises[1:]:
        if promise.source == Promise.Source.CUSTOMER:
            found = promise
        elif promise.source != Promise.Source.ETA:
            break
    return found


def committed(promises: list[Promise]) -> Promise:
    """Return the version that holds: the last one that is more than news within it."""
    return [each for each in promises if each.source != Promise.Source.ETA][-1]


def plan_of(promise: Promise | ParcelPlan, route: Route) -> Plan | None:
    """Return the plan of a promise on its route's clocks, None when its record names no step.  No query.

    A renewed promise tells nothing of the workshop's days but the one it leaves on, so it begins there.
    """
    steps = promise.basis.get("steps", [])
    if not steps:
        return None
    hand_over_on = route.workshop.local_day(promise.hand_over_by_at)
    tells_work = any(step["stage"] in _WORKSHOP_STAGES for step in steps)
    workshop_rests, road_rests = rests(steps)
    return Plan(
        starts_on=promise.starts_on if tells_work else hand_over_on,
        packed_on=route.workshop.local_day(promise.pack_by_at) if tells_work else hand_over_on,
        hand_over_on=hand_over_on,
        deliver_by_on=promise.deliver_by_on,
        workshop_rests=workshop_rests,
        road_rests=road_rests,
        home_weekdays=frozenset(promise.basis.get("home_weekdays", [])),
    )


def promised_parcels() -> QuerySet[Parcel]:
    """Return the parcels orders' promises are about: what was sold, or goes instead of it.

    Whatever lies in the parcel of an exchange, also what was put there instead of a missing piece, is left out: it has
    days of its own.  Cancelled ones are among them.
    """
    return Parcel.objects.filter(_promised())


def open_exchanges() -> QuerySet[Parcel]:
    """Return what still goes in exchange for something though its order arrived.  By the index `parcel_of_exchange`."""
    order = {"order__status": Order.Status.PLACED, "order__delivered_at__isnull": False}
    return Parcel.objects.filter(due_at__isnull=False, status__in=Parcel.COMING, **order)


def living_parcels() -> QuerySet[Parcel]:
    """Return parcels that still mean something, with `promised` (false: of an exchange) and `to_be_made`, by number."""
    return _living().all()


@cache
def _living() -> QuerySet[Parcel]:
    """Return them as a question not asked yet: composing it costs as much as asking."""
    rows = Parcel.objects.exclude(status=Parcel.Status.CANCELLED)
    marked = rows.annotate(
        promised=ExpressionWrapper(_promised(), output_field=BooleanField()),
        to_be_made=Exists(_sold().filter(line__making_days__gt=0)),
    )
    return marked.order_by("number", "id")


def _promised() -> Q:
    return Q(Exists(_sold()), due_at=None)


def _sold() -> QuerySet[ParcelLine]:
    return ParcelLine.objects.filter(parcel=OuterRef("pk"), line__kind__in=OrderLine.PROMISED)
