"""Which catalogues there are.  Every process asks at its start, the settings too: no package is needed here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

FILES = "*/LC_MESSAGES/django.po"


def path_of(folder: Path, locale: str) -> Path:
    """Return where the catalogue of a locale such as `de` or `pt_BR` stands."""
    return folder / FILES.replace("*", locale)


def languages_in(folder: Path) -> list[str]:
    """Return the codes of the languages that have a catalogue, such as `de` or `pt-br`."""
    return sorted(file.parts[-3].replace("_", "-").lower() for file in folder.glob(FILES))


def stale_in(folder: Path) -> Iterator[Path]:
    """Yield every catalogue that is newer than its compiled form, which is no part of the source."""
    for file in sorted(folder.glob(FILES)):
        compiled = file.with_suffix(".mo")
        if not compiled.exists() or compiled.stat().st_mtime < file.stat().st_mtime:
            yield file
