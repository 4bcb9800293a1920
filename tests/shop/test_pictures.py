from __future__ import annotations

import random
import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image, ImageOps

from shop.gateways.pictures import NotAPicture, draw_anew, forget, keep, read, upright
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


def _png(*chunks: bytes, colours: int = 2, row: bytes = b"\0" + b"\x40" * 30) -> bytes:
    """A PNG of 10 by 10 pixels that carries `chunks` before them; `colours` and 16-bit rows as the format says."""
    bits = (len(row) - 1) * 8 // (30 if colours == 2 else 10)
    head = _chunk(b"IHDR", struct.pack(">IIBBBBB", 10, 10, bits, colours, 0, 0, 0))
    return b"".join(
        (b"\x89PNG\r\n\x1a\n", head, *chunks, _chunk(b"IDAT", zlib.compress(row * 10)), _chunk(b"IEND", b""))
    )


_BOMB = zlib.compress(bytes(200 * 1024 * 1024), 9)  # 200 kB that become 200 MB


@pytest.mark.parametrize("name", [b"iCCP", b"zTXt", b"iTXt"])
def test_a_bomb_in_what_surrounds_a_picture_is_not_unpacked(name: bytes) -> None:
    sent = _png(_chunk(name, b"x\0" + (b"\1\0\0\0" if name == b"iTXt" else b"\0") + _BOMB))

    with pytest.raises(NotAPicture) as refusal:
        draw_anew(BytesIO(sent))

    assert refusal.value.why == "broken"


def _exif(*fields: bytes) -> bytes:
    return b"Exif\0\0MM\0*\0\0\0\x08" + struct.pack(">H", len(fields)) + b"".join(fields) + b"\0" * 4


_LYING = struct.pack(">HHIHH", 0x0112, 3, 1, 6, 0)  # the camera lay on its side
_WORDS_FOR_A_NUMBER = struct.pack(">HHI4s", 0x011A, 2, 2, b"x\0\0\0")  # a resolution that is text


def test_a_camera_that_writes_nonsense_spoils_no_picture() -> None:
    nonsense = picture("JPEG", (64, 48), exif=_exif(_LYING, _WORDS_FOR_A_NUMBER))
    unreadable = picture("JPEG", (64, 48), exif=b"Exif\0\0nothing of the kind")

    assert (draw_anew(BytesIO(nonsense)).width_px, draw_anew(BytesIO(unreadable)).width_px) == (48, 64)


@pytest.mark.parametrize("how", range(1, 9))
def test_a_picture_stands_upright_however_the_camera_was_held(how: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = how
    sent = Image.new("RGB", (60, 40))
    sent.paste("red", (0, 0, 20, 20))
    target = BytesIO()
    sent.save(target, "PNG", exif=exif)
    wanted = ImageOps.exif_transpose(Image.open(BytesIO(target.getvalue())))

    assert upright(BytesIO(target.getvalue())).tobytes() == wanted.tobytes()


def test_a_large_jpeg_is_unpacked_smaller_but_never_too_small() -> None:
    huge, flat = (upright(BytesIO(picture("JPEG", size))) for size in ((6400, 6500), (6400, 1700)))

    assert (huge.size, flat.size) == ((1600, 1625), (6400, 1700))


def test_grey_in_sixteen_bits_keeps_its_tone() -> None:
    grey = _png(colours=0, row=b"\0" + b"\x40\0" * 10)

    assert upright(BytesIO(grey)).getpixel((5, 5)) == (64, 64, 64)


def test_a_phone_s_picture_of_several_is_its_first() -> None:
    target = BytesIO()
    Image.new("RGB", (20, 20), "red").save(
        target, "MPO", save_all=True, append_images=[Image.new("RGB", (20, 20), "blue")]
    )

    assert upright(BytesIO(target.getvalue())).getpixel((5, 5)) == (254, 0, 0)


@pytest.mark.filterwarnings("ignore")
def test_however_a_file_is_broken_it_is_a_picture_or_refused() -> None:
    dice = random.Random(7)
    exif = _exif(_LYING, _WORDS_FOR_A_NUMBER)
    whole = [picture(kind, (40, 50), exif=exif) for kind in ("JPEG", "PNG", "WEBP")]
    taken = 0
    for _ in range(3000):
        broken = bytearray(dice.choice(whole))
        for _ in range(dice.choice((1, 2, 8))):
            broken[dice.randrange(min(len(broken), 300))] = dice.randrange(256)
        del broken[dice.choice((len(broken), dice.randrange(len(broken)))) :]
        try:
            taken += upright(BytesIO(bytes(broken))).mode == "RGB"
        except NotAPicture:
            continue

    assert 0 < taken < 3000


def test_a_kept_picture_can_be_read_and_forgotten() -> None:
    drawn = draw_anew(BytesIO(picture()))

    kept = keep(drawn)
    assert (read(kept.name, small=False), read(kept.name, small=True)) == (drawn.large, drawn.small)
    forget(kept.name)

    with pytest.raises(FileNotFoundError):
        read(kept.name, small=False)
