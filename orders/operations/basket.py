"""The bag: put in, change, take out.  Every change locks the bag's row, so that it cannot race with placement.

Source: commerce reference 2, ux reference 2.4.
"""

from __future__ import annotations

import secrets
from datetime import datetime

from django.db import transaction

from orders.models import Cart, CartLine, Order, OrderDraft, Sending
from orders.queries.bag import LIFETIME, holder_of
from orders.rules.tokens import hash_token
from orders.rules.totals import MAX_QUANTITY
from shop.models import User, Variant
from shop.operations import stock
from shop.queries.listing import sellable_variants

BATCH = 500


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


@transaction.atomic
def open_bag(*, at: datetime, after: Cart | None = None, customer: User | None = None) -> tuple[Cart, str]:
    """Start an empty bag and return it with its token, which cannot be read back later.

    What was saved for later in the bag `after`, of which an order was made, comes along.
    """
    token = secrets.token_urlsafe(24)
    cart = Cart.objects.create(token_hash=hash_token(token), touched_at=at, customer=customer)
    if after is not None:
        CartLine.objects.filter(cart=after, saved_at__isnull=False).update(cart=cart)
    return cart, token


@transaction.atomic
def put_in_bag(*, cart_id: int, variant_id: int, quantity: int, at: datetime) -> CartLine:
    """Add pieces of a variant; pieces of the same one in the bag are counted together.

    Raises NotOnSale, QuantityRefused, NotEnough, BagClosed.
    """
    _lock(cart_id, at)
    variant = _on_sale(cart_id, variant_id)
    line = CartLine.objects.filter(cart_id=cart_id, variant=variant).order_by("id").first()
    wanted = quantity + (line.quantity if line and line.saved_at is None else 0)
    _check(variant, quantity, wanted)
    if line is None:
        line = CartLine(cart_id=cart_id, variant=variant, added_at=at)
    line.quantity, line.shown_price_minor, line.saved_at = wanted, variant.price_minor, None
    line.save()
    return line


@transaction.atomic
def change_quantity(*, cart_id: int, line_id: int, quantity: int, at: datetime) -> CartLine:
    """Set how many pieces of a line she wants; the price of today counts as seen from now on.

    Raises CartLine.DoesNotExist for a line of another bag, NotOnSale, QuantityRefused, NotEnough, BagClosed.
    """
    _lock(cart_id, at)
    line = CartLine.objects.get(pk=line_id, cart_id=cart_id)
    variant = _on_sale(cart_id, line.variant_id)
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


@transaction.atomic
def save_for_later(*, cart_id: int, line_id: int, at: datetime) -> CartLine:
    """Put a line aside: it is not ordered and waits below the bag.

    Raises CartLine.DoesNotExist for a line of another bag, BagClosed.
    """
    _lock(cart_id, at)
    line = CartLine.objects.get(pk=line_id, cart_id=cart_id)
    line.saved_at = at
    line.save(update_fields=["saved_at"])
    return line


@transaction.atomic
def bring_back(*, cart_id: int, line_id: int, at: datetime) -> CartLine:
    """Put a line that was saved for later back into the bag, at the price of today.

    Raises CartLine.DoesNotExist for a line of another bag, NotOnSale, NotEnough, BagClosed.
    """
    _lock(cart_id, at)
    line = CartLine.objects.get(pk=line_id, cart_id=cart_id)
    variant = _on_sale(cart_id, line.variant_id)
    _check(variant, line.quantity, line.quantity)
    line.saved_at, line.shown_price_minor = None, variant.price_minor
    line.save(update_fields=["saved_at", "shown_price_minor"])
    return line


@transaction.atomic
def wrap_as_gift(*, cart_id: int, wrap: bool, message: str, hide_prices: bool, at: datetime) -> Cart:
    """Note how the parcel is to be given: wrapped, with a card, without prices.  Raises BagClosed."""
    _lock(cart_id, at)
    cart = Cart.objects.get(pk=cart_id)
    cart.gift_wrap, cart.gift_message, cart.hide_prices = wrap, message, hide_prices
    cart.save(update_fields=["gift_wrap", "gift_message", "hide_prices"])
    return cart


@transaction.atomic
def choose_sending(*, cart_id: int, sending: Sending, at: datetime) -> Cart:
    """Note whether everything is sent together or each piece when it is ready.  Raises BagClosed."""
    _lock(cart_id, at)
    cart = Cart.objects.get(pk=cart_id)
    cart.sending = sending
    cart.save(update_fields=["sending"])
    return cart


def _lock(cart_id: int, at: datetime) -> None:
    cart = Cart.objects.select_for_update().get(pk=cart_id)
    if Order.objects.filter(cart=cart).exists():
        raise BagClosed
    Cart.objects.filter(pk=cart.pk).update(touched_at=at)
    stock.free(holder=holder_of(cart.pk))  # another bag than the one the checkout held; the next start holds it anew


def _on_sale(cart_id: int, variant_id: int) -> Variant:
    on_sale = sellable_variants(holder=holder_of(cart_id)).filter(pk=variant_id, product__published=True)
    found = on_sale.select_related("product").first()
    if found is None:
        raise NotOnSale
    return found


def _check(variant: Variant, quantity: int, wanted: int) -> None:
    if quantity < 1 or wanted > MAX_QUANTITY:
        raise QuantityRefused
    left = max(int(variant.available), 0)  # type: ignore[attr-defined]
    if wanted > left:
        raise NotEnough(variant, left)


@transaction.atomic
def forget_bags(at: datetime) -> int:
    """Delete bags nobody has used for as long as their cookie lives, at most one batch; return how many.

    What became an order is kept by the order.  A bag whose order is still being paid, or that staff hold for somebody,
    stays, and so does one that is in somebody's hands at this moment.
    """
    old = Cart.objects.filter(touched_at__lt=at - LIFETIME)
    old = old.exclude(order__status=Order.Status.PLACING).exclude(draft__state=OrderDraft.State.OPEN)
    ids = list(old.order_by("touched_at", "id").values_list("pk", flat=True)[:BATCH])
    mine = Cart.objects.select_for_update(skip_locked=True).filter(pk__in=ids, touched_at__lt=at - LIFETIME)
    gone = list(mine.order_by("id").values_list("pk", flat=True))
    Cart.objects.filter(pk__in=gone).delete()
    return len(gone)
