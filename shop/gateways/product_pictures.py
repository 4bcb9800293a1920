"""Pictures of our pieces in the storage: one drawn when it is uploaded, its renditions drawn later by a sweep.

Names in the storage: `pieces/<uuid>-one.webp`, then `pieces/<uuid>-400.webp`, `-600`, `-800` and the same as AVIF.
What is there never changes, so browsers may keep it for ever.
"""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import IO
from uuid import UUID, uuid4

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image

from shop.gateways.pictures import Kept, NotAPicture, upright, webp
from shop.rules.pictures import FORMATS, LEAST_WIDTH, WIDEST, WIDTHS, file_of

_QUALITY = {"webp": 80, "avif": 60}  # look alike


@dataclass(frozen=True)
class Upload:
    """What an uploaded file shows, drawn anew as WebP."""

    drawn: bytes
    width_px: int
    height_px: int


def draw_upload(file: IO[bytes]) -> Upload:
    """Return what a file shows; nothing else of it survives.  Raises NotAPicture, also for one that is too narrow."""
    picture = upright(file)
    if picture.width < LEAST_WIDTH:
        raise NotAPicture("narrow")
    # As wide as the big picture and never wider than it came: what is drawn from it later is always smaller.
    drawn, (width, height) = webp(picture, (WIDEST, picture.height))
    return Upload(drawn, width, height)


def keep_upload(upload: Upload) -> Kept:
    """Put an upload into the storage under a new name.  Not inside a transaction."""
    name = uuid4()
    default_storage.save(file_of(name), ContentFile(upload.drawn))
    return Kept(name, upload.width_px, upload.height_px)


def draw_renditions(name: UUID) -> None:
    """Draw every width as WebP and AVIF.  Raises OSError when storage or file fail.  Not inside a transaction."""
    with default_storage.open(file_of(name)) as file, Image.open(file, formats=("WEBP",)) as opened:
        picture = opened.convert("RGB")
    for width in WIDTHS:
        height = max(round(picture.height * width / picture.width), 1)
        smaller = picture.resize((width, height), Image.Resampling.LANCZOS)
        for kind in FORMATS:
            path = file_of(name, width, kind)
            if default_storage.exists(path):
                default_storage.delete(path)  # of a worker that died over it, perhaps
            default_storage.save(path, ContentFile(_encoded(smaller, kind)))


def _encoded(picture: Image.Image, kind: str) -> bytes:
    target = BytesIO()
    picture.save(target, kind.upper(), quality=_QUALITY[kind])
    return target.getvalue()


def read_file(path: str) -> bytes:
    """Return what lies under a name of this module.  Raises FileNotFoundError."""
    with default_storage.open(path) as file:
        return bytes(file.read())


def forget_files(name: UUID) -> None:
    """Take a picture and its renditions out of the storage; nothing happens where one is not there."""
    default_storage.delete(file_of(name))
    for width in WIDTHS:
        for kind in FORMATS:
            default_storage.delete(file_of(name, width, kind))
