"""Orders that wait for goods: pieces sold before they came in, and whose turn it is when they are here."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.db.models import F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from orders.models import Order, OrderLine, Parcel, ParcelLine
from shop.models import StockLevel
from shop.queries.stock import arrivals_of
from shop.rules.goods import NotComing, goods_on

_LIVING = Q(order__status__in=[Order.Status.PLACING, Order.Status.PLACED])
_SPOKEN_FOR = F("quantity") - F("qty_cancelled") - F("qty_missing") - F("qty_replaced") - F("qty_handed_over")


def promised_before(line: OrderLine) -> int:
    """Return how many pieces of the same article are promised to lines older than this one and still in the house."""
    older = OrderLine.objects.filter(_LIVING, variant=line.variant_id, pk__lt=line.pk).annotate(pieces=_SPOKEN_FOR)
    return int(older.filter(pieces__gt=0).aggregate(sum=Coalesce(Sum("pieces"), 0))["sum"])


def goods_expected(parcels: Collection[Parcel], *, today: date) -> dict[int, date]:
    """Return by parcel the day its goods are all in the house, as things are now; without those that are there.

    What was expected on a day that is over, or is not coming, is looked for from day to day: `today`.  Two queries,
    three more for each line that waits.
    """
    planned = [parcel.pk for parcel in parcels if parcel.status == Parcel.Status.PLANNED]
    rows = ParcelLine.objects.filter(parcel__in=planned, line__goods_on__isnull=False).select_related("line")
    found: dict[int, date] = {}
    for row in rows.order_by("id"):
        here_on = _here_on(row.line, today)
        if here_on:
            found[row.parcel_id] = max(here_on, found.get(row.parcel_id, here_on))
    return found


def _here_on(line: OrderLine, today: date) -> date | None:
    levels = StockLevel.objects.filter(variant=line.variant_id)
    there = int(levels.aggregate(sum=Coalesce(Sum("on_hand"), 0))["sum"]) - promised_before(line)
    coming = arrivals_of([line.variant_id], today=today).get(line.variant_id, [])
    try:
        return goods_on(line.spoken_for, at_once=there, arrivals=[(one.expected_on, one.pieces) for one in coming])
    except NotComing:
        return today


def orders_waiting_for(variant_id: int) -> QuerySet[Order]:
    """Return living orders with pieces that were sold before they came in and have not left yet."""
    lines = OrderLine.objects.filter(variant=variant_id, goods_on__isnull=False).annotate(pieces=_SPOKEN_FOR)
    waiting = lines.filter(pieces__gt=0).values("order")
    return Order.objects.filter(pk__in=waiting, status=Order.Status.PLACED)
