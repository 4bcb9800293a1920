"""Ask to send something back: what the shopper does on her order page, or staff for her."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction

from orders.models import Order
from returns.models import CaseLine, ReturnCase, ReturnReason
from returns.operations.cases import record_step
from returns.queries import deadlines
from returns.queries.offers import LineOffer, Offer, first_last_day, offer_of
from returns.rules import policy
from shop.models import User


@dataclass(frozen=True)
class Asked:
    """Pieces of one order line: why they go back and what is wanted; an exchange names the piece wanted instead."""

    order_line_id: int
    quantity: int
    reason: str
    wanted: str = CaseLine.Resolution.REFUND
    exchange_variant_id: int | None = None
    detail: str = ""


class NothingAsked(Exception):
    """A return without a single piece, or the same line twice."""


class NotReturnable(Exception):
    """A line that cannot be sent back now: not of this order, not delivered, window over, or nothing of it left."""

    def __init__(self, order_line_id: int) -> None:
        super().__init__(f"line {order_line_id}")
        self.order_line_id = order_line_id


class TooMany(Exception):
    """More pieces than may still be sent back; `left` says how many may."""

    def __init__(self, order_line_id: int, left: int) -> None:
        super().__init__(f"line {order_line_id}: {left} left")
        self.order_line_id = order_line_id
        self.left = left


class ReasonUnknown(Exception):
    """The reason is not offered for this piece: unknown, retired, or for other goods."""


class NotExchangeable(Exception):
    """The piece wanted instead is not offered: sold out meanwhile, another product, or another price."""

    def __init__(self, order_line_id: int) -> None:
        super().__init__(f"line {order_line_id}")
        self.order_line_id = order_line_id


class KeyTaken(Exception):
    """The submission key belongs to a return of another order."""


@transaction.atomic
def request_return(
    *, order_id: int, lines: Sequence[Asked], submission_key: UUID, at: datetime, by: User | None = None
) -> ReturnCase:
    """Open a return for pieces of one order; sent again with the same key, answer with the case that is there.

    Without `by` the shopper asks.  Raises NothingAsked, NotReturnable, TooMany, ReasonUnknown, NotExchangeable,
    KeyTaken.  The order is locked, so that two windows of one browser cannot ask for the same piece.
    """
    order = Order.objects.select_for_update(of=("self",)).select_related("service__workshop__calendar").get(pk=order_id)
    known = ReturnCase.objects.filter(submission_key=submission_key).order_by("id").first()
    if known is not None:
        return _same_order(known, order)
    offer = offer_of(order=order, at=at)
    checked = _check(lines, offer)
    case = _open_case(order, checked, submission_key, at, by)
    record_step(case, "requested", at=at, by=by)
    return case


def _same_order(known: ReturnCase, order: Order) -> ReturnCase:
    if known.order_id != order.pk:
        raise KeyTaken(str(known.submission_key))
    return known


def _check(lines: Sequence[Asked], offer: Offer) -> list[tuple[Asked, LineOffer, ReturnReason]]:
    """Pair every wish with what is offered for its line, or refuse."""
    if not lines or len({asked.order_line_id for asked in lines}) < len(lines):
        raise NothingAsked
    offers = {row.state.line.pk: row for row in offer.lines}
    checked = []
    for asked in lines:
        if asked.order_line_id not in offers:
            raise NotReturnable(asked.order_line_id)
        row = offers[asked.order_line_id]
        checked.append((asked, row, _check_line(asked, row)))
    return checked


def _check_line(asked: Asked, row: LineOffer) -> ReturnReason:
    if asked.quantity < 1:
        raise NothingAsked
    if asked.quantity > row.state.left:
        raise TooMany(asked.order_line_id, row.state.left)
    free = {exchange.variant_id: exchange.free for exchange in row.exchanges}
    if asked.wanted == CaseLine.Resolution.EXCHANGE and free.get(asked.exchange_variant_id or 0, 0) < asked.quantity:
        raise NotExchangeable(asked.order_line_id)
    reasons = {reason.code: reason for reason in row.reasons}
    if asked.reason not in reasons:
        raise ReasonUnknown(asked.reason)
    return reasons[asked.reason]


def _open_case(
    order: Order, checked: list[tuple[Asked, LineOffer, ReturnReason]], key: UUID, at: datetime, by: User | None
) -> ReturnCase:
    case = ReturnCase.objects.create(
        number=f"{order.number}-R{order.return_cases.count() + 1}",
        order=order,
        origin=ReturnCase.Origin.STAFF if by else ReturnCase.Origin.CUSTOMER,
        submission_key=key,
        policy=_policy(checked),
        requested_at=at,
        due_on=deadlines.answer_by(order=order, at=at),
    )
    for asked, row, reason in checked:
        exchange = asked.wanted == CaseLine.Resolution.EXCHANGE
        CaseLine.objects.create(
            case=case,
            order_line=row.state.line,
            quantity=asked.quantity,
            reason=reason,
            detail=asked.detail,
            wanted=asked.wanted,
            exchange_variant_id=asked.exchange_variant_id if exchange else None,
        )
    return case


def _policy(checked: list[tuple[Asked, LineOffer, ReturnReason]]) -> dict[str, str | int | None]:
    """Return the rules this case was opened under, so that later changes of them do not reach back."""
    last_on = first_last_day(row for _, row, _ in checked)
    return {
        "window_days": settings.RETURN_WINDOW_DAYS,
        "last_on": last_on.isoformat() if last_on else None,
        "postage": policy.who_pays(reason.postage for _, _, reason in checked),
    }
