"""Change many variants of one piece at once, and add those that are missing: everything or nothing.

It goes the way of an import, so prices, reductions and the record of it are the same.
Source: commerce reference 1 (variants as a matrix).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from shop.models import Product, StockLevel, StockLocation, User, Variant
from shop.operations.importing import Outcome, import_catalogue, take_turn
from shop.operations.stock import open_level
from shop.rules.catalogue_file import Piece

_LIKE_ITS_SISTERS = ("currency", "weight_g", "making_days")


class ChangedMeanwhile(Exception):
    """Somebody changed these articles since the page was opened; nothing was written."""

    def __init__(self, skus: Sequence[str]) -> None:
        super().__init__(", ".join(skus))
        self.skus = skus


@dataclass(frozen=True)
class Change:
    """What a variant was when the page was opened, and what it shall be: (price in minor units, on sale)."""

    sku: str
    was: tuple[int, bool]
    to: tuple[int, bool]


@dataclass(frozen=True)
class NewVariant:
    """A variant to add; `options` are (code of the option, code of its value)."""

    sku: str
    options: tuple[tuple[str, str], ...]
    price_minor: int


@transaction.atomic
def save_matrix(
    *, product_id: int, changes: Sequence[Change], new: Sequence[NewVariant], by: User, at: datetime
) -> Outcome:
    """Write what differs; new variants are like the first one in weight, making time and where they lie.

    Raises ChangedMeanwhile, shop.rules.catalogue_file.BadFile with a sentence for each article that is refused, and
    Product.DoesNotExist.
    """
    take_turn()
    product = Product.objects.select_for_update(no_key=True).get(pk=product_id)
    sisters = list(Variant.objects.filter(product=product).order_by("position", "id"))
    _refuse_overwriting(changes, new, {variant.sku: variant for variant in sisters})
    like = {name: getattr(sisters[0], name) for name in _LIKE_ITS_SISTERS} if sisters else {}
    last = max((variant.position for variant in sisters), default=-1)
    pieces = [
        Piece(number, product.slug, change.sku, variant={"price_minor": change.to[0], "active": change.to[1]})
        for number, change in enumerate(changes, 1)
        if change.to != change.was
    ] + [
        Piece(
            number,
            product.slug,
            each.sku,
            variant={**like, "price_minor": each.price_minor, "position": last + number},
            options=each.options,
        )
        for number, each in enumerate(new, 1)
    ]
    if not pieces:
        return Outcome(0, 0, 0, 0, len(changes))
    outcome = import_catalogue(pieces=pieces, by=by, at=at)
    _give_places(sisters, [each.sku for each in new], by=by, at=at)
    return outcome


def _refuse_overwriting(changes: Sequence[Change], new: Sequence[NewVariant], there: dict[str, Variant]) -> None:
    """Refuse what somebody changed, took away, or added before us."""
    different = [
        change.sku
        for change in changes
        if (variant := there.get(change.sku)) is None or (variant.price_minor, variant.active) != change.was
    ]
    different += [each.sku for each in new if each.sku in there]
    if different:
        raise ChangedMeanwhile(different)


def _give_places(sisters: Sequence[Variant], skus: Sequence[str], *, by: User, at: datetime) -> None:
    """Let the first location hold the new variants, as many of them to be made as of the first one."""
    first = StockLocation.objects.order_by("position", "code", "id").first()
    if first is None:
        return
    known = StockLevel.objects.filter(variant__in=sisters[:1]).order_by("location__position", "id").first()
    limit = known.oversell_limit if known else 0
    for variant in Variant.objects.filter(sku__in=skus).order_by("id"):
        open_level(variant_id=variant.pk, location_id=first.pk, oversell_limit=limit, by=by, at=at)
