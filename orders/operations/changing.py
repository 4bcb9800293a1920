"""Change an order: stage, look, confirm, pay what it costs more, apply once.

Sizes and pieces before it is packed, where and when it comes before it leaves (`orders.operations.readdressing` stages
and writes that).  The shopper does it on the page of her order, staff do it for her; both take this path.  What is paid
on a card is asked for outside any transaction, under a key of its own for each attempt; what cannot be applied any more
when the money is here (packing began meanwhile) is given back at once.
Source: commerce reference b-17, d.3, 2.19; reliability D7, D8.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext, gettext_noop

from orders.gateways.payments import Bill, Declined, Gone, OnPage, OutcomeUnknown, Paid, gateway
from orders.messages.refund_reasons import said_to_her
from orders.models import Order, OrderChange, OrderLine, Parcel, ParcelLine, Payment, Promise
from orders.operations import ledger
from orders.operations.access import address_of_change
from orders.operations.deciding import note_changed_delivery
from orders.operations.documents import replace_invoice
from orders.operations.finishing import ASK_AGAIN_AFTER, LEASE, LOOK_AGAIN_AFTER, PAGE_OPEN, NoAnswer
from orders.operations.preparing import ChangedSinceShown
from orders.operations.readdressing import write_delivery
from orders.operations.redeeming import PromotionGone, give_otherwise
from orders.operations.refunding import write_grant
from orders.operations.rewriting import move_pieces, put_form, take_out
from orders.operations.staging import make_way, withdraw
from orders.operations.statuses import recompute_statuses
from orders.operations.tracking import note_order_delivered
from orders.queries.change_sums import LineAfter, is_bought
from orders.queries.changing import ChangePlan, plan_change
from orders.queries.redelivery import DeliveryPlan, planned
from orders.rules.changing import NotChangeable, Why, Wish
from orders.rules.guard import Shown, compare
from orders.rules.payment import BY_HAND
from orders.rules.shares import Beyond, unit_shares
from orders.rules.totals import Priced
from shop.models import User
from shop.operations import stock
from shop.operations.events import record_event
from shop.operations.leases import put_off_due
from shop.rules.money import Money

log = logging.getLogger(__name__)

Plan = ChangePlan | DeliveryPlan
State = OrderChange.State
OFFERED = timedelta(hours=24)  # how long pieces are held for a change she was asked by mail to pay
BATCH = 20


class ChangeOver(Exception):
    """This change was applied, withdrawn or ran out before; `change` says which."""

    def __init__(self, change: OrderChange) -> None:
        super().__init__(change.state)
        self.change = change


class ChangeDeclined(Exception):
    """The provider said no: nothing was charged, the order is as it was and the change can be confirmed again."""


@transaction.atomic
def stage_change(*, order_id: int, wishes: Mapping[int, Wish], by: User | None, at: datetime) -> OrderChange:
    """Stage a change in place of one staged before, and hold the pieces it needs; nothing of the order changes yet.

    `by` is the member of staff, None for the shopper herself.  Raises NotChangeable, shop.operations.stock.SoldOut.
    """
    order = _lock_order(order_id)
    plan = plan_change(order, wishes, at=at)
    make_way(order, at=at)
    change = OrderChange.objects.create(
        order=order,
        wishes=[[after.line.pk, after.variant.pk, after.pieces] for after in plan.changed if is_bought(after.line)],
        old_total_minor=order.total_minor,
        new_total_minor=plan.totals.total_minor,
        due_at=at + stock.LIFETIME,
        staged_by=by,
        staged_at=at,
    )
    _hold(change, plan, stock.LIFETIME)
    return change


def confirm_change(
    *, change_id: int, order_id: int, shown: Shown, payment_token: str = "", by: User | None, at: datetime
) -> OrderChange:
    """Apply a staged change as it was shown, or begin to have its difference paid; pressed again, nothing happens.

    Returns it applied, or in state `paying` while she pays on a page or the provider has not answered.
    Raises ChangedSinceShown, NotChangeable, shop.operations.stock.SoldOut, ChangeOver, ChangeDeclined,
    OrderChange.DoesNotExist for a change of another order.  Call outside any transaction.
    """
    change = _confirm(change_id, order_id, shown, payment_token, by, at)
    return finish_change(change_id=change.pk, at=at) if change.state == State.PAYING else change


@transaction.atomic
def _confirm(
    change_id: int, order_id: int, shown: Shown, payment_token: str, by: User | None, at: datetime
) -> OrderChange:
    order, change = _lock(change_id, order_id)
    if change.state in {State.APPLIED, State.PAYING}:
        return change
    if change.state != State.STAGED:
        raise ChangeOver(change)
    plan = planned(order, change, at=at)
    differs = compare(shown=shown, now=plan.as_shown())
    if differs:
        raise ChangedSinceShown(differs)
    change.new_total_minor, change.pay_minor = plan.totals.total_minor, plan.settling.pay_minor
    if plan.settling.pay_minor and plan.payment.provider not in BY_HAND:
        return _begin_to_pay(change, plan, payment_token, at)
    promise = _rewrite(change, plan, at)
    _settle(change, plan, promise, _lock_payment(order), by=by, at=at)
    return change


def _begin_to_pay(change: OrderChange, plan: Plan, payment_token: str, at: datetime) -> OrderChange:
    _hold(change, plan, PAGE_OPEN + stock.LIFETIME)
    change.state, change.attempt, change.payment_token = State.PAYING, change.attempt + 1, payment_token
    change.paying_at, change.due_at = at, at + LEASE
    change.session_ref = change.session_url = ""
    change.save()
    return change


def finish_change(*, change_id: int, at: datetime) -> OrderChange:
    """Ask for what a confirmed change costs more, and apply it when it is paid.  Safe to run twice and by two at once.

    Raises ChangeDeclined.  Call outside any transaction.
    """
    change = OrderChange.objects.select_related("order__payment").get(pk=change_id)
    if change.state != State.PAYING:
        return change
    provider = gateway(change.order.payment.provider)
    try:
        answer = provider.look(change.session_ref) if change.session_ref else provider.charge(_bill(change))
    except (Declined, Gone):
        _not_paid(change_id, at)
        raise ChangeDeclined from None
    except OutcomeUnknown:
        log.warning("no answer about the payment of change %s yet", change_id)
        OrderChange.objects.filter(pk=change_id, state=State.PAYING).update(due_at=Now() + ASK_AGAIN_AFTER)
        return change
    if isinstance(answer, OnPage):
        change.session_ref, change.session_url = answer.reference, answer.url
        OrderChange.objects.filter(pk=change_id, state=State.PAYING).update(
            session_ref=answer.reference, session_url=answer.url, due_at=Now() + LOOK_AGAIN_AFTER
        )
        return change
    return _paid(change_id, answer.reference if isinstance(answer, Paid) else "", at)


def _bill(change: OrderChange) -> Bill:
    """Return what is asked for; the same attempt always makes the same bill, for the provider compares them."""
    order, began = change.order, change.paying_at or change.staged_at
    page = address_of_change(change)
    return Bill(
        key=change.charge_key,
        amount=Money(change.pay_minor, order.currency),
        token=change.payment_token,
        order_number=order.number,
        email=order.email,
        words=gettext("%(shop)s, change of order %(number)s") % {"shop": settings.SHOP_NAME, "number": order.number},
        locale=order.locale,
        back_url=f"{page}?paid=1",
        give_up_url=page,
        until=began + PAGE_OPEN,
    )


@transaction.atomic
def _not_paid(change_id: int, at: datetime) -> None:
    """Let a change be confirmed again for a while; what it holds is held until then."""
    mine = OrderChange.objects.filter(pk=change_id, state=State.PAYING)
    mine.update(state=State.STAGED, session_ref="", session_url="", due_at=at + stock.LIFETIME)


@transaction.atomic
def _paid(change_id: int, reference: str, at: datetime) -> OrderChange:
    """Note the money of a change and apply it; give the money back when it cannot be applied any more."""
    order, change = _lock(change_id, None)
    if change.state != State.PAYING:
        return change
    applied = _apply_if_possible(order, change, at)
    payment = _lock_payment(order)
    ledger.capture(
        order=order,
        payment=payment,
        amount_minor=change.pay_minor,
        key=change.charge_key,
        provider_ref=reference,
        by=None,
        at=at,
    )
    if applied is not None:
        _settle(change, *applied, payment, by=change.staged_by if change.offered_at is None else None, at=at)
    else:
        _give_back(change, payment, at)
    return change


def _apply_if_possible(order: Order, change: OrderChange, at: datetime) -> tuple[Plan, Promise | None] | None:
    try:
        with transaction.atomic():
            plan = planned(order, change, at=at)
            if plan.totals.total_minor != change.new_total_minor:
                raise NotChangeable(Why.NOTHING)
            return plan, _rewrite(change, plan, at)
    except (NotChangeable, stock.SoldOut) as why:
        log.warning("change %s was paid and cannot be applied: %s", change.pk, type(why).__name__)
        order.refresh_from_db()
        return None


def _give_back(change: OrderChange, payment: Payment, at: datetime) -> None:
    stock.free(holder=change.holder)
    late = (
        gettext_noop("The change came too late: the parcel had left us.")
        if change.is_delivery
        else gettext_noop("The change came too late: we had begun to pack, or the piece was gone.")
    )
    change.settle(State.REFUSED, at=at)
    change.save(update_fields=["state", "settled_at", "delivery"])
    write_grant(
        payment=payment,
        amount_minor=change.pay_minor,
        reason=said_to_her(change.order, late),
        origin=f"orders.change:{change.pk}",
        by=None,
        at=at,
        what=Beyond(),
    )
    ledger.derive_payment_status(change.order, payment)


@transaction.atomic
def offer_change(*, change_id: int, order_id: int, by: User, at: datetime) -> OrderChange:
    """Send the shopper a link on which she sees a change staff staged for her, and pays it; its pieces are held.

    Offering it again changes nothing.  Raises ChangeOver, NotChangeable, shop.operations.stock.SoldOut.
    """
    order, change = _lock(change_id, order_id)
    if change.state != State.STAGED:
        raise ChangeOver(change)
    if change.offered_at is not None:
        return change
    _hold(change, planned(order, change, at=at), OFFERED)
    change.offered_at, change.due_at = at, at + OFFERED
    change.save(update_fields=["offered_at", "due_at"])
    _tell("orders.change.offered", change, {}, by=by, at=at)
    return change


def leave_as_it_was(*, change_id: int, order_id: int, at: datetime) -> OrderChange:
    """Withdraw a change that is not applied; a payment page that is open for it is closed first.

    Returns it as it is then: applied, when the money came in a moment before.  Raises NoAnswer.  Call outside any
    transaction.
    """
    change = OrderChange.objects.select_related("order__payment").get(pk=change_id, order=order_id)
    if change.state == State.PAYING:
        try:
            answer = gateway(change.order.payment.provider).close(change.session_ref) if change.session_ref else None
        except Gone:
            _not_paid(change.pk, at)
        except OutcomeUnknown:
            raise NoAnswer from None
        else:
            if not isinstance(answer, Paid):
                raise NoAnswer
            return _paid(change.pk, answer.reference, at)
    return _withdraw(change_id, order_id, at)


@transaction.atomic
def _withdraw(change_id: int, order_id: int | None, at: datetime) -> OrderChange:
    _order, change = _lock(change_id, order_id)
    if change.state == State.STAGED:
        withdraw(change, at=at)
    return change


def finish_changes(at: datetime) -> int:
    """Look at what is being paid, and withdraw what nobody confirmed in time; return how many were looked at."""
    paying = put_off_due(OrderChange, column="due_at", by=LEASE, most=BATCH, state=State.PAYING)
    for change_id in paying:
        try:
            finish_change(change_id=change_id, at=at)
        except ChangeDeclined:
            log.info("change %s was not paid", change_id)
        except Exception as problem:  # one bad row never stops the others; its lease brings it back
            log.warning("change %s could not be finished: %s", change_id, type(problem).__name__)
    over = put_off_due(OrderChange, column="due_at", by=LEASE, most=BATCH, state=State.STAGED)
    for change_id in over:
        _withdraw(change_id, None, at)
    return len(paying) + len(over)


def _rewrite(change: OrderChange, plan: Plan, at: datetime) -> Promise | None:
    """Write a change on its order, which is locked, its payment not yet; return the promise of other days."""
    if isinstance(plan, DeliveryPlan):
        return write_delivery(plan, at=at)
    _rewrite_pieces(change, plan, at)
    return _promise(plan, at)


def _rewrite_pieces(change: OrderChange, plan: ChangePlan, at: datetime) -> None:
    """Move the pieces and rewrite lines, parcels and sums."""
    order = plan.order
    move_pieces(
        order=order, needed=plan.needed, key=f"change:{change.pk}", reason="changed", holder=change.holder, at=at
    )
    stock.free(holder=change.holder)
    changed, repriced = plan.changed, plan.repriced  # once the lines are rewritten, none of them differs any more
    change.before = [_snapshot(after.line) for after in changed]
    for after in changed:
        _rewrite_line(after)
    for after in repriced:
        _reprice(after.line, after.priced)
    change.offers = [[one.used.name, one.used.saved_minor, one.saved_minor] for one in plan.given if one.differs]
    try:
        give_otherwise(order, plan.given, at=at)
    except PromotionGone:
        raise NotChangeable(Why.OFFER_GONE) from None
    change.after = [_snapshot(after.line) for after in changed if after.pieces]
    sums = plan.totals
    order.goods_minor, order.delivery_minor = sums.goods_minor, sums.delivery_minor
    order.total_minor, order.tax_minor = sums.total_minor, sums.tax_minor
    order.delivery_shares = [list(share) for share in sums.delivery_shares]
    order.save(update_fields=["goods_minor", "delivery_minor", "total_minor", "tax_minor", "delivery_shares"])


def _rewrite_line(after: LineAfter) -> None:
    line, priced = after.line, after.priced
    inside = ParcelLine.objects.exclude(parcel__status=Parcel.Status.CANCELLED).select_related("parcel").get(line=line)
    if not after.pieces:
        take_out(inside.parcel, line.pk, inside.quantity)
        OrderLine.objects.filter(pk=line.pk).delete()
        return
    if after.variant.pk != line.variant_id:
        put_form(line, after.variant)
    line.was_minor = after.was_minor
    _reprice(line, priced)
    ParcelLine.objects.filter(pk=inside.pk).update(quantity=priced.quantity)


def _reprice(line: OrderLine, priced: Priced) -> None:
    """Write what a line costs now, down to the single piece."""
    paid, tax = unit_shares(paid_minor=priced.paid_minor, tax_minor=priced.tax_minor, quantity=priced.quantity)
    line.unit_minor, line.quantity, line.gross_minor = priced.unit_minor, priced.quantity, priced.gross_minor
    line.discount_minor, line.tax_minor = priced.discount_minor, priced.tax_minor
    line.units_paid_minor, line.units_tax_minor = paid, tax
    line.save()


def _snapshot(line: OrderLine) -> dict[str, Any]:
    return {
        "line_id": line.pk,
        "sku": line.sku,
        "title": line.title,
        "options": line.options_label,
        "quantity": line.quantity,
        "gross_minor": line.gross_minor,
    }


def _settle(
    change: OrderChange, plan: Plan, promise: Promise | None, payment: Payment, *, by: User | None, at: datetime
) -> None:
    """Bring money and papers in line with a rewritten order, and tell everybody."""
    order, more = plan.order, {"promise_id": promise.pk} if promise else {}
    change.settle(State.APPLIED, at=at)
    change.new_total_minor = order.total_minor
    change.save()
    ledger.owe(order=order, payment=payment, at=at)
    if plan.settling.back_minor:
        write_grant(
            payment=payment,
            amount_minor=plan.settling.back_minor,
            reason=said_to_her(order, gettext_noop("You changed your order; it costs less now.")),
            origin=f"orders.change:{change.pk}",
            by=None,
            at=at,
            what=Beyond(),
        )
    ledger.derive_payment_status(order, payment)
    note_changed_delivery(order, by=by, at=at)
    if not isinstance(plan, DeliveryPlan):
        note_order_delivered(order, at)  # what was still to come may have been taken out
    recompute_statuses(order, watch_at=at)
    if not isinstance(plan, DeliveryPlan):
        replace_invoice(order, by=by, at=at)
        _tell("orders.order.changed", change, more, by=by, at=at)
        return
    if change.new_total_minor != change.old_total_minor:
        replace_invoice(order, by=by, at=at)
    _tell("orders.order.delivery-changed", change, {"fields": sorted(plan.columns), **more}, by=by, at=at)


def _promise(plan: ChangePlan, at: datetime) -> Promise | None:
    """Write the promise of an order that takes longer as it is now: her own wish, so not late."""
    if plan.later is None:
        return None
    days, holds = plan.later.estimate, plan.promise
    return Promise.objects.create(
        order=plan.order,
        version=Promise.objects.filter(order=plan.order).count() + 1,
        source=Promise.Source.CUSTOMER,
        deliver_from_on=days.deliver_from_on,
        deliver_by_on=days.deliver_by_on,
        starts_on=days.starts_on,
        pack_by_at=days.pack_by_at,
        hand_over_by_at=days.hand_over_by_at,
        breaks_at=days.breaks_at,
        basis=plan.later.basis() | {"renews_version": holds.version},
        made_at=at,
    )


def _hold(change: OrderChange, plan: Plan, lifetime: timedelta) -> None:
    more = [stock.Wanted(variant, pieces, "") for variant, pieces in plan.needed.items() if pieces > 0]
    stock.reserve(wanted=more, holder=change.holder, lifetime=lifetime)


def _lock_order(order_id: int) -> Order:
    orders = Order.objects.select_for_update(of=("self",)).select_related("customer", "service")
    return orders.get(pk=order_id)


def _lock(change_id: int, order_id: int | None) -> tuple[Order, OrderChange]:
    """Lock the order, then its change.  Raises OrderChange.DoesNotExist for a change of another order."""
    known = OrderChange.objects.values_list("order_id", flat=True).get(pk=change_id)
    if order_id not in (None, known):
        raise OrderChange.DoesNotExist
    order = _lock_order(known)
    change = OrderChange.objects.select_for_update(of=("self",)).select_related("staged_by").get(pk=change_id)
    change.order = order
    return order, change


def _lock_payment(order: Order) -> Payment:
    return Payment.objects.select_for_update().get(order=order)


def _tell(name: str, change: OrderChange, more: Mapping[str, object], *, by: User | None, at: datetime) -> None:
    order = change.order
    record_event(
        name=name,
        subject=f"orders.order:{order.pk}",
        order_number=order.number,
        customer=order.customer,
        actor=by,
        actor_kind="customer",
        payload={"order_id": order.pk, "change_id": change.pk, **more},
        for_customer=True,
        at=at,
    )
