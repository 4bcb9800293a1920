"""Which pieces of an order may be reviewed: those that arrived, once each."""

from __future__ import annotations

from django.db.models import CharField, Exists, F, OuterRef, QuerySet, Value
from django.db.models.functions import Cast, Concat

from orders.models import Order, OrderLine
from shop.models import Review

PURCHASE = "orders.line:"


def purchase_of(line_id: int) -> str:
    """Return the name under which the shop knows the purchase of a line."""
    return f"{PURCHASE}{line_id}"


def arrived(order: Order) -> QuerySet[OrderLine]:
    """Return the lines of an order of which something arrived, in the order of the order."""
    return OrderLine.objects.filter(order=order, qty_delivered__gt=0).select_related("variant__product").order_by("id")


def to_review(order: Order) -> list[OrderLine]:
    """Return the lines of an order that arrived and nobody has reviewed.  One query."""
    purchase = Concat(Value(PURCHASE), Cast(OuterRef("pk"), CharField()))
    written = Review.objects.filter(purchase=purchase)
    return list(arrived(order).filter(~Exists(written), qty_delivered__gt=F("qty_returned")))


def care_of(order: Order) -> list[tuple[str, list[str]]]:
    """Return (title, instructions) of every piece that arrived and wants some care, each product once.  One query."""
    found: dict[int, tuple[str, list[str]]] = {}
    for line in arrived(order):
        product = line.variant.product
        if product.care.strip():
            found.setdefault(product.pk, (line.title, [row for row in product.care.splitlines() if row.strip()]))
    return list(found.values())
