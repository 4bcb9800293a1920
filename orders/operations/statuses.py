"""The one place that writes an order's derived columns: fulfilment, service, what is due next, when to look again.

Source: commerce reference d.3 (`recompute_statuses`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from orders.models import Order, Parcel, ParcelPlan, Promise
from orders.queries.plans import living_parcels, measured
from orders.queries.stages import deadlines_of, route_of_order
from orders.rules import states
from orders.rules.promise import Route
from orders.rules.stages import Stage, Standing, stage_of

_COLUMNS = ["fulfilment_status", "service_status", "next_due_at", "next_due_kind", "watch_at"]


def recompute_statuses(
    order: Order,
    *,
    watch_at: datetime | None = None,
    route: Route | None = None,
    promises: list[Promise] | None = None,
    also: Sequence[str] = (),
) -> None:
    """Bring fulfilment, service, the next deadline and the watch in line with parcels and promises.

    Call with the order locked, inside the transaction of the change.  The next deadline is the one of the stage the
    order is at, counted back from the current promise, or of a parcel with days of its own, as an exchange has.
    Nothing is due and nothing watched once everything is delivered or the order is cancelled.  The watch looks at
    `watch_at` or, without one, at the next deadline.  `route` and `promises` (all of them, by version) spare a query
    each; columns of the order that were changed `also` are written in the same breath.
    """
    parcels = list(living_parcels().filter(order=order))
    if promises is None:
        promises = list(Promise.objects.filter(order=order).order_by("version", "id"))
    derive_statuses(order, parcels=parcels, promises=promises, watch_at=watch_at, route=route)
    order.save(update_fields=[*_COLUMNS, *also])


def derive_statuses(
    order: Order,
    *,
    parcels: list[Parcel],
    promises: list[Promise],
    watch_at: datetime | None = None,
    route: Route | None = None,
    plans: Mapping[int, ParcelPlan] | None = None,
) -> None:
    """Set the derived columns of an order in memory; whoever has read its `living_parcels` and promises calls this.

    No query when `route` and `plans` are given.
    """
    order.fulfilment_status = states.fulfilment_of([parcel.status for parcel in parcels])
    order.next_due_at, order.next_due_kind, order.watch_at = None, "", None
    if order.status == Order.Status.PLACED and promises:
        _judge_service(order, promises)
        _set_next_due(order, promises[-1], parcels, watch_at, route, plans)


def _judge_service(order: Order, promises: list[Promise]) -> None:
    """Once delivered, the first promise decides; before, a later promise than the first is late."""
    first = measured(promises)
    if order.delivered_at:
        order.service_status = Order.Service.LATE if order.delivered_at >= first.breaks_at else Order.Service.OK
    elif promises[-1].deliver_by_on > first.deliver_by_on:
        order.service_status = Order.Service.LATE


def _set_next_due(
    order: Order,
    promise: Promise,
    parcels: list[Parcel],
    watch_at: datetime | None,
    route: Route | None,
    plans: Mapping[int, ParcelPlan] | None = None,
) -> None:
    own = plans_of(parcels) if plans is None else plans
    watched = [parcel for parcel in parcels if parcel.promised or parcel.pk in own]  # type: ignore[attr-defined] # annotated
    standing = [(parcel, stage) for parcel in watched if (stage := _stage(order, parcel))]
    if standing:
        if any(stage != Stage.TRANSIT for _row, stage in standing):
            route = route or route_of_order(order)
        due = [(_due_at(own.get(row.pk, promise), stage, route), stage) for row, stage in standing]
        order.next_due_at, order.next_due_kind = min(due, key=lambda one: (one[0], list(Stage).index(one[1])))
        order.watch_at = watch_at or order.next_due_at
        return
    kinds = {Parcel.Status.PLANNED: Stage.PACKING, Parcel.Status.PACKED: Stage.HAND_OVER}
    waiting = [parcel for parcel in parcels if parcel.due_at and parcel.status in kinds]
    if waiting:
        first = min(waiting, key=lambda parcel: (parcel.due_at, parcel.pk))
        order.next_due_kind, order.next_due_at = kinds[Parcel.Status(first.status)], first.due_at


def _due_at(said: Promise | ParcelPlan, stage: Stage, route: Route | None) -> datetime:
    """Return the deadline of a stage; on the road it is the promise itself, which no calendar moves."""
    return deadlines_of(said, route).of(stage) if route else said.breaks_at


def _stage(order: Order, parcel: Parcel) -> Stage | None:
    """Return the stage of one parcel that has a day; what has arrived, or waits to be collected, asks nothing of us."""
    if order.pickup and parcel.status == Parcel.Status.PACKED:
        return None
    standing = Standing(
        parcel_status=parcel.status,
        unpaid=order.payment_status == Order.Paid.PENDING,
        to_be_made=parcel.to_be_made,  # type: ignore[attr-defined] # annotated
        made=parcel.made_at is not None,
        labelled=parcel.labelled_at is not None,
        confirmed=True,
    )
    return stage_of(standing)


def plans_of(parcels: list[Parcel]) -> dict[int, ParcelPlan]:
    """Return the plan that holds for each parcel that has one of its own.  One query, none for a single parcel."""
    if not any(parcel.number > 1 for parcel in parcels):
        return {}
    rows = ParcelPlan.objects.filter(parcel__in=parcels).order_by("version", "id")
    return {row.parcel_id: row for row in rows}
