"""What is on a wish list, with today's price and stock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.conf import settings

from orders.models import Wishlist, WishlistLine
from orders.rules.tokens import hash_token
from shop.models import ProductImage, User, Variant
from shop.queries.listing import SIZE, Card, Option, cards_of, options_of, sellable_variants
from shop.rules.availability import Availability, availability
from shop.rules.money import Money

WISHLIST_COOKIE = f"{settings.COOKIE_PREFIX}wishlist"
LIFETIME = timedelta(days=365)


@dataclass(frozen=True)
class Wished:
    """One line as she sees it.  `card` is None when the piece is no longer on sale.

    `form` says size and colour in words, empty while none is chosen; `address` is its page with the colour chosen.
    """

    line_id: int
    name: str
    slug: str
    card: Card | None
    variant_id: int | None
    form: str
    picture: str
    alt: str
    price: Money | None
    state: Availability | None
    address: str

    @property
    def can_be_bought(self) -> bool:
        """Tell whether this very piece can go into the bag now."""
        return self.variant_id is not None and self.state not in {None, Availability.SOLD_OUT}

    @property
    def is_sold_out(self) -> bool:
        """Tell whether it is on sale and gone for now."""
        return self.state == Availability.SOLD_OUT


def wishlists_of(token: str, *, at: datetime, customer: User | None) -> list[int]:
    """Return the lists to show: the account's, and the guest's list of this device.  At most one query."""
    found: list[int] = []
    if customer is not None:
        found += Wishlist.objects.filter(customer=customer).values_list("pk", flat=True)
    if token:
        living = Wishlist.objects.filter(token_hash=hash_token(token), touched_at__gt=at - LIFETIME)
        found += living.values_list("pk", flat=True)
    return found


def wished(wishlist_ids: list[int]) -> list[Wished]:
    """Return the lines, the newest first, what stands on two lists once.

    Seven queries whatever their number, one when there are none.
    """
    rows = WishlistLine.objects.filter(wishlist__in=wishlist_ids).select_related("product").order_by("-added_at", "-id")
    lines: dict[tuple[int, int | None], WishlistLine] = {}
    for line in rows:
        lines.setdefault((line.product_id, line.variant_id), line)
    if not lines:
        return []
    cards = {card.url: card for card in cards_of([line.product_id for line in lines.values()])}
    chosen = [line.variant_id for line in lines.values() if line.variant_id]
    variants = {row.pk: row for row in sellable_variants().filter(pk__in=chosen)}
    options = options_of(chosen)
    pictures = _pictures({line.product_id for line in lines.values()})
    return [
        _wished(
            line,
            cards.get(line.product.get_absolute_url()),
            variants.get(line.variant_id or 0),
            options.get(line.variant_id or 0, []),
            pictures,
        )
        for line in lines.values()
    ]


def _pictures(product_ids: set[int]) -> dict[tuple[int, int | None], tuple[str, str]]:
    """Return path and words of the first picture of each product (None) and of each of its options.  One query."""
    found: dict[tuple[int, int | None], tuple[str, str]] = {}
    rows = ProductImage.objects.filter(product__in=product_ids).order_by("position", "id")
    for product_id, option_id, path, alt in rows.values_list("product_id", "option_id", "path", "alt"):
        found.setdefault((product_id, option_id), (path, alt))
        found.setdefault((product_id, None), (path, alt))
    return found


def _wished(
    line: WishlistLine,
    card: Card | None,
    variant: Variant | None,
    mine: list[Option],
    pictures: Mapping[tuple[int, int | None], tuple[str, str]],
) -> Wished:
    price, state = (card.price, card.state) if card else (None, None)
    if line.variant_id:
        told = (variant.available, variant.making_days) if variant else (0, 0)  # type: ignore[attr-defined]
        ahead = {"ahead": variant.ahead, "preorder": bool(variant.preordered)} if variant else {}  # type: ignore[attr-defined]
        price = Money(variant.price_minor, variant.currency) if variant else None
        state = availability(*told, **ahead) if card and variant else None
    shown = next((pictures[key] for option in mine if (key := (line.product_id, option.id)) in pictures), None)
    picture, alt = shown or pictures.get((line.product_id, None), ("", ""))
    tone = {option.type_code: option.code for option in mine if option.type_code != SIZE}
    return Wished(
        line_id=line.pk,
        name=line.product.name,
        slug=line.product.slug,
        card=card,
        variant_id=line.variant_id,
        form=", ".join(option.label for option in mine),
        picture=picture,
        alt=alt,
        price=price,
        state=state,
        address=line.product.get_absolute_url() + (f"?{urlencode(tone)}" if tone else ""),
    )
