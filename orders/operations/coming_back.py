"""A parcel comes back to us: refused at the door, not paid there, or nowhere to be delivered.

Either it is sent again, or its pieces are put away once and nobody owes for them.  When nothing of the order is left on
its way or with her then, the order is over: everything that was paid goes back, the delivery fee too, because nothing
reached her.
Source: delivery reference 1.7; commerce reference d.3, b-13; Directive 2011/83/EU art. 13(1) and 18.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_noop

from orders.messages.refund_reasons import said_to_her
from orders.models import DelayCase, Order, OrderLine, Parcel, ParcelLine, Payment
from orders.operations.cancelling import close_order
from orders.operations.delays import note_delay
from orders.operations.documents import take_back_unpaid_invoice
from orders.operations.packing import lock_parcel
from orders.operations.refunding import write_grant
from orders.operations.rewriting import plan_beside
from orders.operations.statuses import recompute_statuses
from orders.operations.tracking import note_order_delivered
from orders.queries.exchanged import books_of, origin_of_came_back
from orders.queries.shares import slots_of
from orders.rules.exchanged import still_paid
from orders.rules.parcels import nothing_reaches_her
from orders.rules.shares import Pieces, take
from orders.rules.states import Impossible
from shop.models import User
from shop.operations import stock
from shop.operations.events import record_event


class OthersNotPaid(Exception):
    """Other parcels of the order are here, on their way or with her, and its money has not come in yet."""


@transaction.atomic
def take_parcel_back(*, parcel_id: int, disposition: str, by: User, at: datetime) -> Parcel:
    """Take a parcel in again that could not be delivered; its pieces go to `disposition`: restock or quarantine.

    The order is closed when nothing else of it is left, with everything paid granted back and an unpaid invoice taken
    back; otherwise the pieces' money is.  Raises Impossible for a parcel that is not on its way, also when somebody
    took it back a moment ago, OthersNotPaid, ValueError for another disposition.
    """
    parcel = lock_parcel(parcel_id)
    order = parcel.order
    if order.status != Order.Status.PLACED or parcel.status != Parcel.Status.HANDED_OVER:
        raise Impossible(parcel.status)
    others = Parcel.objects.filter(order=order).exclude(pk=parcel.pk).order_by("id")
    over = nothing_reaches_her(others.values_list("status", flat=True))
    if not over and not _is_paid(Payment.objects.get(order=order)):
        raise OthersNotPaid
    inside = _put_away(parcel, disposition, by, at)
    for row in inside:
        OrderLine.objects.filter(pk=row.line_id).update(qty_cancelled=F("qty_cancelled") + row.quantity)
    if over:
        DelayCase.objects.filter(order=order, settled_at=None).update(settled_at=at)  # nobody waits for a day any more
        close_order(order, whose="came-back", by=by, at=at)
        take_back_unpaid_invoice(order, by=by, at=at)
        return parcel
    note_order_delivered(order, at)
    recompute_statuses(order, watch_at=at)
    _give_back(order, parcel, inside, at)
    return parcel


@transaction.atomic
def send_again(*, parcel_id: int, by: User, at: datetime) -> Parcel:
    """Take a parcel in again that could not be delivered, and plan a new one for its pieces; return the new one.

    Nothing of the order changes but the day, where the one she was told cannot be kept: that is a delay like any other,
    with its letter and her choices, and where it is the second one she is asked before it leaves.  Until it is packed
    she or staff can correct address and hours.  Raises Impossible like `take_parcel_back`, and
    shop.operations.stock.SoldOut when the pieces that came back are promised to orders that waited for them.
    """
    parcel = lock_parcel(parcel_id)
    order = parcel.order
    if order.status != Order.Status.PLACED or parcel.status != Parcel.Status.HANDED_OVER:
        raise Impossible(parcel.status)
    inside = _put_away(parcel, "restock", by, at)
    stock.allocate(
        wanted=[stock.Wanted(row.line.variant_id, row.quantity, f"again:{parcel.pk}:{row.line_id}") for row in inside],
        order_number=order.number,
        at=at,
    )
    again = _plan_again(parcel, inside)
    record_event(
        name="orders.parcel.sent-again",
        subject=f"orders.parcel:{again.pk}",
        order_number=order.number,
        customer=order.customer,
        payload={"order_id": order.pk, "parcel_id": again.pk, "first_parcel_id": parcel.pk},
        actor=by,
        for_customer=True,
        at=at,
    )
    recompute_statuses(order, watch_at=at)
    note_delay(order_id=order.pk, said="sent_again", at=at)
    return again


def _plan_again(parcel: Parcel, inside: Sequence[ParcelLine]) -> Parcel:
    """Plan a parcel with the same pieces, that goes as the first one did."""
    again = plan_beside(parcel)
    ParcelLine.objects.bulk_create(
        ParcelLine(parcel=again, line_id=row.line_id, quantity=row.quantity) for row in inside
    )
    return again


def _is_paid(payment: Payment) -> bool:
    return payment.kept_minor - payment.charged_back_minor >= payment.due_minor


def _put_away(parcel: Parcel, disposition: str, by: User, at: datetime) -> list[ParcelLine]:
    """Move each piece to where it goes and count it as on its way no more; the parcel is over, and that is said."""
    inside = list(ParcelLine.objects.filter(parcel=parcel).select_related("line").order_by("id"))
    turn = stock.turns(row.line.variant_id for row in inside)
    for row in sorted(inside, key=lambda row: (turn[row.line.variant_id], row.pk)):
        stock.take_back(
            item=stock.Wanted(row.line.variant_id, row.quantity, f"came-back:{parcel.pk}:{row.line_id}"),
            order_number=parcel.order.number,
            at=at,
            disposition=disposition,
            actor=by,
            reason="came back",
        )
        OrderLine.objects.filter(pk=row.line_id).update(qty_handed_over=F("qty_handed_over") - row.quantity)
    parcel.status, parcel.came_back_at, parcel.poll_at = Parcel.Status.CANCELLED, at, None
    parcel.save(update_fields=["status", "came_back_at", "poll_at"])
    record_event(
        name="orders.parcel.came-back",
        subject=f"orders.parcel:{parcel.pk}",
        order_number=parcel.order.number,
        customer=parcel.order.customer,
        payload={"order_id": parcel.order_id, "parcel_id": parcel.pk, "disposition": disposition},
        actor=by,
        for_customer=True,
        at=at,
    )
    return inside


def _give_back(order: Order, parcel: Parcel, inside: Sequence[ParcelLine], at: datetime) -> None:
    """Grant what was paid for the pieces; nobody decides on it, so nobody is asked to agree."""
    payment = Payment.objects.select_for_update().get(order=order)
    pieces = _bought_pieces(order, inside)
    worth = sum(part.amount_minor for part in take(slots_of(order), pieces))
    there = payment.captured_minor - payment.charged_back_minor - payment.granted_minor
    if amount := min(worth, there):
        write_grant(
            payment=payment,
            amount_minor=amount,
            reason=said_to_her(order, gettext_noop("A parcel came back to us.")),
            origin=origin_of_came_back(parcel.pk),
            by=None,
            at=at,
            what=pieces,
        )


def _bought_pieces(order: Order, inside: Sequence[ParcelLine]) -> Pieces:
    """Return the bought pieces that are paid back: of an exchange those whose first piece is back with us."""
    books = books_of(order)
    pieces: Counter[int] = Counter()
    for row in inside:
        root = books.roots[row.line_id]
        if root.kind != OrderLine.Kind.SALE:  # a free gift
            continue
        number = row.quantity
        if row.line_id in books.swapped:
            left = sum(slot.line_id == root.pk and not slot.closed for slot in books.slots)
            number = min(still_paid(books.tallies[root.pk], left=left - pieces[root.pk]), number)
        pieces[root.pk] += number
    return Pieces({line_id: number for line_id, number in pieces.items() if number})
