"""Thanks for the order, when it arrives and why then; what was bought, and how to pay or cancel."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext_lazy

from notifications.messages import words
from notifications.messages.kind import Kind
from notifications.messages.sources import buyer, order_of
from notifications.messages.words import Line
from notifications.rules import standing
from orders.messages.words import comes
from orders.models import Order, Payment
from orders.models.promotion import OFF_GOODS
from returns.messages import rights


@dataclass(frozen=True)
class OrderPlaced:
    """What the thanks say."""

    first_name: str
    number: str
    arrives: str
    why: tuple[str, ...]
    pack_by: str
    address: tuple[str, ...]
    courier_note: str
    lines: tuple[Line, ...]
    goods: str
    promotions: tuple[str, ...]
    card: str
    delivery: str
    tax: str
    total: str
    credit: str
    to_pay: str
    paid_by: str
    waits_for_transfer: bool
    account_name: str
    iban: str
    bic: str
    pays_at_the_door: bool
    rights: tuple[str, ...]
    form_lines: tuple[str, ...]
    hours: str
    url: str


def context(order: Order, at: datetime) -> OrderPlaced:
    """Collect what the thanks say.  Five queries and a fresh secret link."""
    promise = words.promise_of(order)
    means, credit_minor = order.payment.provider, order.payment.credit_minor
    return OrderPlaced(
        first_name=words.first_name(order.full_name),
        number=order.number,
        arrives=words.days(promise) if promise else "",
        why=words.why_that_date(promise) if promise else (),
        pack_by=words.local_day(promise.pack_by_at) if promise else "",
        address=words.address_lines(order),
        courier_note=order.courier_note,
        lines=words.order_lines(order),
        goods=words.money(sum(line.gross_minor for line in order.lines.all()), order.currency),
        promotions=_promotions(order),
        card=order.gift_message,
        delivery=words.money(order.delivery_minor, order.currency),
        tax=words.money(order.tax_minor, order.currency),
        total=words.money(order.total_minor, order.currency),
        credit=words.money(credit_minor, order.currency) if credit_minor else "",
        to_pay=words.money(order.payment.outside_minor, order.currency),
        paid_by=str(order.payment.get_provider_display()) if order.payment.outside_minor or not credit_minor else "",
        waits_for_transfer=means == Payment.Provider.BANK_TRANSFER and order.payment_status == Order.Paid.PENDING,
        account_name=settings.SHOP_LEGAL_NAME,
        iban=settings.SHOP_IBAN,
        bic=settings.SHOP_BIC,
        pays_at_the_door=means == Payment.Provider.CASH_ON_DELIVERY,
        rights=rights.instructions(),
        form_lines=rights.model_form(),
        hours=comes(order.window),
        url=words.tracking_url(order, at),
    )


def _promotions(order: Order) -> tuple[str, ...]:
    """Return what was taken off, one sentence a promotion.  One query."""
    rows = order.redemptions.filter(released_at=None, promotion__kind__in=OFF_GOODS).order_by("id")
    return tuple(f"{row.name}: −{words.money(row.saved_minor, order.currency)}" for row in rows)


KIND = Kind(
    name="order_placed",
    event="orders.order.placed",
    says=gettext_lazy("Thank you, it arrives then, and why then"),
    audience="who ordered",
    find=order_of,
    to=buyer,
    context=context,
    outdated=standing.while_not_cancelled,
    any_hour=True,
    must_say=("arrives", "total"),
)
