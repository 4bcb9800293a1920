"""What a shopper is offered on the return form: lines, reasons that fit the goods, pieces to exchange for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q

from orders.models import Order
from returns.models import ReturnReason
from returns.queries.lines import LineState, line_states, shop_day
from returns.rules.withdrawals import REASON
from shop.models import MeasurementDefinition, Variant, VariantMeasurement
from shop.queries.stock import pieces_left


@dataclass(frozen=True)
class Exchange:
    """A piece she may have instead: `same` is the very piece again, `free` how many could be sent."""

    variant_id: int
    label: str
    free: int
    same: bool
    making_days: int


@dataclass(frozen=True)
class LineOffer:
    """One line that may be sent back, with its reasons and exchanges."""

    state: LineState
    reasons: tuple[ReturnReason, ...]
    exchanges: tuple[Exchange, ...]


@dataclass(frozen=True)
class Offer:
    """Everything about an order that may, or may not, be sent back today."""

    at: datetime
    lines: tuple[LineOffer, ...]
    refused: tuple[LineState, ...]

    @property
    def last_on(self) -> date | None:
        """Return the last day of the line that runs out first; None while a parcel is on its way."""
        return first_last_day(self.lines)


def first_last_day(lines: Iterable[LineOffer]) -> date | None:
    """Return the last day of the line that runs out first; None when no line has one yet."""
    return min((row.state.window.last_on for row in lines if row.state.window.last_on), default=None)


def offer_of(*, order: Order, at: datetime) -> Offer:
    """Return what may be sent back at `at`.  Six queries whatever the number of lines."""
    today = shop_day(at)
    found = line_states(order=order, today=today)
    open_lines = [state for state in found if state.why is None]
    products = {state.line.variant.product_id for state in open_lines}
    worn = _worn(products)
    reasons = offered_reasons(at)
    exchanges = _variants_of(products)
    offers = []
    for state in open_lines:
        product_id = state.line.variant.product_id
        goods = ReturnReason.Goods.WORN if product_id in worn else ReturnReason.Goods.HOME
        fitting = tuple(reason for reason in reasons if reason.goods in {ReturnReason.Goods.ANY, goods})
        offers.append(LineOffer(state, fitting, _exchanges_for(state, exchanges[product_id])))
    return Offer(at, tuple(offers), tuple(state for state in found if state.why is not None))


def offered_reasons(at: datetime) -> list[ReturnReason]:
    """Return the reasons not retired at `at`, as they are shown; a withdrawal has a way of its own."""
    living = Q(retired_at=None) | Q(retired_at__gt=at)
    return list(ReturnReason.objects.filter(living).exclude(code=REASON).order_by("position", "id"))


def exchange_variants(product_ids: Iterable[int]) -> list[Variant]:
    """Return the variants on sale of some products, each with `free`: how many could be promised now."""
    rows = Variant.objects.filter(product_id__in=product_ids, active=True).annotate(free=pieces_left())
    return list(rows.order_by("product_id", "position", "id"))


def may_be_exchanged(*, line_variant: Variant, wanted: Variant) -> bool:
    """Tell whether one piece may stand for the other: same product, same price, so that no money moves."""
    return wanted.product_id == line_variant.product_id and wanted.price_minor == line_variant.price_minor


def _exchanges_for(state: LineState, variants: list[Variant]) -> tuple[Exchange, ...]:
    own = state.line.variant
    return tuple(
        Exchange(variant.pk, variant.label, variant.free, variant.pk == own.pk, variant.making_days)  # type: ignore[attr-defined]  # annotated
        for variant in variants
        if may_be_exchanged(line_variant=own, wanted=variant) and variant.free > 0  # type: ignore[attr-defined]  # annotated
    )


def _variants_of(product_ids: set[int]) -> dict[int, list[Variant]]:
    found: dict[int, list[Variant]] = defaultdict(list)
    for variant in exchange_variants(product_ids):
        found[variant.product_id].append(variant)
    return found


def _worn(product_ids: set[int]) -> set[int]:
    """Return the products measured as garments: their reasons are about fit."""
    measured = VariantMeasurement.objects.filter(
        variant__product_id__in=product_ids, definition__kind=MeasurementDefinition.Kind.GARMENT
    )
    return set(measured.order_by("variant__product_id").values_list("variant__product_id", flat=True).distinct())
