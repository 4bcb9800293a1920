"""The wish list: keep a piece, take it off, move it into the bag.

Source: commerce reference 1.16.
"""

from __future__ import annotations

import secrets
from datetime import datetime

from django.db import transaction

from orders.models import CartLine, Wishlist, WishlistLine
from orders.operations.basket import NotOnSale, put_in_bag
from orders.queries.wishlist import LIFETIME
from orders.rules.tokens import hash_token
from shop.models import Product, User, Variant

BATCH = 500
MOST = 100  # pieces on one list; whoever has more finds none of them again


class ListFull(Exception):
    """The list holds as many pieces as it can."""


@transaction.atomic
def open_wishlist(*, token: str, customer: User | None, at: datetime) -> tuple[Wishlist, str]:
    """Return the list to write to, and the token a guest's browser has to keep (empty for an account).

    What a guest kept on this device comes along when she has signed in; another account's list is never opened by it.
    """
    guests = Wishlist.objects.select_for_update().filter(token_hash=hash_token(token)) if token else None
    here = guests.order_by("id").first() if guests is not None else None
    if customer is None:
        if here is None:
            token = secrets.token_urlsafe(24)
            here = Wishlist.objects.create(token_hash=hash_token(token), touched_at=at)
        return here, token
    hers, _new = Wishlist.objects.get_or_create(customer=customer, defaults={"touched_at": at})
    if here is not None:
        _pour(here, hers)
    return hers, ""


def _pour(here: Wishlist, hers: Wishlist) -> None:
    """Put everything of a guest's list into an account's; what stands there already is not doubled."""
    known = set(hers.lines.values_list("product_id", "variant_id"))
    for line in here.lines.order_by("id"):
        if (line.product_id, line.variant_id) not in known:
            line.wishlist = hers
            line.save(update_fields=["wishlist"])
    here.delete()


@transaction.atomic
def keep_piece(*, wishlist_id: int, slug: str, variant_id: int | None, at: datetime) -> WishlistLine:
    """Put a piece on the list, once.  Raises NotOnSale for what nobody can buy, ListFull."""
    wishlist = Wishlist.objects.select_for_update().get(pk=wishlist_id)
    product = Product.objects.on_sale().filter(slug=slug).order_by("id").first()
    if product is None:
        raise NotOnSale
    if variant_id and not Variant.objects.filter(pk=variant_id, product=product, active=True).exists():
        raise NotOnSale
    known = wishlist.lines.filter(product=product, variant=variant_id or None).order_by("id").first()
    if known is None and wishlist.lines.count() >= MOST:
        raise ListFull
    Wishlist.objects.filter(pk=wishlist.pk).update(touched_at=at)
    return known or WishlistLine.objects.create(
        wishlist=wishlist, product=product, variant_id=variant_id or None, added_at=at
    )


@transaction.atomic
def take_off(*, line_id: int, wishlist_ids: list[int]) -> WishlistLine:
    """Remove a piece and return what it was.  Raises WishlistLine.DoesNotExist for a line of another list."""
    line = WishlistLine.objects.select_related("product").get(pk=line_id, wishlist__in=wishlist_ids)
    WishlistLine.objects.filter(pk=line.pk).delete()
    return line


@transaction.atomic
def move_to_bag(*, line_id: int, wishlist_ids: list[int], cart_id: int, at: datetime) -> CartLine:
    """Put one piece of a line into the bag and take it off the list, both or neither.

    Raises WishlistLine.DoesNotExist for a line of another list or without size, and what put_in_bag raises.
    """
    line = WishlistLine.objects.get(pk=line_id, wishlist__in=wishlist_ids, variant__isnull=False)
    bought = put_in_bag(cart_id=cart_id, variant_id=line.variant_id or 0, quantity=1, at=at)
    WishlistLine.objects.filter(pk=line.pk).delete()
    return bought


def forget_wishlists(at: datetime) -> int:
    """Delete guests' lists whose cookie has run out, at most one batch; return how many."""
    old = Wishlist.objects.filter(customer=None, touched_at__lt=at - LIFETIME).order_by("touched_at", "id")
    ids = list(old.values_list("pk", flat=True)[:BATCH])
    Wishlist.objects.filter(pk__in=ids).delete()
    return len(ids)
