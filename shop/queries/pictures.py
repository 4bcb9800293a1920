"""The pictures of one piece, for whoever hangs them and for whoever looks closer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shop.models import OptionValue, PhotoModel, Product, ProductImage, UploadedPicture


@dataclass(frozen=True)
class Wall:
    """A piece's pictures: those shoppers see, in their order, and those that wait, newest first."""

    hanging: list[ProductImage]
    waiting: list[UploadedPicture]


@dataclass(frozen=True)
class Closer:
    """One picture looked at alone, among those its page shows; `query` leads back to its tone (`?glaze=sage`)."""

    product: Product
    image: ProductImage
    beside: tuple[ProductImage, ...]
    query: str

    @property
    def place(self) -> int:
        """Return which of them it is, from 1."""
        return self.beside.index(self.image) + 1

    @property
    def before(self) -> ProductImage | None:
        """Return the picture before it."""
        return self.beside[self.place - 2] if self.place > 1 else None

    @property
    def after(self) -> ProductImage | None:
        """Return the picture after it."""
        return self.beside[self.place] if self.place < len(self.beside) else None


def closer(slug: str, image_id: int, wanted: Mapping[str, str], *, drafts: bool) -> Closer:
    """Return a picture of a piece; `wanted` holds the query of the address, such as {"glaze": "sage"}.

    A picture of one tone is shown among those of its tone, any other among those of the tone that is wanted.  `drafts`:
    also of what is not on sale.  Three queries.  Raises Product.DoesNotExist, ProductImage.DoesNotExist.
    """
    product = (Product.objects.all() if drafts else Product.objects.on_sale()).select_related("category").get(slug=slug)
    hanging = ProductImage.objects.filter(product=product).select_related("option__type")
    images = list(hanging.order_by("position", "id"))
    image = next((each for each in images if each.pk == image_id), None)
    if image is None:
        raise ProductImage.DoesNotExist(image_id)
    offered = options_of_piece(product.pk)
    tone = image.option or next((each for each in offered if wanted.get(each.type.code) == each.code), None)
    query = f"?{tone.type.code}={tone.code}" if tone else ""
    return Closer(product, image, shown_for(images, tone.pk if tone else None), query)


def shown_for(images: Sequence[ProductImage], option_id: int | None) -> tuple[ProductImage, ...]:
    """Return the chosen tone's pictures and the common ones; every picture when the tone has none of its own."""
    own = [image for image in images if option_id is not None and image.option_id == option_id]
    common = [image for image in images if image.option_id is None]
    return tuple([*own, *common] if own else common or images)


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
