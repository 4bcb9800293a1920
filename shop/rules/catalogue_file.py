"""The catalogue as a table: a line for each variant, read whole or refused with every cell that is wrong.

Columns are those of `COLUMNS` in any order, and `mm <code>` for each measure ("mm garment-width": whole millimetres).
What stands of the product in several lines has to be the same in all of them.  An empty cell leaves what is there as it
is.  Source: commerce reference 1 (import and export), reliability reference S21 (formulas in spreadsheets).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from shop.rules.money import exponent

MOST_ROWS = 20_000
MEASURE = "mm "  # how the column of a measure begins
_TEXTS = {  # columns of the product that are text, and how long they may be
    "name": 120,
    "summary": 200,
    "story": 20_000,
    "maker": 80,
    "maker_note": 300,
    "origin": 80,
    "material": 200,
    "care": 5_000,
    "fit": 200,
    "selling_points": 5_000,
}
PRODUCT_COLUMNS = ("category", *_TEXTS, "published")
VARIANT_COLUMNS = (
    *("options", "label", "price", "currency", "content", "weight_g", "making_days", "low_at", "position", "active"),
)
COLUMNS = ("product", *PRODUCT_COLUMNS, "sku", *VARIANT_COLUMNS)
NEEDED = ("product", "sku")
_NUMBERS = {"weight_g": 1_000_000, "making_days": 365, "low_at": 32_000, "position": 1_000_000}
_YES, _NO = {"yes", "true", "1"}, {"no", "false", "0"}
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_ESCAPED = re.compile(r"'+[=+\-@\t\r]")  # an apostrophe more than the text has
MOST_MM = 10_000


class BadFile(Exception):
    """The file is refused and nothing was stored; `problems` are sentences that name line and column."""

    def __init__(self, *problems: str) -> None:
        super().__init__(" ".join(problems[:5]))
        self.problems = problems


@dataclass(frozen=True)
class Piece:
    """One line.  `product` and `variant` hold what is not empty, by the names of the tables' own columns.

    `options` are (code of the option, code of its value), None when the cell is empty; `measures` whole millimetres by
    code.
    """

    line: int
    slug: str
    sku: str
    product: Mapping[str, object] = field(default_factory=dict)
    variant: Mapping[str, object] = field(default_factory=dict)
    options: tuple[tuple[str, str], ...] | None = None
    measures: Mapping[str, int] = field(default_factory=dict)


def read(table: Iterable[tuple[int, Sequence[str]]], *, measures: Collection[str], currency: str) -> list[Piece]:
    """Return the lines of a table, whose first one names the columns; empty lines are passed over.  Raises BadFile.

    `table` holds (number of the line, cells), `measures` the codes that are known, `currency` what counts where a line
    names none.
    """
    rows = iter(table)
    columns = _columns(next(rows, (1, ()))[1], measures)
    problems: list[str] = []
    pieces: list[Piece] = []
    for line, cells in rows:
        if len(pieces) >= MOST_ROWS:
            raise BadFile(f"The file has more than {MOST_ROWS} lines. Split it.")
        if any(cell.strip() for cell in cells):
            pieces += _piece(line, columns, cells, currency, problems)
    problems += _across(pieces)
    if problems:
        raise BadFile(*problems)
    if not pieces:
        raise BadFile("The file holds no pieces.")
    return pieces


def _columns(head: Sequence[str], measures: Collection[str]) -> list[str]:
    names = [re.sub(r"\s+", " ", name.strip().lower()) for name in head]
    while names and not names[-1]:
        names.pop()
    known = {*COLUMNS, *(MEASURE + code for code in measures)}
    problems = [f"Line 1: there is no column called “{name}”." for name in names if name not in known]
    problems += [
        f"Line 1: the column “{name}” is there twice." for name in sorted({n for n in names if names.count(n) > 1})
    ]
    problems += [f"Line 1: the column “{name}” is missing." for name in NEEDED if name not in names]
    if problems:
        raise BadFile(*problems)
    return names


def _piece(line: int, columns: list[str], cells: Sequence[str], currency: str, problems: list[str]) -> list[Piece]:
    found: list[tuple[str, str]] = []
    if any(cell.strip() for cell in cells[len(columns) :]):
        found.append(("", "there are more values than columns"))
    values = {name: _plain(cell, name, found) for name, cell in zip(columns, cells, strict=False)}
    said = {name: value for name, value in values.items() if value}
    product = _of_product(said, found)
    variant = _of_variant(said, currency, found)
    options = _options(said.get("options", ""), found)
    measured = {
        name.removeprefix(MEASURE): _whole(value, MOST_MM, name, found)
        for name, value in said.items()
        if name.startswith(MEASURE)
    }
    slug, sku = said.get("product", ""), said.get("sku", "")
    if not _SLUG.fullmatch(slug) or len(slug) > 50:
        found.append(("product", "small letters, numbers and single hyphens are needed, 50 at most"))
    if not sku or len(sku) > 40:
        found.append(("sku", "1 to 40 signs are needed"))
    problems += [f"Line {line}, {name}: {what}." if name else f"Line {line}: {what}." for name, what in found]
    return [] if found else [Piece(line, slug, sku, product, variant, options, measured)]


def _plain(cell: str, column: str, found: list[tuple[str, str]]) -> str:
    """Return a cell as text; what a spreadsheet would take for a formula is text only behind an apostrophe."""
    value = cell.strip()
    if _ESCAPED.match(value):
        return value[1:]
    if value.startswith(_FORMULA) and not re.fullmatch(r"[+-]?[\d.,]+", value):
        found.append((column, f"it begins like a formula ({value[0]}); put an apostrophe before it if it is text"))
        return ""
    if "\0" in value:
        found.append((column, "it holds a sign that is no text"))
        return ""
    return value


def safe(cell: str) -> str:
    """Return a cell so that no spreadsheet takes it for a formula; `read` takes the apostrophe away again."""
    return f"'{cell}" if cell.startswith(_FORMULA) or _ESCAPED.match(cell) else cell


def _of_product(said: Mapping[str, str], found: list[tuple[str, str]]) -> dict[str, object]:
    values: dict[str, object] = {}
    for name, most in _TEXTS.items():
        if name in said:
            values[name] = said[name].replace("\r\n", "\n")
            if len(said[name]) > most:
                found.append((name, f"at most {most} signs fit; these are {len(said[name])}"))
    if "published" in said:
        values["published"] = _yes_or_no(said["published"], "published", found)
    if "category" in said:
        values["category"] = said["category"]
    return values


def _of_variant(said: Mapping[str, str], currency: str, found: list[tuple[str, str]]) -> dict[str, object]:
    values: dict[str, object] = {name: said[name] for name in ("label",) if name in said}
    if len(said.get("label", "")) > 120:
        found.append(("label", "at most 120 signs fit"))
    code = said.get("currency", currency).upper()
    if not re.fullmatch(r"[A-Z]{3}", code):
        found.append(("currency", "three letters are needed, such as EUR"))
    if "currency" in said:
        values["currency"] = code
    if "content" in said:
        values |= _content(said["content"], found)
    if "price" in said:
        values["price_minor"] = _price(said["price"], code, found)
    values |= {name: _whole(said[name], most, name, found) for name, most in _NUMBERS.items() if name in said}
    if "active" in said:
        values["active"] = _yes_or_no(said["active"], "active", found)
    return values


def _content(text: str, found: list[tuple[str, str]]) -> dict[str, object]:
    """Read "250 g", "75 ml", "3000 mm", "2 piece"."""
    read = re.fullmatch(r"(\d{1,9})\s*(g|ml|mm|piece)", text)
    if not read or not int(read[1]):
        found.append(("content", f"how much of g, ml, mm or piece is needed, such as 250 g; this is “{text[:20]}”"))
        return {}
    return {"content_amount": int(read[1]), "content_unit": read[2]}


def price_minor(text: str, currency: str) -> int:
    """Return minor units of "38", "38.00" or "38,00".  Raises ValueError for no price.

    Thousands are not separated: "1.250" is refused where a currency has no thousandth, for it may be meant as 1250.
    """
    written = text.strip().replace(",", ".")
    if exponent(currency) != 3 and re.search(r"\.\d{3}$", written):
        raise ValueError(text)
    try:
        amount = Decimal(written).scaleb(exponent(currency))
    except InvalidOperation:
        raise ValueError(text) from None
    if not amount.is_finite() or amount != amount.to_integral_value() or not 0 < amount < 1_000_000_000:
        raise ValueError(text)
    return int(amount)


def _price(text: str, currency: str, found: list[tuple[str, str]]) -> int:
    try:
        return price_minor(text, currency)
    except ValueError:
        found.append(("price", f"a price above nothing is needed, such as 38.00; this is “{text[:20]}”"))
        return 0


def _whole(text: str, most: int, column: str, found: list[tuple[str, str]]) -> int:
    if not re.fullmatch(r"\d{1,9}", text) or int(text) > most:
        found.append((column, f"a whole number from 0 to {most} is needed; this is “{text[:20]}”"))
        return 0
    return int(text)


def _yes_or_no(text: str, column: str, found: list[tuple[str, str]]) -> bool:
    if text.lower() not in _YES | _NO:
        found.append((column, f"yes or no is needed; this is “{text[:20]}”"))
    return text.lower() in _YES


def _options(text: str, found: list[tuple[str, str]]) -> tuple[tuple[str, str], ...] | None:
    """Read "colour=sage; size=m"."""
    if not text:
        return None
    pairs = [tuple(part.strip().partition("=")[::2]) for part in text.split(";") if part.strip()]
    named = [(kind.strip(), value.strip()) for kind, value in pairs]
    if not all(kind and value for kind, value in named) or len({kind for kind, _value in named}) < len(named):
        found.append(("options", "each option once is needed, such as colour=sage; size=m"))
    return tuple(named)


def _across(pieces: list[Piece]) -> list[str]:
    """Return what lines contradict each other in."""
    problems = []
    skus: dict[str, int] = {}
    first: dict[tuple[str, str], tuple[int, object]] = {}
    for piece in pieces:
        if piece.sku in skus:
            problems.append(f"Line {piece.line}, sku: {piece.sku} stands in line {skus[piece.sku]} already.")
        skus.setdefault(piece.sku, piece.line)
        for name, value in piece.product.items():
            line, said = first.setdefault((piece.slug, name), (piece.line, value))
            if said != value:
                problems.append(f"Line {piece.line}, {name}: line {line} says something else of {piece.slug}.")
    return problems
