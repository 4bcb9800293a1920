"""How many pieces of each size came back because of it, by the month they were ordered in."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta

from django.db.models import Sum
from django.db.models.functions import TruncMonth

from orders.models import OrderLine
from returns.models import CaseLine, ReturnCase
from returns.rules.fit import VERDICTS
from shop.queries.listing import SIZE
from shop.rules.fit_alarm import Cell

MONTHS_WATCHED = 6
_DIRECTIONS = ("small", "large")


def months_of_returns(today_on: date) -> dict[date, list[Cell]]:
    """Return a cell for each size and direction of the last months, by the first day of the month.  Two queries."""
    since = (today_on.replace(day=1) - timedelta(days=31 * MONTHS_WATCHED)).replace(day=1)
    sent = OrderLine.objects.filter(
        order__placed_at__date__gte=since, qty_delivered__gt=0, variant__options__type__code=SIZE
    )
    pieces = sent.order_by().annotate(month=TruncMonth("order__placed_at")).values_list("month", "variant_id")
    back = CaseLine.objects.filter(order_line__order__placed_at__date__gte=since, reason__code__in=list(VERDICTS))
    back = back.exclude(case__status=ReturnCase.Status.WITHDRAWN).order_by()
    counted = back.annotate(month=TruncMonth("order_line__order__placed_at")).values_list(
        "month", "order_line__variant_id", "reason__code"
    )
    misfits: dict[tuple[date, int, str], int] = defaultdict(int)
    for month, variant_id, code, number in counted.annotate(Sum("quantity")):
        misfits[month.date(), variant_id, VERDICTS[code][0]] += number
    cells: dict[date, list[Cell]] = defaultdict(list)
    for month, variant_id, number in pieces.annotate(Sum("qty_delivered")):
        on = month.date()
        cells[on] += [Cell(variant_id, way, min(number, misfits[on, variant_id, way]), number) for way in _DIRECTIONS]
    return dict(sorted(cells.items()))
