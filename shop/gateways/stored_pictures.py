"""What lies in the media storage, by the names our pictures have there; files of anybody else are not ours to touch."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.core.files.storage import default_storage

from shop.rules.pictures import is_file

PIECES, REVIEWS = "pieces", "reviews"
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_OF_A_REVIEW = re.compile(rf"reviews/{_UUID.pattern}(?:-small)?\.webp")


@dataclass(frozen=True)
class Stored:
    """A file of ours: a rendition of the picture `name` in `folder`, PIECES or REVIEWS."""

    path: str
    folder: str
    name: UUID


def stored_pictures() -> Iterator[Stored]:
    """Yield every file that carries a name of ours, in no order.  One listing a folder.  Raises OSError."""
    for folder in (PIECES, REVIEWS):
        for file in _files(folder):
            path = f"{folder}/{file}"
            named = _UUID.match(file)
            if named and (is_file(path) or _OF_A_REVIEW.fullmatch(path)):
                yield Stored(path, folder, UUID(named[0]))


def _files(folder: str) -> list[str]:
    try:
        return default_storage.listdir(folder)[1]
    except FileNotFoundError:  # nobody has uploaded anything yet
        return []


def stored_at(path: str) -> datetime | None:
    """Return when a file was stored; None when it is gone.  Raises OSError."""
    try:
        return default_storage.get_modified_time(path)
    except FileNotFoundError:
        return None


def remove(path: str) -> None:
    """Take a file out of the storage; nothing happens when it is gone.  Raises OSError."""
    default_storage.delete(path)
