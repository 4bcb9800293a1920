"""What can be sold right now, and what is on its way to the shelf.

Available = on the shelf + what may be sold before it is made - spoken for - held in somebody else's checkout.
Source: commerce reference d.2.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection
from django.db.models import Case, F, IntegerField, OuterRef, QuerySet, Subquery, Sum, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Now

from shop.models import StockArrival, StockCountLine, StockLevel, StockReservation
from shop.rules.goods import goods_on


def active_reservations() -> QuerySet[StockReservation]:
    """Return the reservations that have not run out, by the database's clock."""
    return StockReservation.objects.filter(expires_at__gt=Now())


def pieces_left(*, holder: str = "", ahead: bool = False) -> Combinable:
    """Return the number to annotate a variant with: pieces that `holder` could take now.

    Pieces that are on their way count only with `ahead`: whoever offers them has to name the day they come in.
    Aggregates over the variant's levels, so the query must not join another table of many rows.
    """
    beyond = F("stock__oversell_limit")
    on_shelves = F("stock__on_hand") + (beyond if ahead else _without_ahead(beyond)) - F("stock__allocated")
    others = active_reservations().filter(variant=OuterRef("pk")).exclude(holder=holder).order_by()
    held = others.values("variant").annotate(pieces=Sum("quantity")).values("pieces")
    return Coalesce(Sum(on_shelves), 0) - Coalesce(Subquery(held, output_field=IntegerField()), 0)


def _without_ahead(beyond: F) -> Case:
    return Case(When(stock__policy__in=StockLevel.AHEAD, then=0), default=beyond, output_field=IntegerField())


def pieces_ahead(*policies: str) -> Combinable:
    """Return the number to annotate a variant with: pieces that may be sold out of what is on its way."""
    on_its_way = When(stock__policy__in=policies or StockLevel.AHEAD, then=F("stock__oversell_limit"))
    return Coalesce(Sum(Case(on_its_way, default=0, output_field=IntegerField())), 0)


def held_until(holder: str) -> datetime | None:
    """Return until when the pieces of `holder` are held, None when nothing is.  One query."""
    rows = active_reservations().filter(holder=holder).order_by("expires_at", "id")
    return rows.values_list("expires_at", flat=True).first()


def count_sheet(count_id: int) -> QuerySet[StockCountLine]:
    """Return the lines of a stock count in the order of the article numbers.  One query."""
    rows = StockCountLine.objects.filter(stock_count=count_id).select_related("level__variant__product")
    return rows.order_by("level__variant__sku", "id")


@dataclass(frozen=True)
class Expected:
    """Pieces of a variant that are on their way: `pieces` by `expected_on`."""

    expected_on: date
    pieces: int


@dataclass(frozen=True)
class Shelf:
    """What can be had of a variant: `left` in all, `at_once` without waiting for goods (below 0: others wait first).

    `arrivals` is what is on its way, when pieces are sold out of it.
    """

    left: int
    at_once: int
    sells_ahead: bool = False
    arrivals: tuple[Expected, ...] = ()

    def goods_on(self, pieces: int) -> date | None:
        """Return the day the goods for so many pieces are here, None when they lie on the shelf.  Raises NotComing."""
        if not self.sells_ahead:
            return None
        return goods_on(pieces, at_once=self.at_once, arrivals=[(one.expected_on, one.pieces) for one in self.arrivals])

    @property
    def can_be_had(self) -> int:
        """Return how many pieces can be sold with a day: what is expected on a day that is over counts for nothing."""
        coming = sum(one.pieces for one in self.arrivals)
        return max(min(self.left, self.at_once + coming) if self.sells_ahead else self.left, 0)


NOBODY_STOCKS = Shelf(0, 0)


def shelves_of(variant_ids: Collection[int], *, today: date, holder: str = "") -> dict[int, Shelf]:
    """Return what `holder` can have of some variants, by variant.  One query, one more where pieces are sold ahead."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT level.variant_id, sum(level.on_hand + level.oversell_limit - level.allocated),
                sum(level.on_hand - level.allocated
                    + CASE WHEN level.policy = ANY(%s) THEN 0 ELSE level.oversell_limit END),
                coalesce((
                    SELECT sum(held.quantity) FROM shop_stockreservation held
                    WHERE held.variant_id = level.variant_id AND held.expires_at > statement_timestamp()
                    AND held.holder <> %s), 0),
                bool_or(level.policy = ANY(%s))
            FROM shop_stocklevel level WHERE level.variant_id = ANY(%s) GROUP BY level.variant_id
            """,
            [list(StockLevel.AHEAD), holder, list(StockLevel.AHEAD), list(variant_ids)],
        )
        rows = cursor.fetchall()
    coming = arrivals_of([variant for variant, *_rest, ahead in rows if ahead], today=today)
    return {
        variant: Shelf(int(left - held), int(here - held), ahead, tuple(coming.get(variant, ())))
        for variant, left, here, held, ahead in rows
    }


def next_arrivals(variant_ids: Iterable[int], *, today: date) -> dict[int, Expected]:
    """Return the next arrival of each variant that is expected from today on.  One query."""
    return {variant: found[0] for variant, found in arrivals_of(variant_ids, today=today).items()}


def arrivals_of(variant_ids: Iterable[int], *, today: date) -> dict[int, list[Expected]]:
    """Return what of each variant is expected from today on, the next first.  One query, none for no variant."""
    wanted = set(variant_ids)
    found: dict[int, list[Expected]] = {}
    if not wanted:
        return found
    rows = StockArrival.objects.filter(
        state=StockArrival.State.EXPECTED, level__variant__in=wanted, expected_on__gte=today
    ).select_related("level")
    for row in rows.order_by("expected_on", "id"):
        found.setdefault(row.level.variant_id, []).append(Expected(row.expected_on, row.pieces - row.arrived_pieces))
    return found
