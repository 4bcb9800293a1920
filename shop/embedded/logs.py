"""The servers' own logs: kept small, and their last words for an error message."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

LARGEST_LOG_BYTES = 5_000_000


def open_log(path: Path) -> BinaryIO:
    """Open for appending; a log grown too large becomes `<name>.old` first."""
    if path.exists() and path.stat().st_size > LARGEST_LOG_BYTES:
        path.replace(path.with_name(f"{path.name}.old"))
    return path.open("ab")


def tail(path: Path, *, lines: int = 3) -> str:
    """The last words of a log on one line."""
    text = path.read_bytes()[-4000:].decode(errors="replace") if path.exists() else ""
    return " / ".join(line.strip() for line in text.strip().splitlines()[-lines:])
