"""Pictures from strangers: looked at, drawn anew, kept.  Nothing of the file that was sent survives.

Drawing anew strips EXIF, places and anything hidden behind the picture.  Source: reliability reference S.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from io import BytesIO
from typing import IO
from uuid import UUID, uuid4

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import ExifTags, Image, ImageCms

from shop.rules.reviews import LONGEST_SIDE, MOST_BYTES, MOST_PIXELS, picture_kind

LARGE, SMALL = 1600, 400  # the longer side in pixels
_FOLDER = "reviews"
# What Pillow's decoders raise over a broken file: it promises OSError, and fuzzing found the others.
_STUMBLES = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class NotAPicture(Exception):
    """The file cannot be taken: `why` is kind, bytes, pixels or broken."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class Drawn:
    """A picture drawn anew as WebP, large and small; the measures are those of the large one."""

    large: bytes
    small: bytes
    width_px: int
    height_px: int


@dataclass(frozen=True)
class Kept:
    """A picture that lies in the storage under `name`."""

    name: UUID
    width_px: int
    height_px: int


def draw_anew(file: IO[bytes]) -> Drawn:
    """Return the picture of a file, upright and without anything but its pixels.  Raises NotAPicture."""
    picture = upright(file)
    large = webp(picture, (LARGE, LARGE))
    return Drawn(large[0], webp(picture, (SMALL, SMALL))[0], *large[1])


def upright(file: IO[bytes]) -> Image.Image:
    """Return the pixels of a file as a camera held upright sees them, in sRGB, on white where it lets light through.

    Raises NotAPicture.  Reads at most MOST_BYTES and unpacks nothing that says it is a giant.
    """
    raw = file.read(MOST_BYTES + 1)
    if len(raw) > MOST_BYTES:
        raise NotAPicture("bytes")
    kind = picture_kind(raw[:16])
    if not kind:
        raise NotAPicture("kind")
    try:
        with Image.open(BytesIO(raw), formats=(kind,)) as opened:
            _refuse_giants(opened.size)
            turn = _TURNS.get(_orientation(opened))
            # A large JPEG is unpacked half or a quarter as large, never smaller than this.
            opened.draft(None, (LARGE, LARGE))
            return _plain(opened.transpose(turn) if turn is not None else opened)
    except Image.DecompressionBombError:
        raise NotAPicture("pixels") from None
    except _STUMBLES:
        raise NotAPicture("broken") from None


def _orientation(opened: Image.Image) -> int:
    """Return how the camera was held, 1 for upright; facts nobody can read say nothing, and spoil no picture."""
    try:
        return int(opened.getexif().get(ExifTags.Base.Orientation, 1))
    except _STUMBLES:
        return 1


def _plain(picture: Image.Image) -> Image.Image:
    """Return a picture as browsers show it: its own colours brought to sRGB, what is see-through made white."""
    profile = picture.info.get("icc_profile")
    if picture.mode.startswith("I"):  # grey in 16 bits, which Pillow would cut off at 255 instead of scaling
        picture = picture.point(lambda value: value / 256).convert("L")
    if picture.has_transparency_data:
        seen = picture.convert("RGBA")
        ground = Image.new("RGB", picture.size, "white")
        ground.paste(seen, mask=seen.getchannel("A"))
        picture = ground
    if profile and picture.mode in {"RGB", "CMYK", "L"}:
        try:
            target = ImageCms.createProfile("sRGB")
            found = ImageCms.profileToProfile(picture, BytesIO(profile), target, outputMode="RGB")
        except ImageCms.PyCMSError:  # a profile of another kind of picture, or a broken one
            return picture.convert("RGB")
        picture = found or picture
    return picture.convert("RGB")


def _refuse_giants(size: tuple[int, int]) -> None:
    """Look at the measures in the file's head before a single pixel is unpacked."""
    if max(size) > LONGEST_SIDE or size[0] * size[1] > MOST_PIXELS:
        raise NotAPicture("pixels")


def webp(picture: Image.Image, most: tuple[int, int]) -> tuple[bytes, tuple[int, int]]:
    """Return a picture as WebP, neither wider nor higher than `most` and never enlarged, and its measures."""
    smaller = picture.copy()
    smaller.thumbnail(most)
    target = BytesIO()
    smaller.save(target, "WEBP", quality=80, method=4)
    return target.getvalue(), smaller.size


def keep(drawn: Drawn) -> Kept:
    """Put a picture into the storage under a new name.  Not inside a transaction."""
    name = uuid4()
    default_storage.save(path_of(name, small=False), ContentFile(drawn.large))
    default_storage.save(path_of(name, small=True), ContentFile(drawn.small))
    return Kept(name, drawn.width_px, drawn.height_px)


def forget(name: UUID) -> None:
    """Take a picture out of the storage; nothing happens when it is not there."""
    for small in (False, True):
        default_storage.delete(path_of(name, small=small))


def read(name: UUID, *, small: bool) -> bytes:
    """Return a kept picture as WebP.  Raises FileNotFoundError."""
    with default_storage.open(path_of(name, small=small)) as file:
        return bytes(file.read())


def path_of(name: UUID, *, small: bool) -> str:
    """Return where in the storage a picture lies."""
    return f"{_FOLDER}/{name}{'-small' if small else ''}.webp"
