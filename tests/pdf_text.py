"""Read back what a PDF of the typesetter says: its text, page by page.  Knows as much of the format as it writes."""

from __future__ import annotations

import re
import zlib

_OBJECT = re.compile(rb"\n(\d+) 0 obj\n(.*?)\nendobj", re.DOTALL)
# A font that is chosen, or what is drawn with it: one string, or several with the distances between them.
_STRING = rb"\((?:[^()\\]|\\.)*\)"
_SHOWN = _STRING + rb"(?= ?Tj)|\[(?:" + _STRING + rb"|[^\]])*\](?= ?TJ)"
_DRAWN = re.compile(rb"/(f\d+) [\d.]+ Tf|(" + _SHOWN + rb")", re.DOTALL)
_ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def pdf_pages(pdf: bytes) -> list[str]:
    """Return the text of each page, a space between what stands apart; signs put in only for breaking are left out."""
    objects = {int(number): body for number, body in _OBJECT.findall(pdf)}
    pages = [body for body in objects.values() if re.search(rb"/Type/Page\b", body)]
    return [" ".join(_page(page, objects).replace("\u200b", "").split()) for page in pages]


def _page(page: bytes, objects: dict[int, bytes]) -> str:
    fonts = {name: _letters(objects[int(font)], objects) for name, font in _fonts(page, objects)}
    said, letters = [], {}
    drawn = _stream(objects[int(_of(page, rb"/Contents (\d+)"))])
    for font, shown in _DRAWN.findall(drawn):
        if font:
            letters = fonts[font]
        else:
            said.append(_text(shown, letters))
    return " ".join(said)


def _fonts(page: bytes, objects: dict[int, bytes]) -> list[tuple[bytes, bytes]]:
    resources = objects[int(_of(page, rb"/Resources (\d+)"))]
    return re.findall(rb"/(f\d+) (\d+) 0 R", _of(resources, rb"/Font<<(.*?)>>"))


def _letters(font: bytes, objects: dict[int, bytes]) -> dict[int, str]:
    """Return which letters each drawn sign stands for."""
    table = _stream(objects[int(_of(font, rb"/ToUnicode (\d+)"))])
    pairs = re.findall(rb"^<(\w{4})> <(\w+)>$", table, re.MULTILINE)
    return {int(sign, 16): bytes.fromhex(letters.decode()).decode("utf-16-be") for sign, letters in pairs}


def _text(shown: bytes, letters: dict[int, str]) -> str:
    signs = b"".join(_plain(each) for each in re.findall(rb"\(((?:[^()\\]|\\.)*)\)", shown, re.DOTALL))
    return "".join(letters.get(int.from_bytes(signs[at : at + 2]), "") for at in range(0, len(signs), 2))


def _plain(text: bytes) -> bytes:
    def sign(found: re.Match[bytes]) -> bytes:
        octal = found[1]
        return bytes([int(octal, 8)]) if octal.isdigit() else _ESCAPES.get(octal, octal)

    return re.sub(rb"\\([0-7]{1,3}|.)", sign, text, flags=re.DOTALL)


def _stream(body: bytes) -> bytes:
    return zlib.decompress(body.partition(b"stream\n")[2].rpartition(b"\nendstream")[0])


def _of(body: bytes, pattern: bytes) -> bytes:
    found = re.search(pattern, body, re.DOTALL)
    assert found, pattern
    return found[1]
