"""One order in a list of orders: its number, when it comes, how far it is, what is inside."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from orders.messages import words
from orders.models import Order
from shop.rules import wording
from shop.rules.money import Money

PICTURES = 4


def card(order: Order) -> dict[str, Any]:
    """Return what a list shows of an order of `orders.queries.mine.orders_of`.  No query."""
    lines = [line for line in order.lines.all() if line.quantity > line.qty_cancelled or _over(order)]
    pieces = sum(line.quantity for line in lines)
    amount = wording.money(Money(order.total_minor, order.currency), get_language() or "en")
    return {
        "number": order.number,
        "headline": _headline(order),
        "tone": _tone(order),
        "where": _where(order),
        "placed": words.day(timezone.localdate(order.placed_at)),
        "inside": ngettext("%(n)d piece, %(sum)s", "%(n)d pieces, %(sum)s", pieces) % {"n": pieces, "sum": amount},
        "pictures": [line for line in lines if line.image_path][:PICTURES],
        "titles": ", ".join(dict.fromkeys(line.title for line in lines)),
    }


def _over(order: Order) -> bool:
    return order.status == Order.Status.CANCELLED


def _headline(order: Order) -> str:
    if order.status == Order.Status.CANCELLED:
        return _("Cancelled")
    if order.delivered_at:
        return _("Arrived on %(day)s") % {"day": words.day(timezone.localdate(order.delivered_at))}
    from_on, by_on = order.from_on, order.by_on  # type: ignore[attr-defined] # annotated
    return _("Arrives %(days)s") % {"days": words.days(from_on, by_on)} if by_on else _("On its way")


def _tone(order: Order) -> str:
    if order.status == Order.Status.CANCELLED or order.delivered_at:
        return ""
    return "bad" if order.service_status == Order.Service.LATE else "ok"


def _where(order: Order) -> str:
    if order.status == Order.Status.CANCELLED or order.delivered_at:
        return ""
    if order.payment_status == Order.Paid.PENDING:
        return _("We wait for your payment.")
    if order.service_status == Order.Service.LATE:
        return _("Later than we hoped; its page says why.")
    return {
        Order.Fulfilment.OPEN: _("We make it ready."),
        Order.Fulfilment.PACKED: _("Packed, and waiting for the courier."),
        Order.Fulfilment.HANDED_OVER: _("On its way to you."),
    }.get(Order.Fulfilment(order.fulfilment_status), "")
