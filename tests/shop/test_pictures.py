from __future__ import annotations

import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image

from shop.gateways.pictures import NotAPicture, draw_anew, forget, keep, read
from tests.factories.voices import picture


def _png_head(width: int, height: int) -> bytes:
    """A PNG that says how large it is and holds nothing: reading its pixels would take gigabytes."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(b"0"))


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_is_drawn_anew_as_webp(kind: str) -> None:
    drawn = draw_anew(BytesIO(picture(kind, (2000, 1000))))

    assert (drawn.width_px, drawn.height_px) == (1600, 800)
    assert [Image.open(BytesIO(each)).format for each in (drawn.large, drawn.small)] == ["WEBP", "WEBP"]
    assert Image.open(BytesIO(drawn.small)).size == (400, 200)


def test_nothing_but_pixels_survives() -> None:
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "SecretCamera", 6  # maker, and "turn me by 90 degrees"
    exif.get_ifd(0x8825)[2] = (38.0, 42.0, 0.0)  # latitude
    sent = picture("JPEG", (64, 48), exif=exif, comment=b"<script>") + b"<?php hidden behind the picture ?>"

    drawn = draw_anew(BytesIO(sent))

    kept = Image.open(BytesIO(drawn.large))
    assert b"SecretCamera" in sent
    assert (kept.size, dict(kept.getexif()), set(kept.info) & {"exif", "comment", "xmp"}) == ((48, 64), {}, set())
    assert not any(word in drawn.large + drawn.small for word in (b"SecretCamera", b"<script>", b"<?php"))


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        (b"", "kind"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>', "kind"),
        (b"GIF89a" + b"0" * 50, "kind"),
        (b"PK\x03\x04" + b"0" * 50, "kind"),
        (b"%PDF-1.7", "kind"),
        (picture("JPEG")[:200], "broken"),
        (b"\xff\xd8\xff" + b"not a picture at all", "broken"),
        (_png_head(50_000, 100), "pixels"),
        (_png_head(11_000, 11_000), "pixels"),
        (b"\xff\xd8\xff" + b"0" * (10 * 1024 * 1024), "bytes"),
    ],
)
@pytest.mark.filterwarnings("ignore:Image size:PIL.Image.DecompressionBombWarning")
def test_what_is_no_picture_is_refused_by_what_it_is(sent: bytes, why: str) -> None:
    with pytest.raises(NotAPicture) as refusal:
        draw_anew(BytesIO(sent))

    assert refusal.value.why == why


def test_a_kept_picture_can_be_read_and_forgotten() -> None:
    drawn = draw_anew(BytesIO(picture()))

    kept = keep(drawn)
    assert (read(kept.name, small=False), read(kept.name, small=True)) == (drawn.large, drawn.small)
    forget(kept.name)

    with pytest.raises(FileNotFoundError):
        read(kept.name, small=False)
