"""The bag: put in, change, take out.  Every change locks the bag's row, so that it cannot race with placement.

Source: commerce reference 2, ux reference 2.4.
"""

from __future__ import annotations

import secrets
from datetime import datetime

from django.db import transaction

from orders.models import Cart, CartLine, Order
from orders.rules.tokens import hash_token
from orders.rules.totals import MAX_QUANTITY
from shop.models import Variant
from shop.queries.listing import sellable_variants


class NotOnSale(Exception):
    """There is no such thing to buy (any more)."""


class QuantityRefused(Exception):
    """No shopper takes that many: `most` is what one bag may hold of one thing."""

    def __init__(self, most: int = MAX_QUANTITY) -> None:
        super().__init__(str(most))
        self.most = most


class NotEnough(Exception):
    """So many are not there: `left` is what can still be sold, `variant` of which."""

    def __init__(self, variant: Variant, left: int) -> None:
        super().__init__(f"{variant.sku}: {left}")
        self.variant = variant
        self.left = left


class BagClosed(Exception):
    """The bag has become an order while it was looked at."""


def open_bag(*, at: datetime) -> tuple[Cart, str]:
    """Start an empty bag and return it with its token, which cannot be read back later."""
    token = secrets.token_urlsafe(24)
    return Cart.objects.create(token_hash=hash_token(token), touched_at=at), token


@transaction.atomic
def put_in_bag(*, cart_id: int, variant_id: int, quantity: int, at: datetime) -> CartLine:
    """Add pieces of a variant; pieces of the same one in the bag are counted together.

    Raises NotOnSale, QuantityRefused, NotEnough, BagClosed.
    """
    _lock(cart_id, at)
    variant = _on_sale(variant_id)
    line = CartLine.objects.filter(cart_id=cart_id, variant=variant).order_by("id").first()
    wanted = quantity + (line.quantity if line else 0)
    _check(variant, quantity, wanted)
    if line is None:
        line = CartLine(cart_id=cart_id, variant=variant, added_at=at)
    line.quantity, line.shown_price_minor = wanted, variant.price_minor
    line.save()
    return line


@transaction.atomic
def change_quantity(*, cart_id: int, line_id: int, quantity: int, at: datetime) -> CartLine:
    """Set how many pieces of a line she wants; the price of today counts as seen from now on.

    Raises CartLine.DoesNotExist for a line of another bag, NotOnSale, QuantityRefused, NotEnough, BagClosed.
    """
    _lock(cart_id, at)
    line = CartLine.objects.get(pk=line_id, cart_id=cart_id)
    variant = _on_sale(line.variant_id)
    _check(variant, quantity, quantity)
    line.quantity, line.shown_price_minor = quantity, variant.price_minor
    line.save(update_fields=["quantity", "shown_price_minor"])
    return line


@transaction.atomic
def take_out(*, cart_id: int, line_id: int, at: datetime) -> CartLine:
    """Remove a line and return what it was, so that it can be put back.

    Raises CartLine.DoesNotExist for a line of another bag, BagClosed.
    """
    _lock(cart_id, at)
    line = CartLine.objects.get(pk=line_id, cart_id=cart_id)
    CartLine.objects.filter(pk=line.pk).delete()
    return line


def _lock(cart_id: int, at: datetime) -> None:
    cart = Cart.objects.select_for_update().get(pk=cart_id)
    if Order.objects.filter(cart=cart).exists():
        raise BagClosed
    Cart.objects.filter(pk=cart.pk).update(touched_at=at)


def _on_sale(variant_id: int) -> Variant:
    found = sellable_variants().filter(pk=variant_id, product__published=True).select_related("product").first()
    if found is None:
        raise NotOnSale
    return found


def _check(variant: Variant, quantity: int, wanted: int) -> None:
    if quantity < 1 or wanted > MAX_QUANTITY:
        raise QuantityRefused
    left = max(int(variant.available), 0)  # type: ignore[attr-defined]
    if wanted > left:
        raise NotEnough(variant, left)
