"""Which promotions a bag might use, as plain values for the rule.  Source: commerce reference 2.12."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Count, F, Q, QuerySet, Sum

from orders.models import Cart, Order, Promotion, Redemption, Voucher
from orders.rules.codes import plain_code
from orders.rules.given import Used
from orders.rules.promotions import Chance, Kind, Why
from orders.rules.tokens import hash_token
from shop.models import Variant
from shop.queries.stock import pieces_left


def voucher_of(code: str) -> Voucher | None:
    """Return the voucher a typed code names, None when nobody made it.  One query."""
    found = Voucher.objects.filter(code_hash=hash_token(plain_code(code)))
    return found.select_related("promotion").order_by("id").first()


def chances_of(cart: Cart, *, customer_key: str, at: datetime) -> list[Chance]:
    """Return every promotion the bag might use: those for everybody, and those of the vouchers in it.

    `customer_key` counts what one e-mail address has used; empty while it is not known.  Two queries, one more for
    gifts and one for uses by address where there is such a promotion.
    """
    running = Q(starts_at=None) | Q(starts_at__lte=at)
    running &= Q(ends_at=None) | Q(ends_at__gt=at)
    everybody = Promotion.objects.filter(running, trigger=Promotion.Trigger.AUTOMATIC, active=True).order_by("id")
    lying = Voucher.objects.filter(pk__in=cart.cart_vouchers.values("voucher")).select_related("promotion")
    pairs: list[tuple[Promotion, Voucher | None]] = [(row, None) for row in everybody]
    pairs += [(voucher.promotion, voucher) for voucher in lying.order_by("id")]
    gifts = _gifts([promotion.gift_id for promotion, _voucher in pairs if promotion.gift_id])
    used = _used_by(customer_key, [p.pk for p, _voucher in pairs if p.uses_per_customer is not None])
    return [_chance(promotion, voucher, gifts, used, at) for promotion, voucher in pairs]


def _chance(
    promotion: Promotion, voucher: Voucher | None, gifts: dict[int, Variant], used: dict[int, int], at: datetime
) -> Chance:
    gift = gifts.get(promotion.gift_id or 0)
    budget = promotion.budget_minor
    return Chance(
        promotion_id=promotion.pk,
        name=promotion.name,
        kind=Kind(promotion.kind),
        combines=promotion.combines,
        percent_bp=promotion.percent_bp or 0,
        amount_minor=promotion.amount_minor or 0,
        gift_variant_id=promotion.gift_id if promotion.kind == Promotion.Kind.GIFT else None,
        worth_minor=gift.price_minor if gift else 0,
        gift_there=gift is not None and gift.available > 0,  # type: ignore[attr-defined]  # annotated
        minimum_minor=promotion.minimum_minor,
        budget_left_minor=None if budget is None else budget - promotion.spent_minor,
        voucher_id=voucher.pk if voucher else None,
        refused=why_not(promotion, voucher, used.get(promotion.pk, 0), at),
    )


def why_not(promotion: Promotion, voucher: Voucher | None, used_by_her: int, at: datetime) -> Why | None:
    """Return why a promotion cannot be used whatever is in the bag; None when it can."""
    if not promotion.active or (voucher and voucher.void_at):
        return Why.VOID
    if promotion.ends_at and promotion.ends_at <= at:
        return Why.ENDED
    if promotion.starts_at and promotion.starts_at > at:
        return Why.NOT_YET
    if promotion.uses_per_customer is not None and used_by_her >= promotion.uses_per_customer:
        return Why.USED_BY_HER
    over_limit = promotion.uses_limit is not None and promotion.uses >= promotion.uses_limit
    return Why.USED_UP if over_limit or (voucher and voucher.uses >= voucher.max_uses) else None


def used_by(order: Order) -> list[Used]:
    """Return the promotions an order uses, on the terms it used them.  One query."""
    rows = Redemption.objects.filter(order=order, released_at=None).select_related("promotion").order_by("id")
    return [_used(row) for row in rows]


def _used(row: Redemption) -> Used:
    terms = row if row.kind else row.promotion  # written by a release that kept no terms, while this one began
    budget = row.promotion.budget_minor
    return Used(
        redemption_id=row.pk,
        name=row.name,
        kind=Kind(terms.kind),
        saved_minor=row.saved_minor,
        percent_bp=terms.percent_bp or 0,
        amount_minor=terms.amount_minor or 0,
        minimum_minor=terms.minimum_minor,
        gift_variant_id=terms.gift_id if terms.kind == Kind.GIFT else None,
        budget_left_minor=None if budget is None else max(budget - row.promotion.spent_minor, 0),
        by_voucher=row.voucher_id is not None,
    )


def _gifts(variant_ids: Iterable[int]) -> dict[int, Variant]:
    wanted = set(variant_ids)
    if not wanted:
        return {}
    rows = Variant.objects.filter(active=True, pk__in=wanted).annotate(available=pieces_left())
    return {row.pk: row for row in rows.order_by("id")}


def _used_by(customer_key: str, promotion_ids: list[int]) -> dict[int, int]:
    if not (customer_key and promotion_ids):
        return {}
    mine = Redemption.objects.filter(promotion__in=promotion_ids, customer_key=customer_key, released_at=None)
    rows = mine.values("promotion").annotate(times=Count("id")).order_by("promotion")
    return {row["promotion"]: row["times"] for row in rows}


def usage() -> QuerySet[Promotion]:
    """Return every promotion with what was made of it: codes, orders, money given, goods of those orders."""
    living = Q(redemptions__released_at=None)
    rows = Promotion.objects.annotate(
        orders=Count("redemptions", filter=living),
        taken_back=Count("redemptions", filter=Q(redemptions__released_at__isnull=False)),
        given_minor=Sum("redemptions__saved_minor", filter=living, default=0),
        goods_minor=Sum(F("redemptions__order__goods_minor"), filter=living, default=0),
    )
    return rows.order_by("-active", "id")


def codes_of(promotion_ids: Iterable[int]) -> dict[int, dict[str, int]]:
    """Return how many codes each promotion has, and how many are used up and void.  One query."""
    rows = Voucher.objects.filter(promotion__in=list(promotion_ids)).values("promotion")
    sums = rows.annotate(
        made=Count("id"),
        used=Count("id", filter=Q(uses__gt=0)),
        void=Count("id", filter=Q(void_at__isnull=False)),
    )
    return {
        row["promotion"]: {name: row[name] for name in ("made", "used", "void")} for row in sums.order_by("promotion")
    }
