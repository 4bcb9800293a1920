"""Lines of an order as a return sees them: how many came, how many are spoken for, what one piece is worth."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db.models import F, Q, Sum
from django.utils import timezone

from orders.models import Order, OrderLine, Parcel, ParcelLine
from orders.queries.exchanged import bought_lines
from orders.rules.shares import Slot, paid_first
from returns.models import CaseLine
from returns.rules import states
from returns.rules.amounts import Sold
from returns.rules.window import Why, Window, pieces_left, refusal, window_of


def shop_day(moment: datetime) -> date:
    """Return the day of an aware moment on the shop's own clock."""
    return timezone.localdate(moment, timezone.get_default_timezone())


@dataclass(frozen=True)
class LineState:
    """One line of an order today.  `why` is None when `left` pieces may be sent back.

    `bought_id` is the line that was paid for: the line itself, or the one at the root of its exchanges; `unit_minor`
    is the price of that one.
    """

    line: OrderLine
    left: int
    window: Window
    why: Why | None
    bought_id: int
    unit_minor: int


def line_states(*, order: Order, today: date) -> list[LineState]:
    """Return the lines of an order with what may be sent back on `today`, in the order they were bought.

    Wrapping paper and free gifts are not among them: nobody has to send them.  Three queries whatever the number.
    """
    lines = list(order.lines.select_related("variant__product").order_by("id"))
    asked = asked_pieces(order)
    days = _delivery_days(order)
    roots = bought_lines(lines)
    goods = [line for line in lines if to_be_sent_back(roots[line.pk])]
    return [_state_of(line, roots[line.pk], asked.get(line.pk, 0), days, today) for line in goods]


def to_be_sent_back(bought: OrderLine) -> bool:
    """Tell whether what was bought is asked back: not the paper it was wrapped in, nor a gift, which she keeps."""
    return bought.kind != OrderLine.Kind.FREE and not is_wrap(bought)


def is_wrap(line: OrderLine) -> bool:
    """Tell whether a line is gift wrap."""
    return bool(line.sku == settings.GIFT_WRAP_SKU)


def gifts_left(*, order: Order) -> list[OrderLine]:
    """Return the free gifts she still has and that are in no return, each with `left`: how many.  One query."""
    instead = Q(kind=OrderLine.Kind.INSTEAD, exchange_of__kind=OrderLine.Kind.FREE)
    free = order.lines.filter(Q(kind=OrderLine.Kind.FREE) | instead, qty_delivered__gt=F("qty_returned"))
    hers = free.exclude(return_lines__case__status__in=states.ON_THE_WAY)
    return list(hers.annotate(left=F("qty_delivered") - F("qty_returned")).order_by("id"))


def sold_lines(slots: Sequence[Slot], bought: Iterable[int], never_sent: Mapping[int, int]) -> list[Sold]:
    """Return what was bought, piece by piece, less the pieces whose money went back or that were never sent.

    `bought` are the ids of all bought lines: a free gift has nothing to give back.  No query.
    """
    left: dict[int, list[int]] = {line_id: [] for line_id in bought}
    for slot in paid_first(slots):
        if slot.line_id is not None and not slot.closed:
            left[slot.line_id].append(slot.left_minor)
    return [Sold(line_id, tuple(units[: len(units) - never_sent.get(line_id, 0)])) for line_id, units in left.items()]


def _state_of(
    line: OrderLine, bought: OrderLine, asked: int, days: dict[int, list[date | None]], today: date
) -> LineState:
    opened = window_of(delivered_on=days.get(line.pk, []), window_days=settings.RETURN_WINDOW_DAYS)
    left = pieces_left(delivered=line.qty_delivered, returned=line.qty_returned, asked=asked)
    why = refusal(window=opened, delivered=line.qty_delivered, left=left, today=today)
    return LineState(line, left, opened, why, bought.pk, bought.unit_minor)


def asked_pieces(order: Order) -> dict[int, int]:
    """Count pieces in returns that are asked for or agreed, by line.  One query."""
    rows = CaseLine.objects.filter(case__order=order, case__status__in=states.ON_THE_WAY)
    return dict(rows.values_list("order_line_id").annotate(pieces=Sum("quantity")).order_by("order_line_id"))


def _delivery_days(order: Order) -> dict[int, list[date | None]]:
    """Return, by line, the days its parcels arrived; None for one still on its way.

    What was bought together counts from the last parcel of it; what was sent in exchange from its own.
    """
    rows = ParcelLine.objects.filter(parcel__order=order).exclude(parcel__status=Parcel.Status.CANCELLED)
    sale: dict[int, date | None] = {}
    sale_lines: set[int] = set()
    days: dict[int, list[date | None]] = defaultdict(list)
    for row in rows.select_related("parcel", "line").order_by("parcel__number", "id"):
        arrived = row.parcel.delivered_at
        day = shop_day(arrived) if arrived else None
        if row.line.kind in OrderLine.PROMISED and row.parcel.due_at is None:
            sale[row.parcel_id] = day
            sale_lines.add(row.line_id)
        else:
            days[row.line_id].append(day)
    return days | {line_id: list(sale.values()) for line_id in sale_lines}
