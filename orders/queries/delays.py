"""Delays: which one is open, what she may choose, and whether her word is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, F, OuterRef, QuerySet, Sum
from django.db.models.functions import Coalesce, Least

from orders.models import DelayCase, Order, OrderLine, Parcel, ParcelLine, Unavailability
from orders.rules.bag import Ready
from orders.rules.cancelling import may_be_cancelled
from shop.models import Variant
from shop.queries.stock import pieces_left


def unanswered() -> QuerySet[DelayCase]:
    """Return the delays that need her own word and have none: what she says to a later one answers those before it."""
    later = DelayCase.objects.filter(order=OuterRef("order"), round__gt=OuterRef("round")).exclude(decision="")
    rows = DelayCase.objects.filter(decision="", settled_at=None, decide_by_at__isnull=False)
    return rows.filter(~Exists(later))


def waits_for_word(order_id: int) -> bool:
    """Tell whether a delay of the order needs her own word and has none yet.  One query."""
    return unanswered().filter(order=order_id).exists()


def open_delay(order_id: int) -> DelayCase | None:
    """Return the delay she can still choose about: the newest one, undecided and not settled.  One query."""
    newest = DelayCase.objects.filter(order=order_id).order_by("-round", "-id").first()
    return newest if newest and newest.open else None


@dataclass(frozen=True)
class Swap:
    """One line and what could be sent in its place: the same thing in another form, at the same price, on the shelf."""

    line: OrderLine
    variants: tuple[Variant, ...]


@dataclass(frozen=True)
class Choices:
    """What is still possible about one order.

    `ready` are the lines that could go now while others are made; `readdress` until when address and window can be
    changed, None when it has left; `cancel` whether it can be cancelled.
    """

    delay: DelayCase | None
    ready: tuple[ParcelLine, ...]
    swaps: tuple[Swap, ...]
    readdress_until: datetime | None
    cancel: bool

    @property
    def asks(self) -> bool:
        """Say whether there is something to choose about a delay."""
        return self.delay is not None


def choices_of(order: Order, parcels: Sequence[Parcel], *, hand_over_by_at: datetime) -> Choices:
    """Return what the shopper can choose.  One query; three more while something waits to be packed."""
    delay = open_delay(order.pk)
    gone = any(parcel.handed_over_at for parcel in parcels)
    waiting = [parcel for parcel in parcels if parcel.status == Parcel.Status.PLANNED and not parcel.due_at]
    return Choices(
        delay=delay,
        ready=ready_lines(waiting[0]) if delay and len(waiting) == 1 else (),
        swaps=swaps_of(waiting) if delay else (),
        readdress_until=None if gone or order.status != Order.Status.PLACED else hand_over_by_at,
        cancel=may_be_cancelled(order.status, [parcel.status for parcel in parcels]),
    )


def ready_lines(parcel: Parcel) -> tuple[ParcelLine, ...]:
    """Return what is ready while the rest has to be made or to come in; empty when all or nothing is.  One query."""
    inside = list(ParcelLine.objects.filter(parcel=parcel).select_related("line").order_by("id"))
    ready = tuple(row for row in inside if row.line.ready == Ready())
    return ready if len(ready) < len(inside) and parcel.made_at is None else ()


def swaps_of(parcels: Sequence[Parcel]) -> tuple[Swap, ...]:
    """Return the lines that wait to be made or packed, each with what could go instead.  Three queries."""
    rows = ParcelLine.objects.filter(parcel__in=parcels, line__kind=OrderLine.Kind.SALE)
    lines = [row.line for row in rows.select_related("line__variant").order_by("id")]
    others = variants_instead(lines)
    return tuple(Swap(line, tuple(others[line.pk])) for line in lines if others[line.pk])


def variants_instead(lines: Sequence[OrderLine]) -> dict[int, list[Variant]]:
    """Return by line what is there in its place: same product and price, enough on the shelf, nothing to make.

    Enough is what of the line is still to be sent, on all shelves together and not held in anybody's checkout.
    Nothing stands in for a line of which something was sent or left out, or of which a piece is waited for.
    Two queries.
    """
    products = {line.variant.product_id for line in lines}
    rows = Variant.objects.filter(product__in=products, active=True, making_days=0)
    there = Coalesce(Sum(F("stock__on_hand") - F("stock__allocated")), 0)
    forms = list(rows.annotate(free=Least(pieces_left(), there)).order_by("position", "id"))
    waiting = Unavailability.objects.filter(line__in=lines, state=Unavailability.State.WAITING)
    waited_for = set(waiting.order_by("id").values_list("line_id", flat=True))
    return {line.pk: [row for row in forms if line.pk not in waited_for and _stands_in(row, line)] for line in lines}


def _stands_in(form: Variant, line: OrderLine) -> bool:
    same = form.product_id == line.variant.product_id and form.price_minor == line.unit_minor
    all_to_come = not line.qty_handed_over and not line.qty_cancelled
    free = form.free  # type: ignore[attr-defined]  # annotated
    return same and form.pk != line.variant_id and all_to_come and free >= line.spoken_for > 0
