"""Two bags become one: the one of this device, and the one she filled before she logged in here.

Source: commerce reference 2, ux reference 2.4.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from orders.models import Cart, CartLine, CartVoucher
from orders.queries.bag import LIFETIME, holder_of
from orders.rules.bag import merged
from orders.rules.totals import MAX_QUANTITY
from shop.models import User
from shop.operations import stock


@dataclass(frozen=True)
class Merged:
    """The bag she has now, None when she has none; `brought` lines came from a bag she filled before."""

    cart: Cart | None
    brought: int = 0


@transaction.atomic
def merge_bags(*, cart_id: int | None, customer: User, at: datetime) -> Merged:
    """Make the bag of this device hers when she logs in, and put into it what she had elsewhere.

    The device's bag stays, because its cookie opens it; pieces of the same thing are not added up: the larger number
    counts.  A bag that has become an order, or that belongs to another customer, is left alone.  Doing it twice
    changes nothing.  Call it after the login, with the id of the bag the cookie opens.
    """
    living = Cart.objects.filter(touched_at__gt=at - LIFETIME, order=None)
    ids = living.filter(customer=customer).values_list("pk", flat=True)
    wanted = {*ids, *([cart_id] if cart_id else [])}
    carts = {cart.pk: cart for cart in living.filter(pk__in=wanted).select_for_update(of=("self",)).order_by("id")}
    mine = [cart for cart in carts.values() if cart.customer_id == customer.pk and cart.pk != cart_id]
    here = carts.get(cart_id or 0)
    if here is None or here.customer_id not in {None, customer.pk}:
        return Merged(max(mine, key=lambda cart: (cart.touched_at, cart.pk), default=None))
    brought = sum(_pour(other, here) for other in sorted(mine, key=lambda cart: (cart.touched_at, cart.pk)))
    here.customer, here.touched_at = customer, at
    here.save(update_fields=["customer", "touched_at", "gift_wrap", "gift_message", "hide_prices", "sending", "credit"])
    return Merged(here, brought)


def _pour(other: Cart, here: Cart) -> int:
    """Put everything of one bag into another and return how many lines came along; the emptied one is gone."""
    known = {line.variant_id: line for line in CartLine.objects.filter(cart=here).order_by("id")}
    lines = list(CartLine.objects.filter(cart=other).order_by("id"))
    pieces = merged(
        {line.variant_id: line.quantity for line in lines},
        {variant: line.quantity for variant, line in known.items()},
        most=MAX_QUANTITY,
    )
    brought = 0
    for line in lines:
        twin = known.get(line.variant_id)
        if twin is None:
            line.cart = here
            line.save(update_fields=["cart"])
            brought += 1
            continue
        twin.quantity = pieces[line.variant_id]
        twin.saved_at = twin.saved_at if line.saved_at else None  # what is in one of the bags is in the new one
        twin.save(update_fields=["quantity", "saved_at"])
    if other.gift_wrap and not here.gift_wrap:
        here.gift_wrap, here.gift_message, here.hide_prices = True, other.gift_message, other.hide_prices
    here.credit_id = here.credit_id or other.credit_id
    mine = CartVoucher.objects.filter(cart=here).values("voucher")
    CartVoucher.objects.filter(cart=other).exclude(voucher__in=mine).update(cart=here)
    for bag in (other, here):
        stock.free(holder=holder_of(bag.pk))
    other.delete()
    return brought
