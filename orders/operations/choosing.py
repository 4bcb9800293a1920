"""What the shopper chooses when pieces of her order are missing; staff choose for her on the phone.

Every choice checks, under the order's lock, that it still can be had: the page may be a day old.
Source: commerce reference d.3, 4.20, b-18.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.db.models import F

from orders.models import Order, OrderLine, Parcel, ParcelLine, ParcelPlan, Promise, Unavailability
from orders.operations.cancelling import cancel_order
from orders.operations.leaving_out import take_off
from orders.operations.rewriting import plan_next_parcel, take_out
from orders.operations.statuses import recompute_statuses
from orders.operations.tracking import note_order_delivered
from orders.queries.exchanged import books_of, origin_of_missing
from orders.queries.plans import promised_parcels
from orders.queries.quotes import Quote
from orders.queries.shares import slots_of
from orders.queries.unavailability import has_rest, later_for, other_forms
from orders.rules.exchanged import still_paid
from orders.rules.shares import Pieces, take
from shop.models import User, Variant
from shop.operations import stock
from shop.operations.events import record_event

State, Choice = Unavailability.State, Unavailability.Choice
EVENT = "orders.order.missing-chosen"


class AlreadyChosen(Exception):
    """She, or somebody for her, has chosen already; `case` says what."""

    def __init__(self, case: Unavailability) -> None:
        super().__init__(case.choice)
        self.case = case


class NotOffered(Exception):
    """This cannot be had (any more); nothing was changed."""


@transaction.atomic
def choose_other(*, case_id: int, order_id: int, variant_id: int, by: User | None, at: datetime) -> Unavailability:
    """Send another form of the piece instead, at no other price.

    Raises AlreadyChosen, NotOffered, Unavailability.DoesNotExist for a case of another order.
    """
    case = _lock(case_id, order_id)
    variant = next((form for form in other_forms(case) if form.pk == variant_id), None)
    if variant is None:
        raise NotOffered
    line = _line_instead(case, variant)
    wanted = stock.Wanted(variant.pk, case.quantity, f"allocate:{case.order.number}:{line.pk}")
    try:
        with transaction.atomic():
            stock.allocate(wanted=[wanted], order_number=case.order.number, at=at)
    except stock.SoldOut:
        raise NotOffered from None
    ParcelLine.objects.create(parcel=case.parcel, line=line, quantity=case.quantity)
    _take_out(case, replaced=case.quantity)
    case.instead = line
    return _chosen(case, Choice.OTHER, by, at)


def _line_instead(case: Unavailability, variant: Variant) -> OrderLine:
    """Add a line that costs nothing in place of the missing pieces: what she paid stays paid."""
    original = case.line
    same_picture = variant.product_id == original.variant.product_id
    return OrderLine.objects.create(
        order=case.order,
        kind=OrderLine.Kind.INSTEAD,
        exchange_of=original,
        variant=variant,
        sku=variant.sku,
        title=variant.product.name,
        options_label=variant.label,
        image_path=original.image_path if same_picture else "",
        making_days=variant.making_days,
        unit_minor=0,
        quantity=case.quantity,
        gross_minor=0,
        tax_rate_bp=original.tax_rate_bp,
        tax_minor=0,
        units_paid_minor=[0] * case.quantity,
        units_tax_minor=[0] * case.quantity,
    )


@transaction.atomic
def choose_later(*, case_id: int, order_id: int, by: User | None, at: datetime) -> Unavailability:
    """Wait for the next arrival, whose pieces are kept for her; the rest goes out as promised.

    Raises AlreadyChosen, NotOffered, Unavailability.DoesNotExist.
    """
    case = _lock(case_id, order_id)
    later = later_for(case, at=at)
    if later is None:
        raise NotOffered
    _plan_later(case, later.quote, at)
    stock.keep_arriving(level_id=later.arrival.level_id, pieces=case.quantity, holder=case.holder)
    case.arrival = later.arrival
    return _chosen(case, Choice.LATER, by, at)


def _plan_later(case: Unavailability, quote: Quote, at: datetime) -> None:
    """Put the missing pieces into a parcel of their own, or renew the promise when nothing else is to come.

    The promise knows nothing of an exchange: that gets a plan in any case.
    """
    exchange, plan = case.parcel.due_at is not None, quote.estimate
    if ParcelLine.objects.filter(parcel=case.parcel).exclude(line=case.line, quantity=case.quantity).exists():
        parcel = plan_next_parcel(case.order, due_at=plan.hand_over_by_at if exchange else None)
        take_out(case.parcel, case.line_id, case.quantity)
        ParcelLine.objects.create(parcel=parcel, line=case.line, quantity=case.quantity)
        case.parcel = parcel
    alone = not exchange and not _others_to_come(case)
    said = {
        "deliver_from_on": plan.deliver_from_on,
        "deliver_by_on": plan.deliver_by_on,
        "starts_on": plan.starts_on,
        "pack_by_at": plan.pack_by_at,
        "hand_over_by_at": plan.hand_over_by_at,
        "breaks_at": plan.breaks_at,
        "basis": quote.basis(),
        "reason": "A piece was missing, and you chose to wait for it.",
        "made_at": at,
    }
    if alone:
        version = case.order.promises.count() + 1
        Promise.objects.create(order=case.order, version=version, source=Promise.Source.SHOPPER, **said)
    else:
        ParcelPlan.objects.create(parcel=case.parcel, version=case.parcel.plans.count() + 1, **said)


def _others_to_come(case: Unavailability) -> bool:
    awaited = promised_parcels().filter(order=case.order)
    over = (Parcel.Status.CANCELLED, Parcel.Status.DELIVERED)
    return awaited.exclude(pk=case.parcel_id).exclude(status__in=over).exists()


@transaction.atomic
def choose_rest(*, case_id: int, order_id: int, by: User | None, at: datetime) -> Unavailability:
    """Send what is there and give back what the missing pieces cost.

    Raises AlreadyChosen, NotOffered when nothing else of the order is left, Unavailability.DoesNotExist.
    """
    case = _lock(case_id, order_id)
    if not has_rest(case):
        raise NotOffered
    _take_out(case, cancelled=case.quantity)
    take_out(case.parcel, case.line_id, case.quantity)
    note_order_delivered(case.order, at)
    case = _chosen(case, Choice.REST, by, at)
    take_off(order=case.order, pieces=_pieces(case), origin=origin_of_missing(case.pk), by=by, at=at)
    return case


def worth_of(case: Unavailability) -> int:
    """Return what goes back when the missing pieces are left out (minor units).  At most five queries.

    For pieces sent in exchange that is what was paid for the ones they stand for, as far as those are back with us.
    """
    return sum(part.amount_minor for part in take(slots_of(case.order), _pieces(case)))


def _pieces(case: Unavailability) -> Pieces:
    """Return the bought pieces that are paid back for the missing ones: none whose money went back before."""
    books = books_of(case.order)
    root = books.roots[case.line_id]
    left = sum(slot.line_id == root.pk and not slot.closed for slot in books.slots)
    if case.line_id not in books.swapped:
        return Pieces({root.pk: min(case.quantity, left) if root.kind == OrderLine.Kind.SALE else 0})
    gone = case.quantity if case.choice != Choice.REST else 0  # once chosen they are taken out already
    tally = books.tallies[root.pk]
    due = still_paid(replace(tally, exchanged=tally.exchanged - gone), left=left)
    return Pieces({root.pk: min(due, case.quantity)})


@transaction.atomic
def choose_cancel(*, case_id: int, order_id: int, by: User | None, at: datetime) -> Unavailability:
    """End the order; everything that was paid goes back.

    Raises AlreadyChosen, Unavailability.DoesNotExist, and TooLate when packing has started.
    """
    case = _lock(case_id, order_id)
    cancel_order(order_id=order_id, by=by, at=at)
    Unavailability.objects.filter(pk=case.pk).update(chosen_by=by)
    case.refresh_from_db()
    return case


def _lock(case_id: int, order_id: int) -> Unavailability:
    order = Order.objects.select_for_update(of=("self",)).select_related("customer", "service").get(pk=order_id)
    cases = Unavailability.objects.select_for_update(of=("self",)).select_related("line__variant__product", "parcel")
    case = cases.get(pk=case_id, order=order)
    case.order = order
    if case.state != State.OPEN:
        raise AlreadyChosen(case)
    return case


def _take_out(case: Unavailability, *, replaced: int = 0, cancelled: int = 0) -> None:
    """Settle the missing pieces of the line; those that are replaced leave their parcel to what stands for them."""
    OrderLine.objects.filter(pk=case.line_id).update(
        qty_missing=F("qty_missing") - case.quantity,
        qty_replaced=F("qty_replaced") + replaced,
        qty_cancelled=F("qty_cancelled") + cancelled,
    )
    if replaced:
        take_out(case.parcel, case.line_id, replaced)


def _chosen(case: Unavailability, choice: str, by: User | None, at: datetime) -> Unavailability:
    case.choice, case.chosen_at, case.chosen_by = choice, at, by
    case.state = State.WAITING if choice == Choice.LATER else State.SETTLED
    case.settled_at = None if choice == Choice.LATER else at
    case.save()
    recompute_statuses(case.order, watch_at=at)
    record_event(
        name=EVENT,
        subject=f"orders.order:{case.order_id}",
        order_number=case.order.number,
        customer=case.order.customer,
        payload={"order_id": case.order_id, "missing_id": case.pk, "choice": choice},
        actor=by,
        actor_kind="customer",
        for_customer=True,
        at=at,
    )
    return case
