"""Promotions and their codes: made by staff, put into a bag by the shopper.

A code is shown once, when it is made; only its hash is kept, so that nobody who reads the database can spend one.
Source: commerce reference 2.12; reliability reference T06.
"""

from __future__ import annotations

import secrets
from datetime import datetime

from django.db import transaction
from django.db.models import Sum

from orders.models import Cart, CartVoucher, Order, Promotion, Redemption, Voucher
from orders.operations.basket import BagClosed
from orders.queries.promotions import voucher_of, why_not
from orders.rules.codes import BITS, code_of, plain_code, possible
from orders.rules.promotions import Why
from orders.rules.tokens import hash_token
from shop.models import User
from shop.operations.events import record_event

MOST_AT_ONCE = 5_000
MOST_IN_A_BAG = 5


class UnknownCode(Exception):
    """Nobody made this code."""


class CodeRefused(Exception):
    """The code cannot be used: `why` says why, `voucher` which it is."""

    def __init__(self, voucher: Voucher, why: Why) -> None:
        super().__init__(why)
        self.voucher = voucher
        self.why = why


class TooManyVouchers(Exception):
    """A bag holds no more vouchers than MOST_IN_A_BAG."""


class BatchRefused(Exception):
    """A batch has 1 to MOST_AT_ONCE codes, of a promotion that is opened by vouchers."""


@transaction.atomic
def create_vouchers(
    *, promotion_id: int, how_many: int, max_uses: int, batch: str, by: User, at: datetime
) -> list[str]:
    """Make codes and return them, in the order of their rows; they cannot be read back later.  Raises BatchRefused."""
    promotion = Promotion.objects.select_for_update().get(pk=promotion_id)
    if not 1 <= how_many <= MOST_AT_ONCE or max_uses < 1 or promotion.trigger != Promotion.Trigger.VOUCHER:
        raise BatchRefused
    codes = [code_of(secrets.randbits(BITS)) for _number in range(how_many)]
    Voucher.objects.bulk_create(
        [
            Voucher(
                promotion=promotion,
                code_hash=hash_token(plain_code(code)),
                hint=plain_code(code)[-4:],
                batch=batch[:80],
                max_uses=max_uses,
                made_at=at,
                made_by=by,
            )
            for code in codes
        ],
        batch_size=1000,
    )
    record_event(
        name="orders.vouchers.created",
        subject=f"orders.promotion:{promotion.pk}",
        payload={"promotion_id": promotion.pk, "codes": how_many, "batch": batch[:80]},
        actor=by,
        at=at,
    )
    return codes


@transaction.atomic
def void_voucher(*, voucher_id: int, by: User, at: datetime) -> Voucher:
    """Take a code out of use; orders that used it keep what they got.  Twice changes nothing."""
    voucher = Voucher.objects.select_for_update().get(pk=voucher_id)
    if voucher.void_at is None:
        voucher.void_at = at
        voucher.save(update_fields=["void_at"])
        record_event(name="orders.voucher.voided", subject=f"orders.voucher:{voucher.pk}", actor=by, at=at)
    return voucher


@transaction.atomic
def save_promotion(*, promotion: Promotion, by: User, at: datetime) -> Promotion:
    """Keep what staff entered; orders that used it before keep what they got.

    The counters are taken from the redemptions anew, because they are only kept while there is a limit.
    """
    if promotion.pk:
        Promotion.objects.select_for_update().get(pk=promotion.pk)
        living = Redemption.objects.filter(promotion=promotion, released_at=None)
        promotion.uses = living.count() if promotion.limited else 0
        given = living.aggregate(sum=Sum("saved_minor", default=0))["sum"]
        promotion.spent_minor = given if promotion.limited else 0
    promotion.save()
    record_event(name="orders.promotion.saved", subject=f"orders.promotion:{promotion.pk}", payload={}, actor=by, at=at)
    return promotion


@transaction.atomic
def add_voucher(*, cart_id: int, code: str, at: datetime) -> Voucher:
    """Put a voucher into a bag; the same one again changes nothing.

    One that cannot count yet (a minimum, another promotion that gives more) goes in all the same: the page says why it
    does not count.  Raises UnknownCode, CodeRefused, TooManyVouchers, BagClosed.
    """
    cart = Cart.objects.select_for_update().get(pk=cart_id)
    if Order.objects.filter(cart=cart).exists():
        raise BagClosed
    voucher = voucher_of(code) if possible(plain_code(code)) else None
    if voucher is None:
        raise UnknownCode
    why = why_not(voucher.promotion, voucher, 0, at)
    if why:
        raise CodeRefused(voucher, why)
    lying = CartVoucher.objects.filter(cart=cart)
    if not lying.filter(voucher=voucher).exists():
        if lying.count() >= MOST_IN_A_BAG:
            raise TooManyVouchers
        CartVoucher.objects.create(cart=cart, voucher=voucher, added_at=at)
    Cart.objects.filter(pk=cart.pk).update(touched_at=at)
    return voucher


@transaction.atomic
def remove_voucher(*, cart_id: int, voucher_id: int, at: datetime) -> None:
    """Take a voucher out of a bag; it stays hers.  Raises BagClosed."""
    cart = Cart.objects.select_for_update().get(pk=cart_id)
    if Order.objects.filter(cart=cart).exists():
        raise BagClosed
    CartVoucher.objects.filter(cart=cart, voucher=voucher_id).delete()
    Cart.objects.filter(pk=cart.pk).update(touched_at=at)
