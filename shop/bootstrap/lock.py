"""The production part of the lock: what pyproject's own dependencies need, without tests, tools and embedded servers.

`python3 -m shop.bootstrap.lock` prints it, for `pip install --require-hashes`: the same pins, fewer packages.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from shop.bootstrap.local import CHECKOUT

WE_OURSELVES = "kingpost (pyproject.toml)"
NAME = re.compile(r"([A-Za-z0-9._-]+)(?:\[[^]]*\])?==")


def production(lock: str) -> str:
    """Return the entries of `lock` that are there, directly or not, because of [project].dependencies.

    Follows the "via" remarks uv writes behind every entry.
    """
    entries = {entry[1]: lock[entry.start() : end] for entry, end in _bounds(lock)}
    needed_by = {name: _via(text) for name, text in entries.items()}
    kept = {name for name, reasons in needed_by.items() if WE_OURSELVES in reasons}
    while more := {name for name, reasons in needed_by.items() if reasons & kept} - kept:
        kept |= more
    return "".join(text for name, text in entries.items() if name in kept)


def _bounds(lock: str) -> list[tuple[re.Match[str], int]]:
    starts = list(re.finditer(rf"^{NAME.pattern}", lock, flags=re.MULTILINE))
    ends = [later.start() for later in starts[1:]] + [len(lock)]
    return list(zip(starts, ends, strict=True))


def _via(entry: str) -> set[str]:
    remarks = [line.strip().removeprefix("#").strip() for line in entry.splitlines() if line.strip().startswith("#")]
    return {remark.removeprefix("via").strip() for remark in remarks} - {""}


def main(path: Path = CHECKOUT / "requirements.txt") -> None:
    sys.stdout.write(production(path.read_text()))


if __name__ == "__main__":
    main()
