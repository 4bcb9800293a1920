"""Start the checkout: hold the pieces of a bag while their owner types.  Source: commerce reference 2.16, d.2."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from orders.models import Cart, CartLine, Order
from orders.operations.basket import BagClosed
from orders.operations.preparing import lines_on_sale
from orders.queries.bag import holder_of
from shop.operations import stock


@transaction.atomic
def hold_pieces(*, cart_id: int, at: datetime, lifetime: timedelta = stock.LIFETIME) -> None:
    """Hold everything in a bag for a quarter of an hour, or `lifetime`, from now, again at every call.

    What the page said about prices counts as seen.  Raises BagClosed, BagEmpty, shop.operations.stock.SoldOut; nothing
    is held then that was not held before.
    """
    cart = Cart.objects.select_for_update().get(pk=cart_id)
    if Order.objects.filter(cart=cart).exists():
        raise BagClosed
    lines = lines_on_sale(cart, at=at)
    for line in lines:
        if line.old_price_minor is not None:
            CartLine.objects.filter(pk=line.line_id).update(shown_price_minor=line.unit_minor)
    Cart.objects.filter(pk=cart.pk).update(touched_at=at)
    stock.reserve(  # last, so that the levels everybody wants are locked for the shortest time
        wanted=[stock.Wanted(line.variant.pk, line.quantity, "") for line in lines],
        holder=holder_of(cart.pk),
        lifetime=lifetime,
    )
