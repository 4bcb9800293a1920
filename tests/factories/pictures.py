"""Pictures of pieces, in the storage and beside their product."""

from __future__ import annotations

from io import BytesIO

from shop.gateways.product_pictures import draw_upload
from shop.models import Product, UploadedPicture
from shop.operations.pictures import keep_pictures
from tests.conftest import NOW
from tests.factories.catalogue import tee
from tests.factories.shop import StaffFactory
from tests.factories.voices import picture


def an_upload(product: Product | None = None, size: tuple[int, int] = (960, 1200)) -> UploadedPicture:
    """A picture that waits for its words."""
    upload = draw_upload(BytesIO(picture(size=size)))
    product = product or tee()
    return keep_pictures(product_id=product.pk, uploads=[upload], by=StaffFactory(), at=NOW)[0]
