"""Bags and filled-in checkouts."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import uuid4

from django.utils import timezone

from orders.models import Cart, Order, Promotion, Sending, Voucher
from orders.operations.basket import open_bag, put_in_bag
from orders.operations.placing import place_order
from orders.operations.vouchers import create_vouchers
from orders.queries.bag import ordered_lines
from orders.queries.offers import Asked, offer, tax_rates
from orders.queries.promotions import chances_of
from orders.queries.quotes import timetable
from orders.rules.checkout import CheckoutRequest
from orders.rules.guard import Shown
from orders.rules.promotions import customer_key
from shop.models import StockLevel, Variant
from tests.factories.orders import service_level
from tests.factories.shop import StaffFactory, VariantFactory

ANA = CheckoutRequest(
    email="ana@example.com",
    full_name="Ana Costa",
    street="Rua das Flores 12",
    postcode="4050-262",
    city="Porto",
    country="PT",
    service_code="door-pt",
    provider="test_card",
    payment_token="test:pays",
)


def filled_bag(*wanted: tuple[Variant, int], at: datetime) -> tuple[Cart, str]:
    """A bag with the given pieces (one mug unless told) and its token; the ordinary service exists."""
    service_level()
    cart, token = open_bag(at=at)
    for variant, quantity in wanted or ((VariantFactory(), 1),):
        put_in_bag(cart_id=cart.pk, variant_id=variant.pk, quantity=quantity, at=at)
    return cart, token


def shown_to(cart: Cart, request: CheckoutRequest, *, at: datetime) -> Shown:
    """What the checkout page shows for this choice at `at`."""
    table = timetable(request.country, at=at)
    service = table.named(request.service_code)
    assert service is not None
    return offer(
        table=table,
        service=service,
        provider=request.provider,
        lines=ordered_lines(cart, today=timezone.localdate(at)),
        rates=tax_rates(request.country, on=timezone.localdate(at)),
        asked=Asked(
            home_weekdays=request.home_weekdays,
            as_ready=cart.sending == Sending.AS_READY,
            chances=tuple(chances_of(cart, customer_key=customer_key(request.email), at=at)),
        ),
    ).as_shown()


def ordered(*wanted: tuple[Variant, int], at: datetime, **changes: object) -> Order:
    """An order placed through the front door by Ana."""
    cart, _token = filled_bag(*wanted, at=at)
    request = replace(ANA, **changes)  # type: ignore[arg-type]
    return place_order(key=uuid4(), cart_id=cart.pk, request=request, shown=shown_to(cart, request, at=at), at=at)


def voucher(*, at: datetime, max_uses: int = 1, **fields: object) -> tuple[Voucher, str]:
    """A voucher with its code; ten per cent off, together with others, unless told."""
    values = {"name": "Spring thanks", "kind": "percent", "percent_bp": 1000, "combines": True} | fields
    promotion = Promotion.objects.create(**values)
    (code,) = create_vouchers(
        promotion_id=promotion.pk, how_many=1, max_uses=max_uses, batch="tests", by=StaffFactory(), at=at
    )
    return promotion.vouchers.get(), code


def for_everybody(**fields: object) -> Promotion:
    """An automatic promotion; five euros off, together with others, unless told."""
    values = {"name": "Five off", "kind": "amount", "amount_minor": 500, "combines": True, "trigger": "automatic"}
    return Promotion.objects.create(**(values | fields))


def gift_wrap(price_minor: int = 390) -> Variant:
    """The paper and the ribbon."""
    variant = VariantFactory(
        sku="GIFT-WRAP", label="", price_minor=price_minor, product__published=False, product__name="Gift wrap", stock=0
    )
    StockLevel.objects.filter(variant=variant).update(oversell_limit=100, policy="made_to_order")
    return variant
