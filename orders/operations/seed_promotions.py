"""Lay the demo shop's promotions, the gift wrap, an arrival, and a voucher to try."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from orders.models import CreditCode, Promotion, Voucher
from orders.operations.credit import give_credit
from orders.rules.codes import plain_code
from orders.rules.tokens import hash_token
from shop.models import Category, Product, StockArrival, StockLevel, StockLocation, User, Variant
from shop.operations.arrivals import announce_arrival
from shop.operations.seed_shopper import EMAIL
from shop.operations.stock import sell_ahead

# The demo's own code stands in its mailbox and in the terminal; a real shop makes random ones.
DEMO_CODE = "DEM0-SPRN-G000-0001"
DEMO_CREDIT, DEMO_CREDIT_OF = "DEMO-CRED-ITTO-TRYY", "lea@example.com"  # of a guest: whoever types it may spend it
WRAPS = 1_000  # as many as anybody orders: paper is cut when it is needed


@transaction.atomic
def seed_promotions(at: datetime) -> str:
    """Add what is missing; what people changed stays."""
    _seed_wrap()
    _seed_arrival(at)
    _seed_ahead(at)
    spring, _new = Promotion.objects.get_or_create(
        name="Spring thanks",
        defaults={"kind": Promotion.Kind.PERCENT, "percent_bp": 1000, "combines": True, "uses_per_customer": 3},
    )
    Promotion.objects.get_or_create(
        name="Ten off from 100",
        defaults={
            "kind": Promotion.Kind.AMOUNT,
            "trigger": Promotion.Trigger.AUTOMATIC,
            "amount_minor": 1000,
            "minimum_minor": 10_000,
            "combines": True,
        },
    )
    Voucher.objects.get_or_create(
        code_hash=hash_token(plain_code(DEMO_CODE)),
        defaults={
            "promotion": spring,
            "hint": plain_code(DEMO_CODE)[-4:],
            "batch": "demo",
            "max_uses": 1_000,
            "made_at": at,
        },
    )
    _seed_credit(at)
    return f"{Promotion.objects.count()} promotions; to try: voucher {DEMO_CODE}, store credit {DEMO_CREDIT}"


def _seed_credit(at: datetime) -> None:
    """Give the demo's shopper something to spend, and a guest something that a code opens."""
    if User.objects.filter(email=EMAIL).exists():
        give_credit(
            email=EMAIL,
            amount_minor=1500,
            currency=settings.SHOP_CURRENCY,
            reason="For the parcel that came a day late.",
            key="demo",
            by=None,
            at=at,
        )

    gift = give_credit(
        email=DEMO_CREDIT_OF,
        amount_minor=2000,
        currency=settings.SHOP_CURRENCY,
        reason="For the cup that came with a chip.",
        key="demo-guest",
        by=None,
        at=at,
    )
    CreditCode.objects.get_or_create(
        code_hash=hash_token(DEMO_CREDIT), defaults={"account": gift.account, "issued_at": at}
    )


def _seed_wrap() -> None:
    """Lay the gift wrap: an article nobody finds on a shelf of the shop, with a price staff may change."""
    category, location = Category.objects.order_by("id").first(), StockLocation.objects.order_by("id").first()
    if category is None or location is None:
        return
    product, _new = Product.objects.get_or_create(
        slug="gift-wrap", defaults={"name": "Gift wrap", "category": category, "published": False}
    )
    variant, _new = Variant.objects.get_or_create(
        sku=settings.GIFT_WRAP_SKU, defaults={"product": product, "price_minor": 390}
    )
    StockLevel.objects.get_or_create(
        variant=variant,
        location=location,
        defaults={"oversell_limit": WRAPS, "policy": StockLevel.Policy.MADE_TO_ORDER},
    )


AHEAD = (("STRIPED-CUSHION-INDIGO", 8, 10, False), ("ODD-PAIR-SOCKS-45-47", 20, 24, True))


def _seed_ahead(at: datetime) -> None:
    """Sell one article while it is on its way and one before it first comes in: (article, pieces, days, preorder)."""
    staff = User.objects.filter(is_staff=True).order_by("id").first()
    for sku, pieces, days, preorder in AHEAD:
        level = StockLevel.objects.filter(variant__sku=sku, policy=StockLevel.Policy.DENY, on_hand=0).first()
        if level is None or staff is None:
            continue
        expected_on = (at + timedelta(days=days)).date()
        announce_arrival(
            level_id=level.pk, pieces=pieces, expected_on=expected_on, source="production", note="", by=None, at=at
        )
        sell_ahead(level_id=level.pk, preorder=preorder, most=None, by=staff, at=at)


def _seed_arrival(at: datetime) -> None:
    """Expect the next pieces of the first shelf that is empty."""
    empty = StockLevel.objects.filter(policy=StockLevel.Policy.DENY, on_hand=0, variant__product__published=True)
    level = empty.order_by("id").first()
    if level is not None and not StockArrival.objects.exists():
        announce_arrival(
            level_id=level.pk,
            pieces=12,
            expected_on=(at + timedelta(days=12)).date(),
            source=StockArrival.Source.PRODUCTION,
            note="The next ones are being sewn.",
            by=None,
            at=at,
        )
