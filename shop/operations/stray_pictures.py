"""Files of pictures nobody points at, and pictures whose file is gone.

Whoever uploads stores files first and writes the rows then, and whoever throws away does it the other way round: a
process that dies in between leaves a file nobody finds, perhaps one that shows a customer who asked to be forgotten.
What was ever on a page stays: orders and letters show what was bought.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from shop.gateways.pictures import path_of as photo_path
from shop.gateways.stored_pictures import PIECES, REVIEWS, Stored, remove, stored_at, stored_pictures
from shop.models import Category, Event, ProductImage, ReviewPhoto, UploadedPicture
from shop.operations.limits import TooOften, spend
from shop.rules.pictures import FORMATS, WIDTHS, file_of, path_of

AGE = timedelta(days=1)  # far longer than an upload takes between storing its files and writing its rows
NIGHT = timedelta(days=1)
MOST = 1000  # files of one night

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Found:
    """Paths in the storage, sorted: files older than a day no row points at, and files that rows point at in vain."""

    stray: tuple[str, ...]
    missing: tuple[str, ...]


def look_through(at: datetime) -> Found:
    """Compare the storage with the rows.  One listing a folder, and one more question for each file without a row.

    The files are listed before the rows are read: whoever writes a row meanwhile has it read.  Raises OSError.
    """
    files: dict[str, list[Stored]] = defaultdict(list)
    for file in stored_pictures():
        files[file.folder].append(file)
    loose = _loose_pieces(files[PIECES]) + _loose(
        files[REVIEWS], set(ReviewPhoto.objects.values_list("name", flat=True))
    )
    there = {file.path for each in files.values() for file in each}
    return Found(tuple(sorted(file.path for file in loose if _is_old(file, at))), tuple(sorted(_expected(at) - there)))


def _loose(files: Iterable[Stored], known: Set[UUID]) -> list[Stored]:
    return [file for file in files if file.name not in known]


def _loose_pieces(files: Iterable[Stored]) -> list[Stored]:
    """Return the files of pictures of pieces that neither wait nor hang nor ever hung."""
    loose = _loose(files, set(UploadedPicture.objects.values_list("name", flat=True)))
    names = {path_of(file.name, drawn=drawn): file.name for file in loose for drawn in (False, True)}
    if not names:
        return []
    shown = Event.objects.filter(name="shop.picture.hung", payload__path__in=list(names))
    paths = {*shown.values_list("payload__path", flat=True)}
    for model, field in ((ProductImage, "path"), (Category, "image")):
        paths |= {*model._default_manager.filter(**{f"{field}__in": list(names)}).values_list(field, flat=True)}
    return _loose(loose, {names[path] for path in paths})


def _is_old(file: Stored, at: datetime) -> bool:
    stored = stored_at(file.path)
    return stored is not None and stored < at - AGE


def _expected(at: datetime) -> set[str]:
    """Return the files that must be there: of rows older than a day."""
    paths: set[str] = set()
    uploads = UploadedPicture.objects.filter(uploaded_at__lt=at - AGE)
    for name, drawn_at in uploads.values_list("name", "drawn_at"):
        paths.add(file_of(name))
        if drawn_at is not None and drawn_at < at - AGE:
            paths |= {file_of(name, width, kind) for width in WIDTHS for kind in FORMATS}
    for name in ReviewPhoto.objects.filter(review__written_at__lt=at - AGE).values_list("name", flat=True):
        paths |= {photo_path(name, small=small) for small in (False, True)}
    return paths


def remove_stray(paths: Iterable[str]) -> int:
    """Take files out of the storage; return how many.  One that cannot be taken out holds up no other."""
    removed = 0
    for path in paths:
        try:
            remove(path)
            removed += 1
        except OSError as problem:
            log.warning("%s could not be removed: %s", path, type(problem).__name__)
    return removed


def sweep_stray_pictures(at: datetime) -> int:
    """Once a night remove what is stray, at most MOST files, and log how many pictures have lost theirs."""
    try:
        spend(purpose="stray-pictures", who="shop", budget=1, window=NIGHT, at=at)
        found = look_through(at)
    except TooOften:
        return 0
    except OSError as problem:
        log.warning("the media storage could not be looked through: %s", type(problem).__name__)
        return 0
    if found.missing:
        log.warning("%d files of pictures are missing, such as %s", len(found.missing), found.missing[0])
    return remove_stray(found.stray[:MOST])
