"""What orders ask of people, as numbers for the first page of the admin."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from orders.models import BankLine, DelayCase, Incident, Order, OrderDraft, Parcel, RefundGrant, Unavailability
from orders.queries.desk import desk_filters
from orders.queries.stuck import open_stuck
from orders.rules.tracking import Status
from shop.todo import Todo, count_up_to_most

RECENT = timedelta(days=14)


def count_on_desk(at: datetime, *, view: str) -> int:
    """Return how many orders a view of the desk holds, counted no further than needed.  One query over open orders."""
    return count_up_to_most(Order.objects.filter(desk_filters(at)[view]))


def told_too_late(rows: QuerySet[Order], at: datetime) -> QuerySet[Order]:
    """Keep the orders whose newer day, of the last 14 days, was told only after the promised one was over.

    Nothing mends it any more; it is counted so that somebody asks why (N06 of the audit tells of the untold).  What was
    noticed after the goods had arrived broke nothing.
    """
    late = DelayCase.objects.filter(
        order=OuterRef("pk"), noticed_at__gt=at - RECENT, new_promise__told_at__gt=F("broken_promise__breaks_at")
    )
    here = Q(order__delivered_at__lte=F("noticed_at"), order__delivered_at__lt=F("broken_promise__breaks_at"))
    return rows.filter(Exists(late.exclude(here)))


def count_told_too_late(at: datetime) -> int:
    """Return how many orders that are, counted no further than needed.  One query."""
    return count_up_to_most(told_too_late(Order.objects.all(), at))


def count_stuck(at: datetime) -> int:
    """Return how many stuck parcels nobody has looked after.  One query over a partial index."""
    return count_up_to_most(open_stuck())


def count_came_back(at: datetime) -> int:
    """Return how many parcels a courier says it brought back and nobody took in.  One query over a partial index."""
    back = Parcel.objects.filter(status=Parcel.Status.HANDED_OVER, carrier_status=Status.RETURNED)
    return count_up_to_most(back)


def count_missing(at: datetime) -> int:
    """Return how many cases wait for a shopper's choice.  One query."""
    return count_up_to_most(Unavailability.objects.filter(state=Unavailability.State.OPEN))


def count_unknown_money(at: datetime) -> int:
    """Return how many lines of bank statements nobody knows what for.  One query over a partial index."""
    return count_up_to_most(BankLine.objects.filter(state=BankLine.State.UNKNOWN))


def count_asked_refunds(at: datetime) -> int:
    """Return how many refunds wait for a second person.  One query."""
    return count_up_to_most(RefundGrant.objects.filter(state=RefundGrant.State.ASKED))


def count_asked_prices(at: datetime) -> int:
    """Return how many orders by phone wait for a second person because of their price.  One query."""
    waiting = OrderDraft.objects.filter(state=OrderDraft.State.OPEN, needs_second=True, approved_at=None)
    return count_up_to_most(waiting)


def count_refunds_by_hand(at: datetime) -> int:
    """Return how many refunds a person has to pay out.  One query."""
    states = [RefundGrant.State.BY_HAND, RefundGrant.State.FAILED]
    return count_up_to_most(RefundGrant.objects.filter(state__in=states))


def count_crises_to_look_at(at: datetime) -> int:
    """Return how many declared crises somebody wanted to look at again by now.  One query over a partial index."""
    return count_up_to_most(Incident.objects.filter(state=Incident.State.DECLARED, review_at__lte=at))


ORDER_TODOS = (
    Todo(
        name="orders.crises",
        label=_("crises to look at again: still true, or over?"),
        count=count_crises_to_look_at,
        url_name="admin:orders_incident_changelist",
        query="state__exact=declared",
        permission="orders.declare_incident",
        alarm=True,
    ),
    Todo(
        name="orders.late",
        label=_("orders that are late"),
        count=partial(count_on_desk, view="late"),
        url_name="admin:orders_order_changelist",
        query="desk=late",
        permission="orders.view_order",
        alarm=True,
    ),
    Todo(
        name="orders.missing",
        label=_("missing pieces a shopper has not chosen about"),
        count=count_missing,
        url_name="admin:orders_unavailability_changelist",
        query="state__exact=open",
        permission="orders.change_unavailability",
    ),
    Todo(
        name="orders.stuck",
        label=_("parcels that are stuck: chase them before somebody asks"),
        count=count_stuck,
        url_name="admin:orders_stuckparcel_changelist",
        query="open=1",
        permission="orders.change_stuckparcel",
    ),
    Todo(
        name="orders.came_back",
        label=_("parcels that came back to us: put their pieces away"),
        count=count_came_back,
        url_name="admin:orders_parcel_changelist",
        query="status__exact=handed_over&carrier_status__exact=returned",
        permission="orders.take_parcel_back",
    ),
    Todo(
        name="orders.pack",
        label=_("orders to pack"),
        count=partial(count_on_desk, view="pack"),
        url_name="admin:orders_order_changelist",
        query="desk=pack",
        permission="orders.pack_parcel",
    ),
    Todo(
        name="orders.hand-over",
        label=_("orders to hand over"),
        count=partial(count_on_desk, view="hand-over"),
        url_name="admin:orders_order_changelist",
        query="desk=hand-over",
        permission="orders.hand_over_parcel",
    ),
    Todo(
        name="orders.unpaid",
        label=_("orders waiting for a bank transfer"),
        count=partial(count_on_desk, view="unpaid"),
        url_name="admin:orders_order_changelist",
        query="desk=unpaid",
        permission="orders.note_payment",
    ),
    Todo(
        name="orders.told-too-late",
        label=_("orders whose delay we told too late, last two weeks"),
        count=count_told_too_late,
        url_name="admin:orders_order_changelist",
        query="desk=told-too-late",
        permission="orders.view_order",
    ),
    Todo(
        name="orders.bank",
        label=_("lines of bank statements nobody knows what for"),
        count=count_unknown_money,
        url_name="admin:orders_bankline_changelist",
        query="state__exact=unknown",
        permission="orders.note_payment",
    ),
    Todo(
        name="orders.second-person",
        label=_("refunds waiting for a second person"),
        count=count_asked_refunds,
        url_name="admin:orders_refundgrant_changelist",
        query="state__exact=asked",
        permission="orders.approve_refund",
    ),
    Todo(
        name="orders.asked-prices",
        label=_("orders by phone whose price waits for a second person"),
        count=count_asked_prices,
        url_name="admin:orders_orderdraft_changelist",
        query="state__exact=open&needs_second__exact=1&approved_at__isnull=1",
        permission="orders.approve_refund",
    ),
    Todo(
        name="orders.by-hand",
        label=_("refunds to pay out by hand"),
        count=count_refunds_by_hand,
        url_name="admin:orders_refundgrant_changelist",
        query="state__in=by_hand,failed",
        permission="orders.settle_refund",
    ),
)
