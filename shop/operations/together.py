"""Change many pieces together: prices by a percentage, on sale or not, another shelf.  All of them or none.

Source: commerce reference 1 (bulk edit); price honesty: a reduced price belongs to its reduction (S21).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

from django.db import transaction

from shop.models import Category, Product, User, Variant
from shop.operations.events import record_event
from shop.operations.importing import import_catalogue, take_turn
from shop.operations.matrix import ChangedMeanwhile
from shop.rules.bulk_prices import changed_price
from shop.rules.catalogue_file import Piece

Key = TypeVar("Key", int, str)
Value = TypeVar("Value")


@dataclass(frozen=True)
class NewPrice:
    """A variant, what it costs and what it will cost, in minor units; `reduced` ones keep their price."""

    sku: str
    slug: str
    currency: str
    old_minor: int
    new_minor: int
    reduced: bool


def new_prices(product_ids: Collection[int], *, percent: Decimal, step: int) -> list[NewPrice]:
    """Return what every variant of some products would cost.  One query."""
    rows = Variant.objects.filter(product__in=product_ids).select_related("product")
    return [
        NewPrice(
            row.sku,
            row.product.slug,
            row.currency,
            row.price_minor,
            row.price_minor
            if row.was_minor is not None
            else changed_price(row.price_minor, percent=percent, step=step),
            row.was_minor is not None,
        )
        for row in rows.order_by("product__name", "product_id", "position", "id")
    ]


@transaction.atomic
def change_prices(
    *, product_ids: Collection[int], percent: Decimal, step: int, seen: Mapping[str, int], by: User, at: datetime
) -> int:
    """Give every variant its new price but those that are sold as reduced; return how many changed.

    `seen` is what each article cost when somebody looked.  Raises ChangedMeanwhile when one costs something else now,
    or was added or taken away.
    """
    take_turn()
    _lock(product_ids)
    found = new_prices(product_ids, percent=percent, step=step)
    now = {price.sku: price.old_minor for price in found}
    _refuse_unseen(now, seen)
    pieces = [
        Piece(line, price.slug, price.sku, variant={"price_minor": price.new_minor})
        for line, price in enumerate(found, 1)
        if price.new_minor != price.old_minor
    ]
    if pieces:
        import_catalogue(pieces=pieces, by=by, at=at)
    return len(pieces)


@transaction.atomic
def publish_together(
    *, product_ids: Collection[int], published: bool, seen: Mapping[int, bool], by: User, at: datetime
) -> int:
    """Put pieces on sale, or take them off; return how many changed.

    `seen` says of each piece whether it was on sale when somebody looked.  Raises ChangedMeanwhile when one is not as
    it was then.
    """
    locked = _lock(product_ids)
    _refuse_unseen({product.pk: product.published for product in locked}, seen)
    changed = [product for product in locked if product.published != published]
    Product.objects.filter(pk__in=[product.pk for product in changed]).update(published=published)
    _tell("published" if published else "hidden", changed, by=by, at=at)
    return len(changed)


@transaction.atomic
def move_together(
    *, product_ids: Collection[int], category: Category, seen: Mapping[int, int], by: User, at: datetime
) -> int:
    """Put pieces on another shelf; return how many moved.

    `seen` says on which shelf each piece was when somebody looked.  Raises ChangedMeanwhile when one is on another one.
    """
    locked = _lock(product_ids)
    _refuse_unseen({product.pk: product.category_id for product in locked}, seen)
    changed = [product for product in locked if product.category_id != category.pk]
    Product.objects.filter(pk__in=[product.pk for product in changed]).update(category=category)
    _tell("moved", changed, by=by, at=at, category_id=category.pk)
    return len(changed)


def _refuse_unseen(now: Mapping[Key, Value], seen: Mapping[Key, Value]) -> None:
    if now != seen:
        raise ChangedMeanwhile(sorted(str(key) for key in now.keys() | seen.keys() if now.get(key) != seen.get(key)))


def _lock(product_ids: Collection[int]) -> list[Product]:
    return list(Product.objects.select_for_update(no_key=True).filter(pk__in=product_ids).order_by("id"))


def _tell(what: str, products: Sequence[Product], *, by: User, at: datetime, **more: int) -> None:
    if products:
        record_event(
            name=f"shop.products.{what}",
            subject="shop.catalogue:all",
            payload={"product_ids": [product.pk for product in products], **more},
            actor=by,
            at=at,
        )
