"""Prepare an order: everything that can still be refused, in one locked transaction, before any money moves.

The promise is made here and not after the charge: what she agreed to is frozen with its basis, and nothing that
follows the charge can say no.  Source: commerce reference 2.B, d.3, d.5; reliability reference D6, D7.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from orders.models import Cart, Order, OrderLine, Parcel, ParcelLine, Payment, Promise
from orders.operations.capacity import DayFull, hold_place
from orders.queries.bag import BagLine, bag_lines
from orders.queries.offers import NotServed, Offer, offer, priced, tax_rates
from orders.queries.quotes import timetable
from orders.rules.checkout import ANYWAY, WAIT, CheckoutRequest
from orders.rules.guard import Change, Shown, compare
from orders.rules.numbers import NUMBERS, order_number
from orders.rules.payment import paid_status
from orders.rules.promise import NobodyHome
from orders.rules.shares import unit_shares
from shop.models import User, VariantMeasurement
from shop.operations import stock


class BagEmpty(Exception):
    """There is nothing in the bag to order."""


class BagSpent(Exception):
    """An order was made of this bag already: `order` is it."""

    def __init__(self, order: Order) -> None:
        super().__init__(order.number)
        self.order = order


class ChangedSinceShown(Exception):
    """The sum or the day is not what the page showed; `change` says what.  Nothing was written."""

    def __init__(self, change: Change) -> None:
        super().__init__(str(change))
        self.change = change


def prepare(*, cart_id: int, request: CheckoutRequest, shown: Shown, customer: User | None, at: datetime) -> Order:
    """Write the order with its lines, stock, parcel, promise and payment; call inside the claim's transaction.

    Raises BagEmpty, BagSpent, NotServed, NoEstimate, NobodyHome, ChangedSinceShown, shop.operations.stock.SoldOut.
    """
    cart = Cart.objects.select_for_update().get(pk=cart_id)
    spent = Order.objects.filter(cart=cart).first()
    if spent is not None:
        raise BagSpent(spent)
    lines = _lines_on_sale(cart)
    agreed = _agree(request, shown, lines, at)
    order = _create_order(cart, request, agreed, customer, at)
    rows = _create_lines(order, lines)
    stock.allocate(
        wanted=[stock.Wanted(row.variant_id, row.quantity, f"allocate:{order.number}:{row.pk}") for row in rows],
        order_number=order.number,
        at=at,
    )
    parcel = Parcel.objects.create(order=order, number=1)
    ParcelLine.objects.bulk_create([ParcelLine(parcel=parcel, line=row, quantity=row.quantity) for row in rows])
    Payment.objects.create(order=order, provider=request.provider, currency=order.currency, due_minor=order.total_minor)
    try:
        hold_place(service=agreed.service, starts_on=agreed.estimate.starts_on)
    except DayFull:
        _agree(request, shown, lines, at)  # says what is different now
        raise ChangedSinceShown(Change()) from None
    _create_promise(order, agreed, at)
    return order


def _lines_on_sale(cart: Cart) -> list[BagLine]:
    lines = bag_lines(cart)
    if not lines:
        raise BagEmpty
    gone = [stock.Shortage(line.variant.pk, line.quantity, 0) for line in lines if not line.on_sale]
    if gone:
        raise stock.SoldOut(gone)
    return lines


def _agree(request: CheckoutRequest, shown: Shown, lines: list[BagLine], at: datetime) -> Offer:
    """Compare what holds now with what she saw, and return the offer she takes."""
    table = timetable(request.country, at=at)
    service = table.named(request.service_code)
    if service is None:
        raise NotServed(request.country)
    found = offer(
        table=table,
        service=service,
        provider=request.provider,
        lines=lines,
        rates=tax_rates(request.country, on=timezone.localdate(at)),
        home_weekdays=() if request.when_nobody_home == ANYWAY else request.home_weekdays,
    )
    now = found.as_shown()
    change = compare(
        shown=shown,
        total_minor=now.total_minor,
        deliver_by_on=now.deliver_by_on,
        home_on=now.home_on if request.when_nobody_home == WAIT else None,
    )
    if change:
        raise ChangedSinceShown(change)
    if found.waiting and request.when_nobody_home != WAIT:
        plain = found.plain.estimate
        raise NobodyHome(plain.deliver_from_on, plain.deliver_by_on, found.estimate.deliver_by_on)
    return found


def _create_order(cart: Cart, request: CheckoutRequest, agreed: Offer, customer: User | None, at: datetime) -> Order:
    sums = agreed.totals
    order = Order(
        cart=cart,
        customer=customer,
        status=Order.Status.PLACING,
        payment_status=paid_status(
            provider=request.provider, due_minor=max(sums.total_minor, 1), captured_minor=0, refunded_minor=0
        ),
        email=request.email,
        full_name=request.full_name,
        street=request.street,
        extra=request.extra,
        postcode=request.postcode,
        city=request.city,
        country=request.country,
        phone=request.phone,
        home_weekdays=list(request.home_weekdays),
        home_part_of_day=request.home_part_of_day,
        courier_note=request.courier_note,
        service=agreed.service,
        currency=agreed.service.currency,
        goods_minor=sums.goods_minor,
        delivery_minor=sums.delivery_minor,
        tax_minor=sums.tax_minor,
        delivery_shares=[list(share) for share in sums.delivery_shares],
        total_minor=sums.total_minor,
        locale=request.locale,
        placed_at=at,
    )
    return _save_with_number(order)


def _save_with_number(order: Order) -> Order:
    """Draw numbers until one is free; with a hundred million of them the second draw is rare."""
    for _attempt in range(20):
        order.number = order_number(settings.ORDER_PREFIX, secrets.randbelow(NUMBERS))
        try:
            with transaction.atomic():
                order.save(force_insert=True)
        except IntegrityError:
            if not Order.objects.filter(number=order.number).exists():
                raise
            continue
        return order
    raise RuntimeError("No free order number after 20 draws")


def _create_lines(order: Order, lines: Sequence[BagLine]) -> list[OrderLine]:
    measures = _measurements([line.variant.pk for line in lines])
    rates = tax_rates(order.country, on=timezone.localdate(order.placed_at))
    return OrderLine.objects.bulk_create([_order_line(order, line, rates, measures) for line in lines])


def _order_line(
    order: Order, line: BagLine, rates: dict[str, int], measures: dict[int, dict[str, dict[str, object]]]
) -> OrderLine:
    sums = priced(line, rates)
    paid, tax = unit_shares(paid_minor=sums.paid_minor, tax_minor=sums.tax_minor, quantity=sums.quantity)
    return OrderLine(
        order=order,
        variant=line.variant,
        sku=line.variant.sku,
        title=line.product.name,
        options_label=line.variant.label,
        image_path=line.picture.path if line.picture else "",
        measurements=measures.get(line.variant.pk, {}),
        making_days=line.making_days,
        unit_minor=sums.unit_minor,
        quantity=sums.quantity,
        gross_minor=sums.gross_minor,
        discount_minor=sums.discount_minor,
        tax_rate_bp=sums.tax_rate_bp,
        tax_minor=sums.tax_minor,
        units_paid_minor=paid,
        units_tax_minor=tax,
    )


def _measurements(variant_ids: list[int]) -> dict[int, dict[str, dict[str, object]]]:
    """Return what the page showed of each variant's measures: code -> label, millimetres, tolerance.  One query."""
    found: dict[int, dict[str, dict[str, object]]] = {}
    rows = VariantMeasurement.objects.filter(variant_id__in=variant_ids).select_related("definition")
    for row in rows.order_by("definition__position", "id"):
        found.setdefault(row.variant_id, {})[row.definition.code] = {
            "label": row.definition.label,
            "value_mm": row.value_mm,
            "tolerance_mm": row.tolerance_mm,
        }
    return found


def _create_promise(order: Order, agreed: Offer, at: datetime) -> Promise:
    days = agreed.estimate
    return Promise.objects.create(
        order=order,
        version=1,
        source=Promise.Source.CHECKOUT,
        deliver_from_on=days.deliver_from_on,
        deliver_by_on=days.deliver_by_on,
        starts_on=days.starts_on,
        pack_by_at=days.pack_by_at,
        hand_over_by_at=days.hand_over_by_at,
        breaks_at=days.breaks_at,
        basis=agreed.quote.basis(),
        made_at=at,
    )
