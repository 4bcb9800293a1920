"""What shoppers still wait for from us besides the order itself: exchanges, returns, money, answers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import date, datetime

from django.db.models import F, OuterRef, Q, Subquery
from django.db.models.functions import Lower
from django.utils import timezone

from notifications.rules.matters import About, Matter
from orders.models import Order, Parcel, ParcelPlan, RefundGrant
from orders.queries.plans import living_parcels
from returns.models import ReturnCase
from shop.queries.calendars import working_calendars
from shop.rules.calendar import NoOpenDay
from support.models import Conversation

REFUND_LEAVES_WITHIN = 2  # working days; the letter that grants a refund says so
_UNPAID = (RefundGrant.State.GRANTED, RefundGrant.State.BY_HAND, RefundGrant.State.FAILED)
_OUR_TURN = (ReturnCase.Status.REQUESTED, ReturnCase.Status.RECEIVED)


def open_matters(order_ids: Collection[int]) -> dict[int, list[Matter]]:
    """Return what is open of each order, in the order exchange, return, refund, question; nothing for most.

    Four queries for any number of orders while calendars are remembered, and none for none.
    """
    found: dict[int, list[Matter]] = defaultdict(list)
    if order_ids:
        for read in (_exchanges, _returns, _refunds, _questions):
            for order_id, matter in read(order_ids):
                found[order_id].append(matter)
    return found


def _exchanges(order_ids: Collection[int]) -> Iterator[tuple[int, Matter]]:
    plans = ParcelPlan.objects.filter(parcel=OuterRef("pk")).order_by("-version", "-id")
    rows = living_parcels().filter(order__in=order_ids).exclude(status=Parcel.Status.DELIVERED)
    ours = rows.exclude(order__pickup=True, status=Parcel.Status.PACKED)  # she comes for it when she likes
    told = ours.annotate(plan=Subquery(plans.values("pk")[:1]), by=Subquery(plans.values("deliver_by_on")[:1]))
    found = told.values_list("promised", "order_id", "pk", "status", "plan", "by")
    for promised, order_id, pk, status, plan, by in found:
        if not promised:
            yield order_id, Matter(About.EXCHANGE, pk, f"{status}.{plan}", by)


def _returns(order_ids: Collection[int]) -> Iterator[tuple[int, Matter]]:
    rows = ReturnCase.objects.filter(order__in=order_ids, status__in=_OUR_TURN).order_by("id")
    for order_id, pk, status, due_on in rows.values_list("order_id", "pk", "status", "due_on"):
        yield order_id, Matter(About.RETURN, pk, status, due_on)


def _refunds(order_ids: Collection[int]) -> Iterator[tuple[int, Matter]]:
    """Money she was told of: one that waits for a second person counts where the return or the end of it told her."""
    owed = Q(origin__startswith="returns.case:") | Q(origin__startswith="orders.cancel:")
    open_ones = Q(state__in=_UNPAID) | Q(owed, state=RefundGrant.State.ASKED)
    rows = RefundGrant.objects.filter(open_ones, payment__order__in=order_ids).select_related(
        "payment__order__service__workshop__calendar"
    )
    for grant in rows.order_by("id"):
        yield grant.payment.order_id, Matter(About.REFUND, grant.pk, "", _leaves_by(grant))


def _leaves_by(grant: RefundGrant) -> date | None:
    code = grant.payment.order.service.workshop.calendar.code
    calendar = working_calendars([code])[code]
    try:
        return calendar.add(calendar.local_day(grant.granted_at), REFUND_LEAVES_WITHIN)
    except NoOpenDay:
        return None


def _questions(order_ids: Collection[int]) -> Iterator[tuple[int, Matter]]:
    """What the buyer herself wrote and nobody has answered."""
    rows = Conversation.objects.filter(order__in=order_ids, waiting_since__isnull=False)
    hers = rows.alias(writer=Lower("email"), buyer=Lower("order__email")).filter(writer=F("buyer")).order_by("id")
    for order_id, pk, since, due_at in hers.values_list("order_id", "pk", "waiting_since", "next_due_at"):
        yield order_id, Matter(About.QUESTION, pk, str(since), _day(due_at))


def _day(moment: datetime | None) -> date | None:
    return timezone.localtime(moment).date() if moment else None


def order_numbered(number: str) -> int | None:
    """Return the id of the order with this number, None for none.  One query."""
    return Order.objects.filter(number=number).order_by("id").values_list("pk", flat=True).first() if number else None
