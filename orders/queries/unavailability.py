"""Missing pieces: whose they would be, what can be had instead, and what the order's page asks.

Source: commerce reference d.3; reliability reference T03.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db.models import OuterRef, Prefetch, QuerySet, Subquery, Sum
from django.utils import timezone

from orders.models import Order, OrderLine, Parcel, ParcelLine, Promise, Unavailability
from orders.queries.exchanged import bought_lines
from orders.queries.quotes import NoEstimate, Quote, quote_apart
from orders.rules.cancelling import may_be_cancelled
from orders.rules.promise import Estimate
from orders.rules.unavailability import Choice, Claim, offered
from shop.models import StockArrival, StockLevel, StockMovement, Variant
from shop.queries.listing import SIZE
from shop.queries.stock import pieces_left

MOST_OFFERED = 6
LIVING = (Unavailability.State.OPEN, Unavailability.State.WAITING)


def claims_on(level: StockLevel) -> list[Claim]:
    """Return the pieces of a shelf that are promised in parcels nobody has packed yet.  Three queries."""
    last = Promise.objects.filter(order=OuterRef("line__order")).order_by("-version", "-id").values("breaks_at")[:1]
    rows = ParcelLine.objects.filter(
        line__variant=level.variant_id, parcel__status=Parcel.Status.PLANNED, line__order__status=Order.Status.PLACED
    ).select_related("line__order")
    inside = list(rows.annotate(breaks_at=Subquery(last)).order_by("parcel_id", "id"))
    here = _spoken_for_here(level, {row.line.order.number for row in inside})
    gone = _missing_already(inside)
    claims = []
    for row in inside:
        order = row.line.order
        there = row.quantity - gone.get((row.parcel_id, row.line_id), 0)
        pieces = min(there, here.get(order.number, 0))
        if pieces > 0 and row.breaks_at:
            here[order.number] -= pieces
            claims.append(Claim(row.parcel_id, row.line_id, order.pk, pieces, row.breaks_at, order.placed_at))
    return claims


def _spoken_for_here(level: StockLevel, numbers: set[str]) -> dict[str, int]:
    rows = StockMovement.objects.filter(level=level, order_number__in=numbers)
    sums = rows.values("order_number").annotate(pieces=Sum("allocated_delta")).order_by("order_number")
    return {row["order_number"]: row["pieces"] for row in sums}


def _missing_already(inside: Iterable[ParcelLine]) -> dict[tuple[int, int], int]:
    rows = Unavailability.objects.filter(parcel__in={row.parcel_id for row in inside}, state__in=LIVING)
    sums = rows.values("parcel", "line").annotate(pieces=Sum("quantity")).order_by("parcel", "line")
    return {(row["parcel"], row["line"]): row["pieces"] for row in sums}


@dataclass(frozen=True)
class Later:
    """The next arrival that has enough pieces, and when they would be at her door."""

    arrival: StockArrival
    quote: Quote

    @property
    def plan(self) -> Estimate:
        """Return the days."""
        return self.quote.estimate


@dataclass(frozen=True)
class Options:
    """What the shopper may choose for one case: the forms of the piece that are there, and the day it is back."""

    case: Unavailability
    choices: tuple[Choice, ...]
    others: tuple[Variant, ...]
    later: Later | None
    has_rest: bool


def living_cases(order: Order) -> list[Unavailability]:
    """Return what she has to choose about and what she waits for, oldest first.  One query."""
    return list(_cases().filter(order=order, state__in=LIVING).order_by("found_at", "id"))


def _cases() -> QuerySet[Unavailability]:
    return Unavailability.objects.select_related("order", "line__variant", "parcel", "arrival")


def options_for(case: Unavailability, *, at: datetime) -> Options:
    """Work out what can be chosen now.  About eight queries."""
    others = other_forms(case)
    later = later_for(case, at=at)
    rest = has_rest(case)
    statuses = Parcel.objects.filter(order=case.order_id).order_by("id").values_list("status", flat=True)
    choices = offered(
        others=bool(others),
        later=later is not None,
        rest=rest,
        may_cancel=may_be_cancelled(case.order.status, list(statuses)),
    )
    return Options(case, choices, tuple(others), later, rest)


def other_forms(case: Unavailability) -> Sequence[Variant]:
    """Return other forms of the piece that cost the same, take no longer to make and are there, the nearest first.

    They differ in one choice alone: another colour of her size before another size of her colour.  Three queries.
    """
    mine = case.line.variant
    rows = Variant.objects.filter(
        product=mine.product_id, active=True, price_minor=mine.price_minor, making_days__lte=case.line.making_days
    ).exclude(pk=mine.pk)
    enough = rows.annotate(free=pieces_left()).filter(free__gte=case.quantity).prefetch_related("options__type")
    hers = {option.pk for option in mine.options.all()}
    near = [(form, _changes(form, hers)) for form in enough.order_by("position", "id")]
    found = [(len([kind for kind in kinds if kind == SIZE]), form) for form, kinds in near if len(kinds) < 2]
    return [form for _size, form in sorted(found, key=lambda pair: pair[0])][:MOST_OFFERED]


def _changes(form: Variant, hers: set[int]) -> list[str]:
    """Return the kinds of choice (size, colour) in which a form is another one than hers."""
    return [option.type.code for option in form.options.all() if option.pk not in hers]


def later_for(case: Unavailability, *, at: datetime) -> Later | None:
    """Return the next arrival with pieces nobody else waits for, and the days at her door; None without one.

    Three queries.  Nothing guesses: without an arrival or a calendar there is no day.
    """
    waiting = Unavailability.objects.filter(arrival=OuterRef("pk"), state=Unavailability.State.WAITING).order_by()
    taken = Subquery(waiting.values("arrival").annotate(pieces=Sum("quantity")).values("pieces"))
    expected = StockArrival.objects.filter(
        state=StockArrival.State.EXPECTED,
        level__variant=case.line.variant_id,
        expected_on__gte=timezone.localdate(at),
    ).annotate(taken=taken)
    for arrival in expected.order_by("expected_on", "id"):
        free = arrival.pieces - arrival.arrived_pieces - (arrival.taken or 0)
        quote = _quote_after(case, arrival.expected_on, at) if free >= case.quantity else None
        if quote:
            return Later(arrival, quote)
    return None


def _quote_after(case: Unavailability, expected_on: date, at: datetime) -> Quote | None:
    """Quote pieces that reach the shelf on a day: work begins on the next working day.  Two queries."""
    products = frozenset({case.line.variant.product_id})
    try:
        return quote_apart(case.order, products=products, here_on=expected_on, at=at)
    except NoEstimate:
        return None


def has_rest(case: Unavailability) -> bool:
    """Tell whether anything else she bought was sent or will be.  At most three queries.

    Wrapping paper and free gifts are no rest, nor what is sent instead of them, unless they have begun to be packed:
    then the order cannot be cancelled any more, and leaving the missing pieces out is all that is left.
    """
    lines = list(OrderLine.objects.filter(order=case.order_id).order_by("id"))
    roots = bought_lines(lines)
    living = Unavailability.objects.filter(order=case.order_id, state__in=LIVING).exclude(pk=case.pk)
    others = set(living.order_by("id").values_list("line_id", flat=True))
    if any((_stays(line) or line.pk in others) and _is_goods(roots[line.pk]) for line in lines):
        return True
    statuses = Parcel.objects.filter(order=case.order_id).order_by("id").values_list("status", flat=True)
    return not may_be_cancelled(case.order.status, list(statuses))


def _stays(line: OrderLine) -> bool:
    return line.quantity > line.qty_cancelled + line.qty_missing + line.qty_replaced


def _is_goods(bought: OrderLine) -> bool:
    return bought.kind != OrderLine.Kind.FREE and bought.sku != settings.GIFT_WRAP_SKU


def cases_for_staff() -> QuerySet[Unavailability]:
    """Return every case with what the admin's list shows."""
    promises = Prefetch("order__promises", Promise.objects.order_by("version", "id"))
    return _cases().select_related("found_by", "chosen_by", "instead").prefetch_related(promises)
