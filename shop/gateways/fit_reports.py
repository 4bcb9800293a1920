"""Fit reports in a file: CSV, plain or gzip, one report a line.

Needed columns: user_id, item_id, size, fit (small, fit or large; empty while nobody knows), review_date (YYYY-MM-DD).
Known beside them: category, rented_for, body_type, height_in, weight_lbs, bust_size_num, bust_size_letter, age.  Any
value may be missing; a number that no body has counts as missing.
"""

from __future__ import annotations

import csv
import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import IO

from shop.rules.fit import VERDICTS, Report

FACTS = ("height", "weight", "bust", "cup", "age")
_NEEDED = ("user_id", "item_id", "size", "fit", "review_date")
_NUMBERS = {
    "height": ("height_in", 48.0, 84.0),
    "weight": ("weight_lbs", 60.0, 450.0),
    "bust": ("bust_size_num", 26.0, 60.0),
    "age": ("age", 12.0, 99.0),
}
_CUPS = ("aa", "a", "b", "c", "d", "dd", "ddd", "f", "g", "h", "i", "j", "k")
_MAGIC = b"\x1f\x8b"


class Unreadable(Exception):
    """The file cannot be read as fit reports at all; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the file: the report, and what was written there for user, item, size and date."""

    line: int
    written: tuple[str, str, str, str]
    report: Report


@dataclass(frozen=True, slots=True)
class BadRow:
    """A line that is left out, and why."""

    line: int
    why: str


def read_reports(path: Path) -> Iterator[Row | BadRow]:
    """Yield every line of the file in its order.  Raises Unreadable."""
    try:
        with _opened(path) as text:
            lines = csv.DictReader(text, restkey="")
            missing = [name for name in _NEEDED if name not in (lines.fieldnames or [])]
            if missing:
                raise Unreadable(f"{path}: column {', '.join(missing)} is missing; the first line names the columns")
            for values in lines:
                yield _row(lines.line_num, values)
    except (OSError, EOFError, zlib.error, UnicodeDecodeError, csv.Error) as problem:
        raise Unreadable(f"{path}: {problem}") from problem


@contextmanager
def _opened(path: Path) -> Iterator[IO[str]]:
    with path.open("rb") as raw:
        packed = raw.read(2) == _MAGIC
    if packed:
        with gzip.open(path, "rt", encoding="utf-8-sig", newline="") as text:
            yield text
    else:
        with path.open(encoding="utf-8-sig", newline="") as text:
            yield text


def _row(line: int, values: dict[str, str | None]) -> Row | BadRow:
    user, item, size, fit, day = ((values.get(name) or "").strip() for name in _NEEDED)
    if "" in values:
        return BadRow(line, "it has more values than the first line has names")
    if not item:
        return BadRow(line, "it names no item")
    verdict = fit.lower()
    if verdict and verdict not in VERDICTS:
        return BadRow(line, f"fit is {fit[:20]!r}; it may be small, fit or large")
    try:
        on = date.fromisoformat(day)
    except ValueError:
        return BadRow(line, f"the date is {day[:20]!r}; write it as 2017-07-01")
    return Row(line, (user, item, size, day), _report(values, user, item, size, verdict, on))


def _report(values: dict[str, str | None], user: str, item: str, size: str, verdict: str, on: date) -> Report:
    return Report(
        item=item,
        size=_number(size, 0.0, 10_000.0),
        day=on.toordinal(),
        customer=user,
        category=(values.get("category") or "").strip().lower(),
        occasion=(values.get("rented_for") or "").strip().lower(),
        shape=(values.get("body_type") or "").strip().lower(),
        facts=_facts(values),
        verdict=VERDICTS.index(verdict) if verdict else None,
    )


def _facts(values: dict[str, str | None]) -> dict[str, float]:
    found = {name: _number(values.get(column), low, high) for name, (column, low, high) in _NUMBERS.items()}
    cup = (values.get("bust_size_letter") or "").strip().lower().split("/")[0]
    found["cup"] = float(_CUPS.index(cup)) if cup in _CUPS else None
    return {name: value for name, value in found.items() if value is not None}


def _number(text: str | None, low: float, high: float) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if low <= number <= high else None
