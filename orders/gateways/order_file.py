"""A file of old orders: CSV, plain or gzip, one order a line, in the layout other shops' exports use.

Columns read: order, purchased, handed_over, delivered, promised, seller, seller_state, customer_state, capital, zip2,
freight.  `order`, `purchased` and `delivered` must be there; `delivered` and anything else may be empty.  Times are
local.  Other columns are not read; ship_limit and approved least of all, which nobody knows when the order is placed.
"""

from __future__ import annotations

import csv
import gzip
import io
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import IO

GZIP_MAGIC = b"\x1f\x8b"
REQUIRED = ("order", "purchased", "delivered")
FIRST_YEAR, LAST_YEAR = 1970, 2199  # a shop's orders; a replay goes day by day, and a slip of the pen is centuries away


class UnreadableFile(Exception):
    """The file is not a table of orders.  Its message is the sentence to show."""


@dataclass(frozen=True, slots=True)
class OldOrder:
    """One order as its shop wrote it down.  Moments are local and naive; None: not there, or has not happened."""

    order: str
    purchased_at: datetime
    handed_over_on: date | None
    delivered_on: date | None
    promised_on: date | None
    seller: str
    seller_state: str
    customer_state: str
    capital: str
    zip2: str
    freight: float | None = None  # what the delivery cost, in the file's own money


@dataclass
class OrderFile:
    """What a file held: its orders by purchase, and a sentence for every line that was left out."""

    orders: list[OldOrder] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


def read_orders(path: Path) -> OrderFile:
    """Read a file of orders.  Raises UnreadableFile when there is none, or it has not the columns it needs."""
    found = OrderFile()
    seen: set[str] = set()
    try:
        for line, row in _rows(path):
            try:
                order = _order(row)
                if order.order in seen:
                    raise ValueError(f"order {order.order} is there twice")
            except ValueError as problem:
                found.refused.append(f"line {line}: {problem}")
                continue
            seen.add(order.order)
            found.orders.append(order)
    except (OSError, EOFError, UnicodeDecodeError, csv.Error) as problem:
        raise UnreadableFile(f"{path} cannot be read as CSV: {problem}") from problem
    found.orders.sort(key=lambda order: (order.purchased_at, order.order))
    return found


def _rows(path: Path) -> Iterator[tuple[int, Mapping[str, str | None]]]:
    with _opened(path) as text:
        reader = csv.DictReader(text)
        missing = [name for name in REQUIRED if name not in (reader.fieldnames or [])]
        if missing:
            raise UnreadableFile(f"{path} has no column {' and no column '.join(missing)}")
        for row in reader:
            yield reader.line_num, row


def _opened(path: Path) -> IO[str]:
    with path.open("rb") as raw:
        packed = raw.read(2) == GZIP_MAGIC
    if packed:
        return io.TextIOWrapper(gzip.open(path, "rb"), encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")


def _order(row: Mapping[str, str | None]) -> OldOrder:
    """Return one order.  Raises ValueError with a sentence when the line cannot be one."""
    purchased_at = _moment(row, "purchased")
    if not _text(row, "order"):
        raise ValueError("the order has no name")
    if purchased_at is None:
        raise ValueError("purchased is empty")
    if not FIRST_YEAR <= purchased_at.year <= LAST_YEAR:
        raise ValueError(f"purchased lies in the year {purchased_at.year}")
    handed_over, delivered, promised = (_moment(row, name) for name in ("handed_over", "delivered", "promised"))
    for name, moment in (("handed_over", handed_over), ("delivered", delivered)):
        if moment is not None and moment.date() < purchased_at.date():
            raise ValueError(f"{name} lies before purchased")
    handed_over_on = handed_over.date() if handed_over else None
    delivered_on = delivered.date() if delivered else None
    if handed_over_on and delivered_on and handed_over_on > delivered_on:
        handed_over_on = delivered_on  # the hand-over was scanned late; it cannot have been after the arrival
    return OldOrder(
        order=_text(row, "order"),
        purchased_at=purchased_at,
        handed_over_on=handed_over_on,
        delivered_on=delivered_on,
        promised_on=promised.date() if promised else None,
        seller=_text(row, "seller"),
        seller_state=_text(row, "seller_state"),
        customer_state=_text(row, "customer_state"),
        capital=_text(row, "capital"),
        zip2=_text(row, "zip2"),
        freight=_number(row, "freight"),
    )


def _text(row: Mapping[str, str | None], name: str) -> str:
    return (row.get(name) or "").strip()


def _number(row: Mapping[str, str | None], name: str) -> float | None:
    text = _text(row, name)
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or value < 0:
        raise ValueError(f"{name} is not an amount: {text!r}")
    return value


def _moment(row: Mapping[str, str | None], name: str) -> datetime | None:
    text = _text(row, name)
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        raise ValueError(f"{name} is not a date: {text!r}") from None
