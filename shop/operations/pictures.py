"""Pictures of a piece: uploaded, hung on its page with the words that say what they show, taken off, drawn smaller.

Without words no picture is shown: somebody who cannot see it would be told nothing.  Source: ux reference 1 (words for
pictures), WCAG 2.2, 1.1.1; reliability reference S (uploads).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Max

from shop.gateways.pictures import Kept
from shop.gateways.product_pictures import draw_renditions, forget_files
from shop.models import OptionValue, PhotoModel, Product, ProductImage, UploadedPicture, User
from shop.operations.events import record_event

BATCH = 5  # pictures drawn in one go of the sweep; each takes about a second
MOST_TRIES = 5
KEPT_UNUSED = timedelta(days=60)

log = logging.getLogger(__name__)


class WordsMissing(Exception):
    """Nobody has said what the picture shows."""


class AlreadyHung(Exception):
    """The picture is on the page; somebody else hung it."""


class WornInNoSize(Exception):
    """A picture names who wears it and which size, or neither."""


@dataclass(frozen=True)
class Caption:
    """What staff say of a picture."""

    alt: str
    role: str = ProductImage.Role.FRONT
    option: OptionValue | None = None
    worn_by: PhotoModel | None = None
    worn_size: OptionValue | None = None


@transaction.atomic
def keep_pictures(*, product_id: int, files: Sequence[Kept], by: User, at: datetime) -> list[UploadedPicture]:
    """Keep pictures that lie in the storage with their product; they wait there for their words.

    Raises Product.DoesNotExist.
    """
    product = Product.objects.select_for_update(no_key=True).get(pk=product_id)
    kept = UploadedPicture.objects.bulk_create(
        UploadedPicture(product=product, uploaded_at=at, uploaded_by=by, **vars(file)) for file in files
    )
    _tell("uploaded", product.pk, {"pictures": len(kept)}, by=by, at=at)
    return kept


@transaction.atomic
def hang_picture(*, upload_id: int, caption: Caption, by: User, at: datetime) -> ProductImage:
    """Show a picture to shoppers, after those that hang already.  Raises WordsMissing, AlreadyHung, WornInNoSize."""
    upload = UploadedPicture.objects.select_for_update().get(pk=upload_id)
    if upload.hung_as_id:
        raise AlreadyHung(upload_id)
    words = caption.alt.strip()
    if not words:
        raise WordsMissing(upload_id)
    if bool(caption.worn_by) != bool(caption.worn_size):
        raise WornInNoSize(upload_id)
    last = ProductImage.objects.filter(product_id=upload.product_id).aggregate(last=Max("position"))["last"]
    upload.hung_as = ProductImage.objects.create(
        product_id=upload.product_id,
        path=upload.path,
        width_px=upload.width_px,
        height_px=upload.height_px,
        position=0 if last is None else last + 1,
        **{**vars(caption), "alt": words},
    )
    upload.first_hung_at = upload.first_hung_at or at
    upload.save(update_fields=["hung_as", "first_hung_at"])
    _tell("hung", upload.product_id, {"path": upload.path}, by=by, at=at)
    return upload.hung_as


@transaction.atomic
def take_down_picture(*, image_id: int, by: User, at: datetime) -> None:
    """Take a picture off the page; an uploaded one waits again.  Nothing happens when it is gone already."""
    image = ProductImage.objects.select_for_update().filter(pk=image_id).order_by("id").first()
    if image is None:
        return
    _tell("taken-down", image.product_id, {"path": image.path}, by=by, at=at)
    image.delete()


@transaction.atomic
def move_picture_first(*, image_id: int, by: User, at: datetime) -> None:
    """Make a picture the one that listings show.  Raises ProductImage.DoesNotExist."""
    image = ProductImage.objects.select_for_update().get(pk=image_id)
    ProductImage.objects.filter(product_id=image.product_id).update(position=F("position") + 1)
    ProductImage.objects.filter(pk=image.pk).update(position=0)
    _tell("made-first", image.product_id, {"path": image.path}, by=by, at=at)


def discard_picture(*, upload_id: int, by: User, at: datetime) -> None:
    """Throw away a picture that waits.  Its files stay if it was ever shown: orders show what was bought.

    Raises AlreadyHung.
    """
    with transaction.atomic():
        upload = UploadedPicture.objects.select_for_update().filter(pk=upload_id).order_by("id").first()
        if upload is None:
            return
        if upload.hung_as_id:
            raise AlreadyHung(upload_id)
        _tell("discarded", upload.product_id, {"path": upload.path}, by=by, at=at)
        upload.delete()
    if upload.first_hung_at is None:
        forget_files(upload.name)


def _tell(what: str, product_id: int, payload: dict[str, Any], *, by: User, at: datetime) -> None:
    subject = f"shop.product:{product_id}"
    record_event(name=f"shop.picture.{what}", subject=subject, payload=payload, at=at, actor=by)


# -- Sweeps ---------------------------------------------------------------------------------------------------------


def draw_pictures(at: datetime) -> int:
    """Draw the renditions that are due, a few at a time, oldest first; return how many.

    Two workers at one picture draw the same files twice; one that dies half-way leaves the picture due.
    """
    due = UploadedPicture.objects.filter(drawn_at=None, tries__lt=MOST_TRIES).order_by("id")[:BATCH]
    return sum(_draw(upload, at) for upload in due)


def _draw(upload: UploadedPicture, at: datetime) -> bool:
    UploadedPicture.objects.filter(pk=upload.pk).update(tries=F("tries") + 1)
    try:
        draw_renditions(upload.name)
    except OSError as problem:
        log.warning("picture %s could not be drawn: %s", upload.pk, type(problem).__name__)
        return False
    with transaction.atomic():
        mine = UploadedPicture.objects.select_for_update().filter(pk=upload.pk, drawn_at=None).order_by("id").first()
        if mine is None:
            return False
        mine.drawn_at = at
        mine.save(update_fields=["drawn_at"])
        ProductImage.objects.filter(upload=mine).update(path=mine.path)
    return True


def forget_pictures(at: datetime) -> int:
    """Throw away what was uploaded long ago and never shown, at most one batch; return how many."""
    old = UploadedPicture.objects.filter(first_hung_at=None, hung_as=None, uploaded_at__lt=at - KEPT_UNUSED)
    names = list(old.order_by("id").values_list("pk", "name")[:BATCH])
    gone = 0
    for pk, name in names:
        deleted, _tables = UploadedPicture.objects.filter(pk=pk, first_hung_at=None).delete()
        if deleted:
            forget_files(name)
            gone += 1
    return gone
