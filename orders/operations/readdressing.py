"""Where and when it comes, changed after ordering: as long as nothing has left us.

Staged, looked at, confirmed and paid like every other change of an order (`orders.operations.changing`); here is what
is its own: how it is staged, and how it is written.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from orders.models import Order, OrderChange, Parcel, Promise
from orders.operations.staging import make_way
from orders.queries.redelivery import DeliveryPlan, plan_delivery
from orders.rules.redelivery import Delivery
from shop.models import User
from shop.operations import stock


@transaction.atomic
def stage_delivery(*, order_id: int, delivery: Delivery, by: User | None, at: datetime) -> OrderChange:
    """Stage a change of where and when an order comes, in place of one staged before; nothing changes yet.

    `by` is the member of staff, None for the shopper herself.  Raises NotChangeable.
    """
    order = Order.objects.select_for_update(of=("self",)).select_related("customer", "service").get(pk=order_id)
    plan = plan_delivery(order, delivery, at=at)
    make_way(order, at=at)
    return OrderChange.objects.create(
        order=order,
        wishes=[],
        delivery=delivery.as_kept(),
        old_total_minor=order.total_minor,
        new_total_minor=plan.totals.total_minor,
        due_at=at + stock.LIFETIME,
        staged_by=by,
        staged_at=at,
    )


def write_delivery(plan: DeliveryPlan, *, at: datetime) -> Promise | None:
    """Write a planned change on its order, which is locked; return the new promise when its days change."""
    order, sums = plan.order, plan.totals
    for name, value in plan.columns.items():
        setattr(order, name, value)
    order.delivery_minor, order.total_minor, order.tax_minor = sums.delivery_minor, sums.total_minor, sums.tax_minor
    order.delivery_shares = [list(share) for share in sums.delivery_shares]
    order.save(update_fields=[*plan.columns, "delivery_minor", "total_minor", "tax_minor", "delivery_shares"])
    living = Parcel.objects.filter(order=order).exclude(status=Parcel.Status.CANCELLED)
    living.update(labelled_at=None)  # what is printed on a label is not true any more
    return _renew(plan, at) if plan.moved else None


def _renew(plan: DeliveryPlan, at: datetime) -> Promise:
    """Write the promise of the days she wishes: her own wish, so not late."""
    order, holds, said, route = plan.order, plan.promise, plan.said, plan.route
    leaves_at = route.workshop.day_closes_at(said.leaves_on) if said.leaves_on else None
    known = holds.basis.get("crises", {}) | {str(crisis.id): crisis.extra_days for crisis in said.crises}
    return Promise.objects.create(
        order=order,
        version=Promise.objects.filter(order=order).count() + 1,
        source=Promise.Source.CUSTOMER,
        deliver_from_on=said.from_on,
        deliver_by_on=said.by_on,
        starts_on=holds.starts_on,
        pack_by_at=leaves_at or holds.pack_by_at,
        hand_over_by_at=leaves_at or holds.hand_over_by_at,
        breaks_at=route.destination.day_ends_at(said.by_on),
        basis=holds.basis
        | ({"crises": known} if known else {})
        | {
            "home_weekdays": sorted(order.home_weekdays),
            "renews_version": holds.version,
            "steps": [*holds.basis.get("steps", []), _wish(plan)],
        },
        made_at=at,
    )


def _wish(plan: DeliveryPlan) -> dict[str, Any]:
    """Return the step that leads from the promised days to those she wishes, with the days nobody comes."""
    route, last_on = plan.route, plan.said.by_on
    first_on = min(plan.promise.deliver_by_on, last_on)
    skipped = {
        day: why for cal in (route.carrier, route.destination) for day, why in cal.closed_days(first_on, last_on)
    }
    return {
        "stage": "wish",
        "first_on": first_on.isoformat(),
        "last_on": last_on.isoformat(),
        "calendar": route.destination.code,
        "skipped": [[day.isoformat(), why] for day, why in sorted(skipped.items())],
    }
