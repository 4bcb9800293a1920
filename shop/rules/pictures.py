"""How pictures of our pieces are named: below static (the demo's) or in the media storage (what a shop uploads).

A path is written down in many places, also on orders, so it says by itself which smaller sisters it has:

    shop/products/mug-800.webp          below static, with -400 and -600 beside it
    media/pieces/<uuid>-800.webp        uploaded, with its sisters, each as WebP and AVIF, and `-one.webp`, the big one
    media/pieces/<uuid>-one.webp        uploaded a moment ago: no sister yet
    own/mug.png                         below static, without a sister

Source: ux reference 4.7 (weight of pictures), commerce reference 1 (media).
"""

from __future__ import annotations

import re
from uuid import UUID

WIDTHS = (400, 600, 800)  # pixels
FORMATS = ("avif", "webp")  # best first
LEAST_WIDTH = WIDTHS[-1]
WIDEST = 1600  # pixels of what an upload is kept as: the big picture, which only who asks for it fetches
MEDIA = "media/"
MOST_AT_ONCE = 12  # files of one upload

_LARGE = f"-{WIDTHS[-1]}."
_FILE = re.compile(rf"pieces/[0-9a-f-]{{36}}-(?:one\.webp|(?:{'|'.join(map(str, WIDTHS))})\.(?:{'|'.join(FORMATS)}))")


def file_of(name: UUID, width: int | None = None, kind: str = "webp") -> str:
    """Return where in the storage an uploaded picture lies: one rendition, or without a width what was uploaded."""
    return f"pieces/{name}-{width or 'one'}.{kind}"


def path_of(name: UUID, *, drawn: bool) -> str:
    """Return the path to write down for an uploaded picture; `drawn`: its renditions are there."""
    return MEDIA + file_of(name, WIDTHS[-1] if drawn else None)


def is_file(path: str) -> bool:
    """Tell whether something in the storage is one of our pieces' pictures: nothing else is handed out."""
    return _FILE.fullmatch(path) is not None


def sisters(path: str, kind: str = "") -> tuple[tuple[str, int], ...]:
    """Return (path, width) of every rendition, smallest first, as `kind` if one is named; empty if there are none."""
    if _LARGE not in path:
        return ()
    found = ((path.replace(_LARGE, f"-{width}."), width) for width in WIDTHS)
    return tuple((f"{each.rpartition('.')[0]}.{kind}" if kind else each, width) for each, width in found)


def smallest(path: str) -> str:
    """Return the smallest rendition, or the picture itself when it has none."""
    return next((each for each, _width in sisters(path)), path)


def largest(path: str) -> str:
    """Return the picture as large as we have it: what was uploaded, or below static the largest rendition."""
    return path.replace(_LARGE, "-one.") if path.startswith(MEDIA) else path


def has_avif(path: str) -> bool:
    """Tell whether a picture has its sisters as AVIF too."""
    return path.startswith(MEDIA) and bool(sisters(path))
