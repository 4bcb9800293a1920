"""The journal of erasures: a file beside the database, so that going back to a backup does not bring people back.

One line an erased address, salted and hashed; lines are only ever added.  Source: reliability reference 2.6.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings


def add(lines: Iterable[str]) -> None:
    """Add lines and return when they are on the disk.  Raises OSError."""
    path = Path(settings.ERASURE_JOURNAL)
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(f"{line}\n" for line in lines)
    with path.open("a+b") as file:
        if file.tell() and _broke_off(path):
            text = f"\n{text}"
        file.write(text.encode())
        file.flush()
        os.fsync(file.fileno())


def read(path: Path) -> list[str]:
    """Return the lines of a journal.  Raises OSError."""
    return [line for line in path.read_text().splitlines() if line.strip()]


def _broke_off(path: Path) -> bool:
    """Tell whether the last line has no end: whoever wrote it died."""
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) != b"\n"
