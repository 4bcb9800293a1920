"""What is in a bag: lines with today's price, stock and picture, and what is different from last time.

Source: commerce reference 2.19, ux reference 2.4 ("said aloud, never silently").
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache

from django.conf import settings
from django.db.models import Prefetch, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from orders.models import Cart, CartLine
from orders.rules.agreed import AgreedDelivery, held_price
from orders.rules.bag import Form, Ready
from orders.rules.tokens import hash_token
from shop.models import OptionValue, Product, ProductImage, User, Variant
from shop.queries.listing import SIZE
from shop.queries.stock import NOBODY_STOCKS, Shelf, pieces_left, shelves_of
from shop.rules.goods import NotComing

BAG_COOKIE = f"{settings.COOKIE_PREFIX}bag"
LIFETIME = timedelta(days=30)
_IN_SHOP_ORDER = ("type__position", "position", "id")


@dataclass(frozen=True)
class BagLine:
    """One line as she sees it now.  `left` is how many can still be sold; `old_price_minor` is set when it changed.

    `goods_on` is the day its goods come in, when so many do not lie on the shelf; `sells_ahead` tells that the article
    is one that may be sold before it is there.  `wraps` marks the gift wrap, which no promotion and no limit counts.
    """

    line_id: int
    variant: Variant
    product: Product
    quantity: int
    unit_minor: int
    left: int
    on_sale: bool
    old_price_minor: int | None
    picture: ProductImage | None
    wraps: bool = False
    goods_on: date | None = None
    sells_ahead: bool = False

    @property
    def gross_minor(self) -> int:
        """Return what the line costs today."""
        return self.unit_minor * self.quantity

    @property
    def enough(self) -> bool:
        """Tell whether so many can be bought right now."""
        return self.on_sale and self.quantity <= self.left

    @property
    def form(self) -> Form:
        """Return what matters to find two sizes of one thing.  No query after `bag_lines`."""
        options = list(self.variant.options.all())
        size = next((option.label for option in options if option.type.code == SIZE), "")
        return Form(self.product.pk, size, frozenset(o.pk for o in options if o.type.code != SIZE))

    @property
    def making_days(self) -> int:
        """Return the working days it takes to make, 0 from stock."""
        return self.variant.making_days

    @property
    def ready(self) -> Ready:
        """Return what has to happen before it can be packed."""
        return Ready(self.making_days, self.goods_on)


def bag_of(token: str, *, at: datetime, customer: User | None = None) -> Cart | None:
    """Return the bag a token opens, whether or not it has become an order; None for a stranger.

    Somebody who is logged in has the bag she filled elsewhere when this device has none; another customer's bag on
    the same device is not hers.  One query, two for somebody who is logged in and has no bag here.
    """
    living = Cart.objects.filter(touched_at__gt=at - LIFETIME).select_related("order")
    cart = living.filter(token_hash=hash_token(token)).order_by("id").first() if token else None
    if customer is None or (cart is not None and cart.customer_id in {None, customer.pk} and is_open(cart)):
        return cart
    elsewhere = living.filter(customer=customer, order=None).order_by("-touched_at", "-id").first()
    return elsewhere or (cart if cart is not None and cart.customer_id in {None, customer.pk} else None)


def holder_of(cart_id: int) -> str:
    """Return the name under which a bag holds pieces while its owner is at the checkout."""
    return f"orders.cart:{cart_id}"


def became(token: str, *, order_id: int) -> bool:
    """Tell whether the bag a token opens has become this order.  One query; none without a token."""
    return bool(token) and Cart.objects.filter(token_hash=hash_token(token), order=order_id).exists()


def is_open(cart: Cart) -> bool:
    """Tell whether a bag can still be filled: no order was made of it.  No query after `bag_of`."""
    return not hasattr(cart, "order")


def count_pieces(token: str, *, at: datetime) -> int:
    """Return how many pieces are in an open bag, 0 for a stranger.  One query."""
    lines = CartLine.objects.filter(
        cart__token_hash=hash_token(token), cart__touched_at__gt=at - LIFETIME, cart__order=None, saved_at=None
    )
    return int(lines.aggregate(pieces=Coalesce(Sum("quantity"), 0))["pieces"])


def variant_named(variant_id: int) -> Variant | None:
    """Return a variant that is on sale, with its product; None when there is none.  One query."""
    on_sale = Variant.objects.filter(active=True, product__published=True)
    return on_sale.select_related("product").filter(pk=variant_id).order_by("id").first()


def count_of(cart: Cart) -> int:
    """Return how many pieces are in one bag.  One query."""
    return int(cart.lines.filter(saved_at=None).aggregate(pieces=Coalesce(Sum("quantity"), 0))["pieces"])


def bag_lines(cart: Cart, *, today: date | None = None) -> list[BagLine]:
    """Return the lines in the order they were put in.  Four queries whatever their number, one when empty.

    One more where pieces are sold before they are there.
    """
    return _lines(cart, saved=False, today=today)


def saved_lines(cart: Cart) -> list[BagLine]:
    """Return what was saved for later, in the order it was put in.  Four queries, one when there is nothing."""
    return _lines(cart, saved=True, today=None)


def _lines(cart: Cart, *, saved: bool, today: date | None) -> list[BagLine]:
    lines = list(_lying().filter(cart=cart, saved_at__isnull=not saved))
    variants = [line.variant_id for line in lines]
    shelves = shelves_of(variants, today=today or timezone.localdate(), holder=holder_of(cart.pk)) if lines else {}
    pictures = pictures_of(line.variant for line in lines)
    return [_bag_line(line, shelves.get(line.variant_id, NOBODY_STOCKS), pictures) for line in lines]


@cache
def _lying() -> QuerySet[CartLine]:
    """Return lines in the order they were put in, not read yet: composing the question costs as much as asking it."""
    options = OptionValue.objects.select_related("type").order_by(*_IN_SHOP_ORDER)
    rows = CartLine.objects.select_related("variant__product").prefetch_related(Prefetch("variant__options", options))
    return rows.order_by("added_at", "id")


def wrap_line() -> BagLine | None:
    """Return the gift wrap as a line of a bag; None when the shop has none.  One query.

    It is an article like any other (setting GIFT_WRAP_SKU): with a price, a tax class and a shelf.
    """
    variants = Variant.objects.filter(sku=settings.GIFT_WRAP_SKU, active=True).annotate(available=pieces_left())
    variant = variants.select_related("product").order_by("id").first()
    if variant is None:
        return None
    left = max(int(variant.available), 0)
    return BagLine(0, variant, variant.product, 1, variant.price_minor, left, True, None, None, wraps=True)


def ordered_lines(cart: Cart, *, today: date | None = None) -> list[BagLine]:
    """Return what is ordered with a bag: its lines, and the gift wrap when it was asked for."""
    lines = bag_lines(cart, today=today)
    wrap = wrap_line() if lines and cart.gift_wrap else None
    return [*lines, wrap] if wrap else lines


def agreed_delivery(cart: Cart) -> AgreedDelivery | None:
    """Return what was agreed on the phone for a delivery; None for the bags shoppers fill.  No query."""
    if cart.agreed_delivery_minor is None:
        return None
    return AgreedDelivery(cart.agreed_choice, cart.agreed_delivery_minor, cart.agreed_hours_minor or 0)


def pictures_of(variants: Iterable[Variant]) -> dict[int, ProductImage]:
    """Return the picture that shows each variant best: its own colour first, else the product's first.  One query.

    The variants' options must be prefetched.
    """
    known = list(variants)
    images: dict[int, list[ProductImage]] = {}
    if known:
        rows = ProductImage.objects.filter(product_id__in={variant.product_id for variant in known})
        for image in rows.order_by("position", "id"):
            images.setdefault(image.product_id, []).append(image)
    found = {}
    for variant in known:
        options = {value.pk for value in variant.options.all()}
        own = [image for image in images.get(variant.product_id, []) if image.option_id in options]
        for image in [*own, *images.get(variant.product_id, [])][:1]:
            found[variant.pk] = image
    return found


def _bag_line(line: CartLine, shelf: Shelf, pictures: dict[int, ProductImage]) -> BagLine:
    variant = line.variant
    unit_minor = held_price(agreed_minor=line.agreed_minor, today_minor=variant.price_minor)
    changed = line.shown_price_minor != unit_minor
    return BagLine(
        line_id=line.pk,
        variant=variant,
        product=variant.product,
        quantity=line.quantity,
        unit_minor=unit_minor,
        left=shelf.can_be_had,
        on_sale=variant.active and variant.product.published,
        old_price_minor=line.shown_price_minor if changed else None,
        picture=pictures.get(variant.pk),
        goods_on=_goods_on(shelf, line.quantity),
        sells_ahead=shelf.sells_ahead,
    )


def _goods_on(shelf: Shelf, pieces: int) -> date | None:
    """Return the day its goods come in; what is not coming is said by `left`."""
    try:
        return shelf.goods_on(pieces)
    except NotComing:
        return None
