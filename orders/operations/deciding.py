"""What the shopper chooses about a delay: wait, take what is ready now, take something else, or end it.

Each choice is kept with its moment and with who noted it; staff note the same by phone.
Source: commerce reference c-6; issue text.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from orders.models import DelayCase, Order, OrderLine, Parcel, ParcelLine
from orders.operations.cancelling import cancel_order
from orders.operations.documents import replace_invoice
from orders.operations.packing import lock_parcel
from orders.operations.rewriting import move_pieces, put_form
from orders.operations.splitting import split_parcel
from orders.operations.statuses import recompute_statuses
from orders.queries.delays import open_delay, ready_lines, variants_instead
from orders.rules.changing import was_after
from shop.models import User, Variant
from shop.operations import stock
from shop.operations.events import record_event
from shop.queries.reductions import former_prices_at

Decision = DelayCase.Decision


class NothingToDecide(Exception):
    """No delay of this order is open: it was decided before, has arrived or never was."""


class NothingReady(Exception):
    """Everything waits for the same thing, or packing has begun: nothing can go ahead."""


class NotInstead(Exception):
    """This cannot be sent in its place: another price, not on the shelf, or packing has begun."""


@transaction.atomic
def keep_waiting(*, order_id: int, by: User | None, at: datetime) -> DelayCase:
    """Note that she waits for the new date; `by` is who heard it on the phone, None for herself.

    Choosing it again changes nothing.  Raises NothingToDecide.
    """
    order = _lock(order_id)
    newest = DelayCase.objects.filter(order=order).order_by("-round", "-id").first()
    if newest and newest.decision == Decision.KEEP:
        return newest
    return _note(order, Decision.KEEP, by=by, at=at)


@transaction.atomic
def send_what_is_ready(*, order_id: int, by: User | None, at: datetime) -> Parcel:
    """Let what is ready go now and the rest follow; return the parcel that follows.

    Raises NothingToDecide, NothingReady.
    """
    order = _lock(order_id)
    waiting = Parcel.objects.filter(order=order, status=Parcel.Status.PLANNED, due_at=None).order_by("number", "id")
    ready = ready_lines(waiting[0]) if len(waiting) == 1 else ()
    if not ready:
        raise NothingReady
    _note(order, Decision.SPLIT, by=by, at=at)
    return split_parcel(parcel_id=waiting[0].pk, first={row.line_id: row.quantity for row in ready}, by=by, at=at)


@transaction.atomic
def take_instead(*, order_id: int, line_id: int, variant_id: int, by: User | None, at: datetime) -> OrderLine:
    """Send another form of the same thing in place of a line that waits; the price stays.

    Raises NothingToDecide, NotInstead, OrderLine.DoesNotExist for a line of another order.
    """
    order = _lock(order_id)
    line = OrderLine.objects.select_related("variant").get(pk=line_id, order=order, kind=OrderLine.Kind.SALE)
    inside = ParcelLine.objects.filter(line=line, parcel__status=Parcel.Status.PLANNED).order_by("id").first()
    wanted = next((each for each in variants_instead([line])[line.pk] if each.pk == variant_id), None)
    if inside is None or wanted is None:
        raise NotInstead
    lock_parcel(inside.parcel_id)
    _note(order, Decision.SWAP, by=by, at=at)
    _exchange_pieces(order, line, wanted, at)
    _rewrite(order, line, wanted, by=by, at=at)
    recompute_statuses(order, watch_at=at)
    replace_invoice(order, by=by, at=at)
    return line


@transaction.atomic
def cancel_for_delay(*, order_id: int, by: User | None, at: datetime) -> Order:
    """End an order because it is late; everything paid goes back.

    Raises NothingToDecide, orders.operations.cancelling.TooLate once packing has begun.
    """
    order = _lock(order_id)
    _note(order, Decision.CANCEL, by=by, at=at)
    return cancel_order(order_id=order.pk, by=by, at=at)


def note_changed_delivery(order: Order, *, by: User | None, at: datetime) -> None:
    """Note that changing where or when it comes is what she chose about an open delay; call with the order locked."""
    if open_delay(order.pk):
        _note(order, Decision.CHANGE, by=by, at=at)


def _lock(order_id: int) -> Order:
    return Order.objects.select_for_update(of=("self",)).select_related("customer").get(pk=order_id)


def _note(order: Order, decision: Decision, *, by: User | None, at: datetime) -> DelayCase:
    case = open_delay(order.pk)
    if case is None or order.status != Order.Status.PLACED:
        raise NothingToDecide
    case.decision, case.decided_at, case.decided_by = decision, at, by
    case.save(update_fields=["decision", "decided_at", "decided_by"])
    record_event(
        name="orders.delay.decided",
        subject=f"orders.order:{order.pk}",
        order_number=order.number,
        customer=order.customer,
        actor=by,
        actor_kind="customer",
        payload={"order_id": order.pk, "delay_id": case.pk, "decision": str(decision)},
        for_customer=True,
        at=at,
    )
    return case


def _exchange_pieces(order: Order, line: OrderLine, wanted: Variant, at: datetime) -> None:
    key = f"{order.number}:{line.pk}:{line.variant_id}:{wanted.pk}:{at.timestamp():.0f}"
    needed = {wanted.pk: line.spoken_for, line.variant_id: -line.spoken_for}
    try:
        move_pieces(order=order, needed=needed, key=key, reason="swapped", at=at)
    except stock.SoldOut:
        raise NotInstead from None


def _rewrite(order: Order, line: OrderLine, wanted: Variant, *, by: User | None, at: datetime) -> None:
    old_sku = line.sku
    line.was_minor = was_after(
        unit_minor=line.unit_minor,
        today_minor=wanted.price_minor,
        was_today_minor=wanted.was_minor,
        was_then_minor=former_prices_at([wanted.pk], at=order.placed_at).get(wanted.pk),
    )
    line.save(update_fields=[*put_form(line, wanted), "was_minor"])
    record_event(
        name="orders.line.swapped",
        subject=f"orders.line:{line.pk}",
        order_number=order.number,
        customer=order.customer,
        actor=by,
        actor_kind="customer",
        payload={"order_id": order.pk, "line_id": line.pk, "old_sku": old_sku, "new_sku": line.sku},
        for_customer=True,
        at=at,
    )
