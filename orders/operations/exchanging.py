"""Exchange: a piece goes out in place of one that comes back."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from orders.models import Order, OrderLine, Parcel, ParcelLine, ParcelPlan
from orders.operations.rewriting import plan_next_parcel
from orders.operations.statuses import recompute_statuses
from orders.queries.quotes import quote_apart
from orders.rules.states import Impossible
from shop.models import Event, User, Variant
from shop.operations import stock
from shop.operations.events import record_event

EVENT = "orders.line.exchange-added"


@transaction.atomic
def add_exchange(
    *, order_id: int, exchange_of_id: int, variant_id: int, quantity: int, key: str, by: User | None, at: datetime
) -> OrderLine:
    """Add a line that costs nothing in place of `exchange_of_id`, speak for its pieces and plan a parcel for it.

    The same `key` adds one line, however often it is called.  The order's promise stays as it is; the parcel has days
    of its own, which are watched.  Raises SoldOut when the pieces are not there, Impossible when the order is not a
    living one, NoEstimate when a calendar has no day, OrderLine.DoesNotExist or Variant.DoesNotExist for strangers'
    ids.
    """
    order = Order.objects.select_for_update(of=("self",)).select_related("customer", *_CALENDARS).get(pk=order_id)
    known = Event.objects.filter(order_number=order.number, name=EVENT, payload__key=key).order_by("id").first()
    if known:
        return OrderLine.objects.get(pk=known.payload["line_id"])
    if order.status != Order.Status.PLACED:
        raise Impossible(order.status)
    line = _add_line(order, OrderLine.objects.get(pk=exchange_of_id, order=order), variant_id, quantity)
    wanted = stock.Wanted(variant_id, quantity, f"allocate:{order.number}:{line.pk}")
    stock.allocate(wanted=[wanted], order_number=order.number, at=at)
    parcel = _plan_parcel(order, line, at)
    recompute_statuses(order, watch_at=at)
    record_event(
        name=EVENT,
        subject=f"orders.line:{line.pk}",
        order_number=order.number,
        customer=order.customer,
        actor=by,
        payload={"order_id": order.pk, "line_id": line.pk, "parcel_id": parcel.pk, "key": key},
        at=at,
    )
    return line


_CALENDARS = ("service__workshop__calendar", "service__carrier_calendar", "service__destination_calendar")


def _add_line(order: Order, original: OrderLine, variant_id: int, quantity: int) -> OrderLine:
    variant = Variant.objects.select_related("product").get(pk=variant_id)
    return OrderLine.objects.create(
        order=order,
        kind=OrderLine.Kind.EXCHANGE,
        exchange_of=original,
        variant=variant,
        sku=variant.sku,
        title=variant.product.name,
        options_label=variant.label,
        image_path=original.image_path if variant.product_id == original.variant.product_id else "",
        unit_minor=0,
        quantity=quantity,
        gross_minor=0,
        tax_rate_bp=original.tax_rate_bp,
        tax_minor=0,
        units_paid_minor=[0] * quantity,
        units_tax_minor=[0] * quantity,
    )


def _plan_parcel(order: Order, line: OrderLine, at: datetime) -> Parcel:
    """Plan a parcel and say its days, which count the crises that hold; what was sold before it is not asked."""
    products = frozenset({line.variant.product_id})
    quote = quote_apart(order, products=products, making_days=line.making_days, at=at)
    plan = quote.estimate
    parcel = plan_next_parcel(order, due_at=plan.hand_over_by_at)
    ParcelLine.objects.create(parcel=parcel, line=line, quantity=line.quantity)
    ParcelPlan.objects.create(
        parcel=parcel,
        version=1,
        deliver_from_on=plan.deliver_from_on,
        deliver_by_on=plan.deliver_by_on,
        starts_on=plan.starts_on,
        pack_by_at=plan.pack_by_at,
        hand_over_by_at=plan.hand_over_by_at,
        breaks_at=plan.breaks_at,
        basis=quote.basis(),
        made_at=at,
    )
    return parcel
