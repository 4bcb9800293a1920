"""Faults of ours: which orders came later than first said, who speaks with whom, what was given already."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef

from orders.models import CreditEntry, DelayCase, Order, Parcel, ParcelLine, PromiseOutcome, RefundGrant
from returns.models import CaseLine, ReturnReason
from shop.open_cases import orders_with_open_cases
from support.models import Fault, GesturePolicy
from support.models.regret import FaultKind
from support.rules.regret import HERS, Policy

ARRIVED_LATELY = timedelta(days=3)


def promise_key(order_id: int) -> str:
    """Return the key of the fault that the first promise of an order was missed."""
    return f"promise:{order_id}"


def missed_promises(at: datetime, *, most: int) -> list[dict[str, Any]]:
    """Return orders that arrived in the last days later than first said through a fault of ours, and are not noted.

    By key, kind, order and days late, as note_fault takes them.  One query, by the index of `delivered_at`.
    """
    noted = Fault.objects.filter(order=OuterRef("order"), kind__in=[FaultKind.LATE, FaultKind.CRISIS])
    missed = PromiseOutcome.objects.filter(kept_first=False, delivered_at__gte=at - ARRIVED_LATELY)
    rows = missed.exclude(cause__in=HERS).filter(~Exists(noted)).order_by("delivered_at", "id")
    return [
        {
            "key": promise_key(row.order_id),
            "kind": FaultKind.CRISIS if row.cause == DelayCase.Cause.INCIDENT else FaultKind.LATE,
            "order_id": row.order_id,
            "days_late": row.late_days,
        }
        for row in rows[:most]
    ]


def policies_for(kind: str) -> list[Policy]:
    """Return what is given for a kind of fault.  One query."""
    fields = ("from_days", "amount_minor", "percent_bp", "minimum_minor", "valid_days")
    rows = GesturePolicy.objects.filter(kind=kind, active=True).order_by("from_days", "id")
    return [Policy(*row) for row in rows.values_list(*fields)]


def agent_gave(fault: Fault) -> bool:
    """Tell whether somebody of ours gave something for an order by hand: store credit, or a refund outside a return.

    For a piece only what was given since it arrived counts: before, it was given for something else.  Two queries.
    """
    order = fault.order
    since = order.delivered_at if fault.kind == FaultKind.PIECE else None
    gifts = CreditEntry.objects.filter(kind=CreditEntry.Kind.ISSUE, key__startswith=f"gift:{order.pk}:")
    refunds = RefundGrant.objects.filter(payment__order=order, origin__startswith="orders.staff:")
    refunds = refunds.exclude(state=RefundGrant.State.REFUSED)
    if since is not None:
        gifts, refunds = gifts.filter(happened_at__gte=since), refunds.filter(granted_at__gte=since)
    return gifts.exists() or refunds.exists()


def parcels_arrived(order_id: int) -> list[int]:
    """Return the numbers of an order's parcels that are with her.  One query."""
    arrived = Parcel.objects.filter(order=order_id, delivered_at__isnull=False)
    return list(arrived.order_by("number").values_list("number", flat=True))


def parcels_of_broken(case_id: int) -> list[int]:
    """Return the numbers of the parcels that brought what comes back as wrong or damaged.  One query."""
    lines = CaseLine.objects.filter(case=case_id, reason__group=ReturnReason.Group.QUALITY).exclude(granted="")
    brought = ParcelLine.objects.filter(line__in=lines.order_by().values("order_line"))
    numbers = brought.exclude(parcel__status=Parcel.Status.CANCELLED).order_by("parcel__number")
    return list(numbers.values_list("parcel__number", flat=True).distinct())


def fee_went_back(order: Order) -> bool:
    """Tell whether the fee of a guaranteed date went back by itself.  One query where a date was guaranteed."""
    return order.guaranteed and RefundGrant.objects.filter(origin=f"orders.guarantee:{order.pk}").exists()


def talks_about(order: Order) -> bool:
    """Tell whether a conversation about an order, or a return of it, is still open.  One query for each."""
    return order.pk in orders_with_open_cases([order.pk])
