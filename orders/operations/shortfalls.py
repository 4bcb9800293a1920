"""Pieces that are not there: find out whose they are, tell those people, and let them choose.

No correction of a shelf takes promised pieces away silently: the orders are listed first, and each becomes a case.
Source: reliability reference T03; commerce reference 4.20.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import F

from orders.models import Order, OrderLine, Parcel, ParcelLine, Unavailability
from orders.operations.packing import lock_parcel
from orders.operations.statuses import recompute_statuses
from orders.queries.unavailability import LIVING, claims_on
from orders.rules.states import Impossible
from orders.rules.unavailability import Act, Loss, Taking, whose
from shop.models import StockLevel, User
from shop.operations import stock
from shop.operations.events import record_event

EVENT = "orders.order.pieces-missing"


class OtherOrdersNow(Exception):
    """Since the page was shown other orders became affected; `losses` is what holds now.  Nothing was changed."""

    def __init__(self, losses: tuple[Loss, ...]) -> None:
        super().__init__(str(len(losses)))
        self.losses = losses


class PiecesRefused(Exception):
    """At least one piece, and no more than the parcel holds of this line: `most`."""

    def __init__(self, most: int) -> None:
        super().__init__(str(most))
        self.most = most


def losses_of(taking: Taking) -> tuple[Loss, ...]:
    """Return whose pieces a correction would take; nobody's when it was made before.  Writes nothing.

    Raises OnlyPackedLeft, StockLevel.DoesNotExist.
    """
    level = StockLevel.objects.get(pk=taking.level_id)
    if stock.known([taking.movement_key]):
        return ()
    short = taking.fewer(level.on_hand) - level.spare
    return whose(short, claims_on(level)) if short > 0 else ()


@transaction.atomic
def take_from_shelf(
    *, taking: Taking, agreed: Iterable[tuple[int, int, int]], by: User, at: datetime
) -> list[Unavailability]:
    """Correct a shelf although pieces are promised; every order that loses some becomes a case.

    `agreed` is what the page listed: (parcel, line, pieces).  The same correction sent again changes nothing.
    Raises OtherOrdersNow when it is not what holds now, OnlyPackedLeft, shop.operations.stock.StockRefused.
    """
    planned = losses_of(taking)
    order_ids = sorted({loss.claim.order_id for loss in planned})
    orders = Order.objects.select_for_update(of=("self",)).select_related("customer").filter(pk__in=order_ids)
    locked = {order.pk: order for order in orders.order_by("id")}
    stock.turns([StockLevel.objects.values_list("variant_id", flat=True).get(pk=taking.level_id)])
    losses = losses_of(taking)
    if {_listed(loss) for loss in losses} != set(agreed) or not {x.claim.order_id for x in losses} <= locked.keys():
        raise OtherOrdersNow(losses)
    cause = Unavailability.Cause.DAMAGED
    if taking.act in {Act.COUNT, Act.COUNT_LINE}:
        cause = Unavailability.Cause.COUNTED
    cases = [_lose(locked[loss.claim.order_id], loss, taking, cause, by, at) for loss in losses]
    _correct(taking, by, at)
    _tell(locked, cases, by, at)
    return cases


def _listed(loss: Loss) -> tuple[int, int, int]:
    return loss.claim.parcel_id, loss.claim.line_id, loss.pieces


def _lose(
    order: Order, loss: Loss, taking: Taking, cause: Unavailability.Cause, by: User, at: datetime
) -> Unavailability:
    line = OrderLine.objects.get(pk=loss.claim.line_id)
    key = f"{taking.movement_key}:{loss.claim.parcel_id}:{line.pk}"
    stock.release(
        wanted=[stock.Wanted(line.variant_id, loss.pieces, f"missing:{key}")],
        order_number=order.number,
        at=at,
        reason=taking.reason,
        level_id=taking.level_id,
    )
    parcel = Parcel(pk=loss.claim.parcel_id)
    return _open_case(order, line, parcel, loss.pieces, cause=cause, note=taking.reason, key=key, by=by, at=at)


def _correct(taking: Taking, by: User, at: datetime) -> None:
    """Do what the button at the shelf could not."""
    told = {
        "level_id": taking.level_id,
        "key": taking.movement_key,
        "at": at,
        "actor": by,
        "reason": taking.reason,
    }
    if taking.act == Act.COUNT:
        stock.count(counted=taking.pieces, **told)  # type: ignore[arg-type]
    elif taking.act == Act.COUNT_LINE:
        stock.adjust(difference=-taking.pieces, **told)  # type: ignore[arg-type]
    elif taking.act == Act.QUARANTINE:
        stock.quarantine(pieces=taking.pieces, **told)  # type: ignore[arg-type]
    else:
        stock.write_off(pieces=taking.pieces, **told)  # type: ignore[arg-type]


@transaction.atomic
def note_short_pick(
    *, parcel_id: int, line_id: int, missing: int, reason: str, key: str, by: User, at: datetime
) -> Unavailability:
    """Note that pieces of a parcel are not where they should be: the shelf is corrected, and she is asked.

    The same `key` counts once.  Raises Impossible when the parcel is not waiting to be packed, PiecesRefused,
    ParcelLine.DoesNotExist for a line of another parcel.
    """
    parcel = lock_parcel(parcel_id)
    known = Unavailability.objects.filter(key=f"pick:{key}").first()
    if known:
        return known
    order = parcel.order
    if order.status != Order.Status.PLACED or parcel.status != Parcel.Status.PLANNED:
        raise Impossible(parcel.status)
    row = ParcelLine.objects.select_related("line").get(parcel=parcel, line=line_id)
    gone = Unavailability.objects.filter(parcel=parcel, line=row.line, state__in=LIVING)
    there = row.quantity - sum(gone.values_list("quantity", flat=True))
    if not 1 <= missing <= there:
        raise PiecesRefused(there)
    stock.lose(
        wanted=[stock.Wanted(row.line.variant_id, missing, f"pick:{key}")],
        order_number=order.number,
        at=at,
        actor=by,
        reason=reason,
    )
    picked = Unavailability.Cause.PICKED
    case = _open_case(order, row.line, parcel, missing, cause=picked, note=reason, key=f"pick:{key}", by=by, at=at)
    _tell({order.pk: order}, [case], by, at)
    return case


def _open_case(
    order: Order,
    line: OrderLine,
    parcel: Parcel,
    pieces: int,
    *,
    cause: Unavailability.Cause,
    note: str,
    key: str,
    by: User,
    at: datetime,
) -> Unavailability:
    OrderLine.objects.filter(pk=line.pk).update(qty_missing=F("qty_missing") + pieces)
    return Unavailability.objects.create(
        order=order,
        line=line,
        parcel_id=parcel.pk,
        quantity=pieces,
        cause=cause,
        note=note[:200],
        key=key[:120],
        found_at=at,
        found_by=by,
    )


def _tell(orders: dict[int, Order], cases: list[Unavailability], by: User | None, at: datetime) -> None:
    """Record one event for each order, however many of its pieces are missing."""
    of_order: dict[int, list[int]] = defaultdict(list)
    for case in cases:
        of_order[case.order_id].append(case.pk)
    for order_id, case_ids in of_order.items():
        tell_missing(orders[order_id], case_ids, by=by, at=at)


def tell_missing(order: Order, case_ids: list[int], *, by: User | None, at: datetime) -> None:
    """Record that the shopper has to choose, and look at her promise anew; the order must be locked."""
    recompute_statuses(order, watch_at=order.watch_at)
    record_event(
        name=EVENT,
        subject=f"orders.order:{order.pk}",
        order_number=order.number,
        customer=order.customer,
        payload={"order_id": order.pk, "missing_ids": case_ids},
        actor=by,
        for_customer=True,
        at=at,
    )
