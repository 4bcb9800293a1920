"""Pictures of a piece: uploaded, hung on its page with the words that say what they show, taken off, drawn smaller.

Without words no picture is shown, unless it is a detail that tells nothing new: somebody who cannot see it would be
told nothing.  Source: ux reference 1 (words for pictures), WCAG 2.2, 1.1.1; reliability reference S (uploads).
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
from shop.gateways.product_pictures import Upload, draw_renditions, forget_files, keep_upload
from shop.models import OptionValue, PhotoModel, Product, ProductImage, UploadedPicture, User
from shop.operations.events import record_event

BATCH = 5  # pictures drawn in one go of the sweep; each takes about a second
MOST_TRIES = 8  # after 2, 4, 8 ... minutes: a storage may be away for four hours
WAIT = timedelta(minutes=2)
KEPT_UNUSED = timedelta(days=60)

log = logging.getLogger(__name__)


class WordsMissing(Exception):
    """Nobody has said what the picture shows."""


class NotDecorative(Exception):
    """Only a detail without words is decorative: all others tell something."""


class AlreadyHung(Exception):
    """The picture is on the page; somebody else hung it."""


class WornInNoSize(Exception):
    """A picture names who wears it and which size, or neither."""


@dataclass(frozen=True)
class Caption:
    """What staff say of a picture.  `decorative`: it tells nothing new, so that it has no words."""

    alt: str
    decorative: bool = False
    role: str = ProductImage.Role.FRONT
    option: OptionValue | None = None
    worn_by: PhotoModel | None = None
    worn_size: OptionValue | None = None


def keep_pictures(*, product_id: int, uploads: Sequence[Upload], by: User, at: datetime) -> list[UploadedPicture]:
    """Keep pictures with their product, all of them or none; they wait there for their words.

    The files are stored before the transaction and taken away again when anything fails.  Raises Product.DoesNotExist.
    """
    files: list[Kept] = []
    try:
        files.extend(keep_upload(upload) for upload in uploads)  # one by one: those before a failure are known
        return _keep(product_id, files, by, at)
    except Exception:
        for file in files:
            forget_files(file.name)
        raise


@transaction.atomic
def _keep(product_id: int, files: Sequence[Kept], by: User, at: datetime) -> list[UploadedPicture]:
    product = Product.objects.select_for_update(no_key=True).get(pk=product_id)
    kept = UploadedPicture.objects.bulk_create(
        UploadedPicture(product=product, uploaded_at=at, due_at=at, uploaded_by=by, **vars(file)) for file in files
    )
    _tell("uploaded", product.pk, {"pictures": len(kept)}, by=by, at=at)
    return kept


@transaction.atomic
def hang_picture(*, upload_id: int, caption: Caption, by: User, at: datetime) -> ProductImage:
    """Show a picture to shoppers, after those that hang already.

    Raises AlreadyHung, WordsMissing, NotDecorative, WornInNoSize.
    """
    upload = UploadedPicture.objects.select_for_update().get(pk=upload_id)
    if upload.hung_as_id:
        raise AlreadyHung(upload_id)
    words = caption.alt.strip()
    if not words and not caption.decorative:
        raise WordsMissing(upload_id)
    if caption.decorative and (words or caption.role != ProductImage.Role.DETAIL):
        raise NotDecorative(upload_id)
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
    """Take a picture off the page; an uploaded one waits again, with its words.  Nothing happens when it is gone."""
    image = ProductImage.objects.select_for_update().filter(pk=image_id).order_by("id").first()
    if image is None:
        return
    _tell("taken-down", image.product_id, {"path": image.path}, by=by, at=at)
    UploadedPicture.objects.filter(hung_as=image).update(words=image.alt)
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

    One worker draws a picture at a time; where it dies half-way the picture is due again in a while.
    """
    due = UploadedPicture.objects.filter(drawn_at=None, due_at__lte=at, tries__lt=MOST_TRIES)
    return sum(_draw(upload, at) for upload in due.order_by("due_at", "id")[:BATCH])


def _draw(upload: UploadedPicture, at: datetime) -> bool:
    """Draw one picture.  Whoever moves its next try away first has it; another worker leaves it alone."""
    mine = UploadedPicture.objects.filter(pk=upload.pk, drawn_at=None, due_at=upload.due_at)
    if not mine.update(tries=F("tries") + 1, due_at=at + WAIT * 2**upload.tries):
        return False
    try:
        draw_renditions(upload.name)
    except OSError as problem:
        log.warning("picture %s could not be drawn: %s", upload.pk, type(problem).__name__)
        return False
    with transaction.atomic():
        drawn = UploadedPicture.objects.select_for_update().filter(pk=upload.pk, drawn_at=None).order_by("id").first()
        if drawn is None:
            return False
        drawn.drawn_at = at
        drawn.save(update_fields=["drawn_at"])
        ProductImage.objects.filter(upload=drawn).update(path=drawn.path)
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
