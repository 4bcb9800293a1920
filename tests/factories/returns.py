"""Orders that have arrived, and the reasons to send something back."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

from orders.models import Order, OrderLine, Parcel, ParcelLine, Payment, PaymentEvent
from orders.operations.packing import pack_parcel
from orders.operations.shipping import hand_over_parcel
from orders.operations.tracking import apply_tracking
from returns.models import ReturnCase, Withdrawal
from returns.operations.declaring import Statement, declare_withdrawal
from returns.operations.requesting import Asked, request_return
from returns.operations.seed_reasons import seed_reasons
from shop.models import Variant
from shop.operations import stock
from shop.rules.money import tax_included
from tests.factories.orders import placed_order, shared
from tests.factories.shop import VariantFactory


def delivered_order(
    *,
    at: datetime,
    pieces: tuple[int, ...] = (1,),
    variants: tuple[Variant, ...] = (),
    paid: bool = True,
    **fields: object,
) -> Order:
    """An order that arrived three days after `at`, one line for each of `pieces`; reasons are seeded.

    One that is not `paid` is to be paid at the door, and nobody has booked the money yet.
    """
    seed_reasons(at)
    bought = variants or tuple(VariantFactory() for _ in pieces)
    order = placed_order(at=at, variant=bought[0], quantity=pieces[0], paid=paid, **fields)  # type: ignore[arg-type]
    if not paid:
        Order.objects.filter(pk=order.pk).update(payment_status=Order.Paid.ON_DELIVERY)
        Payment.objects.filter(order=order).update(provider=Payment.Provider.CASH_ON_DELIVERY)
    for variant, quantity in zip(bought[1:], pieces[1:], strict=True):
        _add_line(order, variant, quantity, at)
    deliver(order, number=1, at=at)
    order.refresh_from_db()
    return order


def deliver(order: Order, *, number: int, at: datetime) -> None:
    """Pack, hand over and deliver one parcel, a day each."""
    parcel = Parcel.objects.get(order=order, number=number)
    pack_parcel(parcel_id=parcel.pk, by=None, at=at + timedelta(hours=4))
    hand_over_parcel(
        parcel_id=parcel.pk,
        carrier="demo",
        tracking_number=f"HP-{order.pk}-{number}",
        by=None,
        at=at + timedelta(days=1),
    )
    apply_tracking(
        parcel_id=parcel.pk,
        provider="demo",
        status="delivered",
        external_id=f"delivered-{parcel.pk}",
        occurred_at=at + timedelta(days=3),
        at=at + timedelta(days=3),
    )


def asked(line: OrderLine, quantity: int = 1, reason: str = "changed-mind", **fields: object) -> Asked:
    """A wish to send pieces of a line back for money."""
    return Asked(order_line_id=line.pk, quantity=quantity, reason=reason, **fields)  # type: ignore[arg-type]


def requested(order: Order, *lines: Asked, at: datetime) -> ReturnCase:
    """A return as the shopper asks for it; the whole first line without `lines`."""
    first = order.lines.order_by("id")[0]
    wishes = lines or (asked(first, first.quantity),)
    return request_return(order_id=order.pk, lines=wishes, submission_key=uuid4(), at=at)


def _add_line(order: Order, variant: Variant, quantity: int, at: datetime) -> None:
    gross = variant.price_minor * quantity
    line = OrderLine.objects.create(
        order=order,
        variant=variant,
        sku=variant.sku,
        title=variant.product.name,
        options_label=variant.label,
        unit_minor=variant.price_minor,
        quantity=quantity,
        gross_minor=gross,
        tax_rate_bp=2300,
        tax_minor=tax_included(gross, 2300),
        **shared(gross, quantity),
    )
    wanted = stock.Wanted(variant.pk, quantity, f"allocate:{order.number}:{line.pk}")
    stock.allocate(wanted=[wanted], order_number=order.number, at=at)
    ParcelLine.objects.create(parcel=Parcel.objects.get(order=order, number=1), line=line, quantity=quantity)
    total = order.total_minor + gross
    Order.objects.filter(pk=order.pk).update(
        goods_minor=order.goods_minor + gross,
        total_minor=total,
        tax_minor=order.tax_minor + tax_included(gross, 2300),
    )
    order.refresh_from_db()
    paid = order.payment.captured_minor > 0
    Payment.objects.filter(order=order).update(due_minor=total, captured_minor=total if paid else 0)
    if paid:
        PaymentEvent.objects.create(
            payment=order.payment,
            kind=PaymentEvent.Kind.CAPTURE,
            phase=PaymentEvent.Phase.SUCCEEDED,
            amount_minor=gross,
            key=f"capture:{order.number}:{line.pk}",
            happened_at=at,
        )
    order.payment.refresh_from_db()


def withdrawn(order: Order, *, at: datetime, **changes: str) -> Withdrawal:
    """A withdrawal from the whole order, stated by a guest with its number and address."""
    said = {"order_number": order.number, "name": "Ana Costa", "email": order.email, "pieces": "", "locale": "en"}
    return declare_withdrawal(statement=Statement(**said | changes), submission_key=uuid4(), at=at)
