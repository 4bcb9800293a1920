"""What is in a bag: lines with today's price, stock and picture, and what is different from last time.

Source: commerce reference 2.19, ux reference 2.4 ("said aloud, never silently").
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F, Prefetch, Sum
from django.db.models.functions import Coalesce

from orders.models import Cart, CartLine
from orders.rules.tokens import hash_token
from shop.models import OptionValue, Product, ProductImage, Variant

BAG_COOKIE = f"{settings.COOKIE_PREFIX}bag"
LIFETIME = timedelta(days=30)


@dataclass(frozen=True)
class BagLine:
    """One line as she sees it now.  `left` is how many can still be sold; `old_price_minor` is set when it changed."""

    line_id: int
    variant: Variant
    product: Product
    quantity: int
    unit_minor: int
    left: int
    on_sale: bool
    old_price_minor: int | None
    picture: ProductImage | None

    @property
    def gross_minor(self) -> int:
        """Return what the line costs today."""
        return self.unit_minor * self.quantity

    @property
    def enough(self) -> bool:
        """Tell whether so many can be bought right now."""
        return self.on_sale and self.quantity <= self.left

    @property
    def making_days(self) -> int:
        """Return the working days it takes to make, 0 from stock."""
        return self.variant.making_days


def bag_of(token: str, *, at: datetime) -> Cart | None:
    """Return the bag a token opens, whether or not it has become an order; None for a stranger.  One query."""
    if not token:
        return None
    living = Cart.objects.filter(token_hash=hash_token(token), touched_at__gt=at - LIFETIME)
    return living.select_related("order").order_by("id").first()


def is_open(cart: Cart) -> bool:
    """Tell whether a bag can still be filled: no order was made of it.  No query after `bag_of`."""
    return not hasattr(cart, "order")


def count_pieces(token: str, *, at: datetime) -> int:
    """Return how many pieces are in an open bag, 0 for a stranger.  One query."""
    lines = CartLine.objects.filter(
        cart__token_hash=hash_token(token), cart__touched_at__gt=at - LIFETIME, cart__order=None
    )
    return int(lines.aggregate(pieces=Coalesce(Sum("quantity"), 0))["pieces"])


def variant_named(variant_id: int) -> Variant | None:
    """Return a variant that is on sale, with its product; None when there is none.  One query."""
    on_sale = Variant.objects.filter(active=True, product__published=True)
    return on_sale.select_related("product").filter(pk=variant_id).order_by("id").first()


def bag_lines(cart: Cart) -> list[BagLine]:
    """Return the lines in the order they were put in.  Four queries whatever their number, one when empty."""
    left = F("stock__on_hand") + F("stock__oversell_limit") - F("stock__allocated")
    variants = (
        Variant.objects.annotate(available=Coalesce(Sum(left), 0))
        .select_related("product")
        .prefetch_related(Prefetch("options", OptionValue.objects.order_by("type__position", "position", "id")))
    )
    lines = list(cart.lines.prefetch_related(Prefetch("variant", variants)).order_by("added_at", "id"))
    pictures = pictures_of(line.variant for line in lines)
    return [_bag_line(line, pictures) for line in lines]


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


def _bag_line(line: CartLine, pictures: dict[int, ProductImage]) -> BagLine:
    variant = line.variant
    changed = line.shown_price_minor != variant.price_minor
    return BagLine(
        line_id=line.pk,
        variant=variant,
        product=variant.product,
        quantity=line.quantity,
        unit_minor=variant.price_minor,
        left=max(int(variant.available), 0),  # type: ignore[attr-defined]
        on_sale=variant.active and variant.product.published,
        old_price_minor=line.shown_price_minor if changed else None,
        picture=pictures.get(variant.pk),
    )
