"""The pictures of one piece, for whoever hangs them."""

from __future__ import annotations

from dataclasses import dataclass

from shop.models import OptionValue, PhotoModel, ProductImage, UploadedPicture


@dataclass(frozen=True)
class Wall:
    """A piece's pictures: those shoppers see, in their order, and those that wait, newest first."""

    hanging: list[ProductImage]
    waiting: list[UploadedPicture]


def wall(product_id: int) -> Wall:
    """Return what hangs and what waits.  Two queries."""
    hanging = ProductImage.objects.filter(product=product_id).select_related("option", "worn_by", "worn_size")
    waiting = UploadedPicture.objects.filter(product=product_id, hung_as=None)
    return Wall(list(hanging.order_by("position", "id")), list(waiting.order_by("-id")))


def options_of_piece(product_id: int) -> list[OptionValue]:
    """Return the option values the variants of a piece come in.  One query."""
    found = OptionValue.objects.filter(variants__product=product_id).select_related("type").distinct()
    return list(found.order_by("type__position", "position", "id"))


def models() -> list[PhotoModel]:
    """Return who wears our pieces, by name.  One query."""
    return list(PhotoModel.objects.order_by("name", "id"))
