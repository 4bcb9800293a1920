"""Pieces that never reach her are not paid: their money goes back, or so much less is asked for.

Source: commerce reference b-13 (exactly what was paid), d.3; Directive 2006/112/EC art. 90 and 219.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext_noop

from orders.messages.refund_reasons import said_to_her
from orders.models import Order, OrderLine, Payment
from orders.operations.documents import reduce_invoice
from orders.operations.ledger import owe
from orders.operations.refunding import write_grant
from orders.queries.shares import slots_of
from orders.rules.shares import Beyond, Part, Pieces, take
from orders.rules.unavailability import settle
from shop.models import User


def take_off(*, order: Order, pieces: Pieces, origin: str, by: User | None, at: datetime) -> None:
    """Give back what was paid for bought pieces, or ask for so much less while the order is not paid.

    Call with the order locked.  Raises NoSuchPiece for pieces that are not left.
    """
    payment = Payment.objects.select_for_update().get(order=order)
    parts = settle(
        sum(part.amount_minor for part in take(slots_of(order), pieces)),
        due_minor=payment.due_minor,
        captured_minor=payment.kept_minor - payment.charged_back_minor,
        granted_minor=payment.granted_minor - payment.beyond_minor,
    )
    if not parts.paid:
        ask_for_less(order=order, payment=payment, pieces=pieces, by=by, at=at)
    if parts.back_minor:
        write_grant(
            payment=payment,
            amount_minor=parts.back_minor,
            reason=said_to_her(order, gettext_noop("A piece was missing.")),
            origin=origin,
            by=by,
            at=at,
            what=pieces if parts.paid else Beyond(),
        )


def ask_for_less(*, order: Order, payment: Payment, pieces: Pieces, by: User | None, at: datetime) -> None:
    """Take the price of pieces off their line, order, payment and invoice, to the cent and with its tax.

    The pieces stay on the line, priced at nothing: what was shown at placement can still be told.  Call with order and
    payment locked.
    """
    gone = take(slots_of(order), pieces)
    for line in OrderLine.objects.filter(pk__in={part.slot.line_id for part in gone}).order_by("id"):
        _price_at_nothing(line, [part for part in gone if part.slot.line_id == line.pk])
    less = sum(part.amount_minor for part in gone)
    less_tax = sum(part.tax_minor for part in gone)
    order.goods_minor, order.total_minor = order.goods_minor - less, order.total_minor - less
    order.tax_minor -= less_tax
    order.save(update_fields=["goods_minor", "total_minor", "tax_minor"])
    owe(order=order, payment=payment, at=at)
    if less:
        reduce_invoice(order, gone, by=by, at=at)


def _price_at_nothing(line: OrderLine, pieces: Sequence[Part]) -> None:
    """Ask no more for pieces than what went back of them already."""
    for part in pieces:
        at, slot = part.slot.number - 1, part.slot
        line.units_paid_minor[at], line.units_tax_minor[at] = slot.back_minor, slot.back_tax_minor
    line.discount_minor += sum(part.amount_minor for part in pieces)
    line.tax_minor -= sum(part.tax_minor for part in pieces)
    line.save(update_fields=["units_paid_minor", "units_tax_minor", "discount_minor", "tax_minor"])
