"""Bank statements: CAMT.053 and .054, or a table (CSV) as banks export it, read into lines; and whose line it is.

A line has a key, so that the same file, or the next one that overlaps with it, is taken in once.
Source: ISO 20022 camt.053.001.02 to .08, camt.054; commerce reference d.4.
"""

from __future__ import annotations

import codecs
import re

from orders.rules.statements.camt import read_camt
from orders.rules.statements.lines import StatementLine, Unreadable, ground_of
from orders.rules.statements.table import read_table

__all__ = ["StatementLine", "Unreadable", "ground_of", "order_numbers", "read_statement", "verdict"]

_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)  # what Windows programs call "Unicode"


def read_statement(raw: bytes) -> list[StatementLine]:
    """Return the booked lines of a statement, in its order.  Raises Unreadable."""
    text = _wide(raw) if raw.startswith(_WIDE) else _narrow(raw)
    if not text.lstrip().startswith("<"):
        return list(read_table(text))
    return list(read_camt(text if raw.startswith(_WIDE) else raw))  # XML names its narrow encoding itself


def order_numbers(text: str, *, prefix: str) -> list[str]:
    """Return the order numbers in a purpose, as we write them, however a bank or a shopper wrote them; each once."""
    signs = re.compile(rf"{re.escape(prefix)}[\s\-./_]*(\d{{4}})[\s\-./_]*(\d{{4}})(?!\d)", re.IGNORECASE)
    return list(dict.fromkeys(f"{prefix}-{first}-{second}" for first, second in signs.findall(text)))


def verdict(*, amount_minor: int, open_minor: int) -> str:
    """Return what a payment is to an order of which so much is open: matched, part or over."""
    if amount_minor == open_minor:
        return "matched"
    return "part" if amount_minor < open_minor else "over"


def _wide(raw: bytes) -> str:
    try:
        return raw.decode("utf-16")
    except UnicodeDecodeError:
        raise Unreadable("The file begins as UTF-16 and is damaged or cut off. Export it again.") from None


def _narrow(raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")
