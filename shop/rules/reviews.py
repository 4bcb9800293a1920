"""What a review says beside its words: whose name, which height, which pictures may come along.

Source: ux reference 2.3 and 2.17; commerce reference d.1.
"""

from __future__ import annotations

MOST_PHOTOS = 4
MOST_BYTES = 10 * 1024 * 1024
MOST_PIXELS = 50_000_000  # what the best telephones take, and no bomb
LONGEST_SIDE = 12_000

LOWEST_BAND, HIGHEST_BAND, BAND = 145, 190, 5  # centimetres; the first band is "under 150", the last "190 and taller"

_MAGIC = {
    "JPEG": ((0, b"\xff\xd8\xff"),),
    "PNG": ((0, b"\x89PNG\r\n\x1a\n"),),
    "WEBP": ((0, b"RIFF"), (8, b"WEBP")),
}


def bands() -> range:
    """Return the first centimetre of every height band."""
    return range(LOWEST_BAND, HIGHEST_BAND + BAND, BAND)


def band_of(height_mm: int) -> int:
    """Return the band of a height in millimetres."""
    return max(LOWEST_BAND, min(HIGHEST_BAND, height_mm // 10 // BAND * BAND))


def picture_kind(head: bytes) -> str:
    """Return JPEG, PNG or WEBP by the first bytes of a file, empty for anything else, whatever its name says."""
    for kind, signs in _MAGIC.items():
        if all(head[at : at + len(sign)] == sign for at, sign in signs):
            return kind
    return ""


def signature(full_name: str) -> str:
    """Return a name as it may stand under a review: "Ana Maria Costa" is "Ana C."."""
    names = full_name.split()
    if len(names) < 2:
        return (names[0] if names else "")[:60]
    return f"{names[0][:50]} {names[-1][0].upper()}."
