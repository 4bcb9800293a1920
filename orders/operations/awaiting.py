"""Pieces somebody waits for: given to her as soon as they are on the shelf, and asked about when they will not come."""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import transaction
from django.db.models import Case, F, OuterRef, Subquery, Sum, When

from orders.models import Order, OrderLine, Unavailability
from orders.operations.shortfalls import tell_missing
from orders.operations.statuses import recompute_statuses
from orders.queries.waiting import orders_waiting_for
from shop.models import Event, StockLevel
from shop.operations import stock
from shop.operations.events import record_event

log = logging.getLogger(__name__)

BATCH = 50
State = Unavailability.State


def serve_waiting(at: datetime) -> int:
    """Give arrived pieces to the orders that wait for them, the longest waiting first; return how many were served."""
    on_shelves = StockLevel.objects.filter(variant=OuterRef("line__variant")).order_by().values("variant")
    made = Case(When(policy=StockLevel.Policy.MADE_TO_ORDER, then=F("oversell_limit")), default=0)
    free = on_shelves.annotate(pieces=Sum(F("on_hand") + made - F("allocated"))).values("pieces")
    waiting = Unavailability.objects.filter(state=State.WAITING).annotate(free=Subquery(free))
    ids = waiting.filter(free__gte=F("quantity")).order_by("found_at", "id").values_list("pk", flat=True)
    served = 0
    for case_id in list(ids[:BATCH]):
        try:
            served += serve(case_id=case_id, at=at)
        except Exception as problem:  # one bad row never stops the others
            log.warning("missing piece %s could not be served: %s", case_id, type(problem).__name__)
    return served


@transaction.atomic
def serve(*, case_id: int, at: datetime) -> bool:
    """Give a waiting case its pieces; False when they are not all there, or somebody was faster."""
    case = _lock(case_id)
    if case is None:
        return False
    try:
        with transaction.atomic():
            stock.allocate(
                wanted=[stock.Wanted(case.line.variant_id, case.quantity, f"later:{case.pk}:{case.chosen_at}")],
                order_number=case.order.number,
                at=at,
                holder=case.holder,
            )
    except stock.SoldOut:
        return False
    OrderLine.objects.filter(pk=case.line_id).update(qty_missing=F("qty_missing") - case.quantity)
    case.state, case.settled_at = State.SETTLED, at
    case.save(update_fields=["state", "settled_at"])
    recompute_statuses(case.order, watch_at=at)
    record_event(
        name="orders.order.missing-arrived",
        subject=f"orders.order:{case.order_id}",
        order_number=case.order.number,
        customer=case.order.customer,
        payload={"order_id": case.order_id, "missing_id": case.pk},
        for_customer=True,
        at=at,
    )
    return True


def hear_of_arrival(event: Event) -> None:
    """Ask everybody anew who waits for an arrival that comes later than told, or not at all.

    Promises made of what is on its way are looked at by the watch: a day that will not hold is told now.
    """
    orders_waiting_for(event.payload["variant_id"]).update(watch_at=event.happened_at)
    waiting = Unavailability.objects.filter(arrival=event.payload["arrival_id"], state=State.WAITING)
    for case_id in waiting.order_by("order_id", "id").values_list("pk", flat=True):
        ask_again(case_id=case_id, at=event.happened_at)


@transaction.atomic
def ask_again(*, case_id: int, at: datetime) -> None:
    """Open a waiting case again: what she chose cannot be had as told."""
    case = _lock(case_id)
    if case is None:
        return
    stock.free(holder=case.holder)
    case.state, case.choice, case.cause = State.OPEN, "", Unavailability.Cause.ARRIVAL
    case.chosen_at = case.chosen_by = case.arrival = None
    case.save(update_fields=["state", "choice", "cause", "chosen_at", "chosen_by", "arrival"])
    tell_missing(case.order, [case.pk], by=None, at=at)


def _lock(case_id: int) -> Unavailability | None:
    """Lock the order of a waiting case, then the case; None when it does not wait any more."""
    order_id = Unavailability.objects.values_list("order_id", flat=True).get(pk=case_id)
    order = Order.objects.select_for_update(of=("self",)).select_related("customer").get(pk=order_id)
    cases = Unavailability.objects.select_for_update(of=("self",)).select_related("line", "parcel")
    case = cases.get(pk=case_id)
    case.order = order
    return case if case.state == State.WAITING and order.status == Order.Status.PLACED else None
