"""Use promotions in an order and give them back; every limit is settled by a guarded UPDATE or a constraint.

Two shoppers on the last use: one order, one page that says so.  Promotions and vouchers are locked after stock and
before payments, in the order of their ids.  Source: reliability reference T06.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F, Q

from orders.models import Order, Promotion, Redemption, Voucher
from orders.rules.given import Given
from orders.rules.promotions import Applied, Outcome


class PromotionGone(Exception):
    """Somebody else used the last of it meanwhile, or she has used hers; `name` says which.  Nothing was written."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def redeem(*, order: Order, outcome: Outcome, customer_key: str, at: datetime) -> list[Redemption]:
    """Use what counts for an order, in the order's transaction.  Raises PromotionGone."""
    return [_redeem(order, one, customer_key, at) for one in outcome.applied]


def _redeem(order: Order, one: Applied, customer_key: str, at: datetime) -> Redemption:
    chance = one.chance
    promotion = Promotion.objects.get(pk=chance.promotion_id)
    if promotion.limited and not count_use(promotion_id=promotion.pk, saved_minor=one.saved_minor):
        raise PromotionGone(promotion.name)
    if chance.voucher_id and not use_voucher(voucher_id=chance.voucher_id):
        raise PromotionGone(promotion.name)
    row = Redemption(
        promotion=promotion,
        voucher_id=chance.voucher_id,
        order=order,
        name=promotion.name,
        saved_minor=one.saved_minor,
        kind=promotion.kind,
        percent_bp=promotion.percent_bp,
        amount_minor=promotion.amount_minor,
        minimum_minor=promotion.minimum_minor,
        gift_id=chance.gift_variant_id,
        customer_key=customer_key,
        turn=_turn(promotion, customer_key),
        made_at=at,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:  # the constraint decides between two orders of one address at the same moment
        raise PromotionGone(promotion.name) from None
    return row


def count_use(*, promotion_id: int, saved_minor: int) -> bool:
    """Take one use and so much of the budget, in one guarded statement; tell whether both were there."""
    uses_left = Q(uses_limit=None) | Q(uses__lt=F("uses_limit"))
    budget_left = Q(budget_minor=None) | Q(spent_minor__lte=F("budget_minor") - saved_minor)
    left = Promotion.objects.filter(uses_left, budget_left, pk=promotion_id, active=True)
    return left.update(uses=F("uses") + 1, spent_minor=F("spent_minor") + saved_minor) == 1


def use_voucher(*, voucher_id: int) -> bool:
    """Take one use of a voucher, in one guarded statement; tell whether it was there."""
    left = Voucher.objects.filter(pk=voucher_id, uses__lt=F("max_uses"), void_at=None)
    return left.update(uses=F("uses") + 1) == 1


def _turn(promotion: Promotion, customer_key: str) -> int | None:
    """Return the first free turn of an address, None where there is no limit.  Raises PromotionGone."""
    if promotion.uses_per_customer is None:
        return None
    mine = Redemption.objects.filter(promotion=promotion, customer_key=customer_key, released_at=None)
    taken = set(mine.values_list("turn", flat=True))
    free = next((turn for turn in range(1, promotion.uses_per_customer + 1) if turn not in taken), None)
    if free is None:
        raise PromotionGone(promotion.name)
    return free


def give_back_promotions(order: Order, *, at: datetime) -> None:
    """Give back what an order used: it was declined or cancelled.  The order must be locked; twice changes nothing."""
    rows = Redemption.objects.filter(order=order, released_at=None).select_related("promotion")
    for row in rows.order_by("promotion_id", "id"):
        _give_back(row, at)


def give_otherwise(order: Order, given: Sequence[Given], *, at: datetime) -> None:
    """Write what the promotions of a changed order give now; what falls away is given back.

    The order must be locked.  Raises PromotionGone when somebody else used the rest of a budget meanwhile.
    """
    differs = {one.used.redemption_id: one for one in given if one.differs}
    rows = Redemption.objects.filter(order=order, released_at=None, pk__in=differs).select_related("promotion")
    for row in rows.order_by("promotion_id", "id"):
        if differs[row.pk].falls:
            _give_back(row, at)
            Redemption.objects.filter(pk=row.pk).update(saved_minor=0)  # nothing is taken off for it any more
            continue
        saved_minor = differs[row.pk].saved_minor
        if row.promotion.limited and not _count_more(row, saved_minor - row.saved_minor):
            raise PromotionGone(row.name)
        Redemption.objects.filter(pk=row.pk).update(saved_minor=saved_minor)


def _count_more(row: Redemption, more_minor: int) -> bool:
    """Take so much more of a budget, or give some of it back, in one guarded statement; tell whether it was there."""
    fits = Q(budget_minor=None) | Q(spent_minor__lte=F("budget_minor") - more_minor)
    mine = Promotion.objects.filter(fits, pk=row.promotion_id, spent_minor__gte=-more_minor)
    return mine.update(spent_minor=F("spent_minor") + more_minor) == 1


def _give_back(row: Redemption, at: datetime) -> None:
    if row.promotion.limited:
        Promotion.objects.filter(pk=row.promotion_id, uses__gte=1, spent_minor__gte=row.saved_minor).update(
            uses=F("uses") - 1, spent_minor=F("spent_minor") - row.saved_minor
        )
    if row.voucher_id:
        Voucher.objects.filter(pk=row.voucher_id, uses__gte=1).update(uses=F("uses") - 1)
    Redemption.objects.filter(pk=row.pk).update(released_at=at)
