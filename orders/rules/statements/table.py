"""A table (CSV) as banks export it: columns found by their names, and which way the money went, however it is said."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from orders.rules.statements.amounts import Amount, currency_of, is_plain_word, read_amount, says_left
from orders.rules.statements.lines import StatementLine, Unreadable, key_of

# What banks call their columns, in small letters.
_COLUMNS = {
    "booked_on": ("booking date", "date", "buchungstag", "buchungsdatum", "data", "data mov.", "data movimento"),
    "amount": ("amount", "betrag", "umsatz", "montante", "valor", "importo", "montant"),
    "currency": ("currency", "währung", "waehrung", "moeda", "devise"),
    "payer": ("payer", "name", "auftraggeber/empfänger", "beguenstigter/zahlungspflichtiger", "ordenante", "nome"),
    "purpose": ("purpose", "description", "reference text", "verwendungszweck", "descrição", "descricao", "libellé"),
    "reference": ("bank reference", "reference", "transaction id", "referenz", "referência", "id"),
}
_TELLING = tuple(sorted(_COLUMNS))  # these make a line's key, in this order
_WAYS = {
    "direction": (
        *("direction", "s/h", "soll/haben", "soll/haben-kennzeichen", "d/c", "c/d", "dr/cr", "cr/dr", "debit/credit"),
        *("credit/debit", "debit/credit indicator", "credit debit indicator", "débito/crédito", "debe/haber", "af bij"),
    ),
    "debit": ("debit", "debit amount", "money out", "paid out", "soll", "débito", "debito", "débit"),
    "credit": ("credit", "credit amount", "money in", "paid in", "haben", "crédito", "credito", "crédit"),
}
_HEAD_WITHIN = 30  # lines; banks write their own name and the account above the names of the columns

Row = tuple[int, list[str]]  # the line of the file it begins in, and its cells


@dataclass(frozen=True)
class _Table:
    """Where each column is, and the lines below their names."""

    columns: Mapping[str, int]
    body: Sequence[Row]


def read_table(text: str) -> Iterator[StatementLine]:
    """Yield the lines of a table.  Raises Unreadable."""
    table = _head(_rows(text))
    seen: Counter[str] = Counter()
    for number, row in table.body:
        if not any(cell.strip() for cell in row):
            continue
        known = {name: row[at].strip() if at < len(row) else "" for name, at in table.columns.items()}
        try:
            yield _line(known, seen)
        except ValueError as problem:
            raise Unreadable(f"Line {number}: {problem}") from None


def _line(known: Mapping[str, str], seen: Counter[str]) -> StatementLine:
    booked_on, amount = _day(known["booked_on"]), _amount(known)
    telling = [known[name] for name in (*_TELLING, "debit", "credit") if name in known]
    return StatementLine(
        key=key_of(known.get("reference", ""), telling, seen, left=bool(amount.left)),
        booked_on=booked_on,
        amount_minor=-amount.minor if amount.left else amount.minor,
        currency=amount.currency,
        payer=known.get("payer", ""),
        purpose=known["purpose"],
    )


def _amount(known: Mapping[str, str]) -> Amount:
    """Return how much it is and which way it went.  Raises ValueError."""
    column = currency_of(known.get("currency", ""))
    if {"debit", "credit"} <= known.keys():
        amount = _of_two(known["debit"], known["credit"], column or "EUR")
    else:
        amount = read_amount(known["amount"], column or "EUR")
        if known.get("debit", "").strip("0,. "):  # a column for what left alone: who stands in it, left
            amount = Amount(amount.minor, amount.currency, True)
    if column and amount.currency != column:
        raise ValueError(f"the amount is in {amount.currency}, the currency is said to be {column}.")
    if "direction" not in known:
        return amount
    said = says_left(known["direction"])
    if said is None and (known["direction"] or amount.left is None):
        raise ValueError(f"“{known['direction']}” says neither that money came in nor that it left.")
    return Amount(amount.minor, amount.currency, bool(said or amount.left))


def _of_two(debit: str, credit: str, currency: str) -> Amount:
    """Return the amount of the one column that has one; below the name for what left, everything left."""
    out, came = (read_amount(cell, currency) if cell else Amount(0, currency, None) for cell in (debit, credit))
    if (out.minor and came.minor) or not (debit or credit):
        raise ValueError("one of the columns for what came in and what left has an amount, never both or none.")
    return Amount(out.minor, out.currency, True) if out.minor else came


def _rows(text: str) -> list[Row]:
    """Return the rows, whether lines end as on Windows, as on Unix, or as on an old Macintosh (CR alone)."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    rows: list[Row] = []
    begins = 1
    try:
        for row in reader:
            rows.append((begins, row))
            begins = reader.line_num + 1
    except csv.Error as problem:
        raise Unreadable(
            f"Line {begins}: the table cannot be read from here on ({problem}). Often a quotation mark is missing"
            " or one too many. Export it again, or as CAMT.053."
        ) from None
    return rows


def _delimiter(text: str) -> str:
    head = text[:4096]
    return max((";", ",", "\t"), key=head.count)


def _head(rows: Sequence[Row]) -> _Table:
    """Find the line that names the columns."""
    for at, (_number, row) in enumerate(rows[:_HEAD_WITHIN]):
        names = [cell.strip().lower() for cell in row]
        found = _named(names, _COLUMNS) | _named(names, _WAYS)
        if {"booked_on", "purpose"} <= found.keys() and ("amount" in found or {"debit", "credit"} <= found.keys()):
            body = rows[at + 1 :]
            return _Table(found | _unnamed_direction(names, found, body), body)
    raise Unreadable(
        "No line of the table names the columns date, amount and purpose. Name them so in the first line,"
        " or export CAMT.053 instead."
    )


def _named(names: Sequence[str], ours: Mapping[str, Sequence[str]]) -> dict[str, int]:
    return {name: names.index(theirs) for name, known in ours.items() for theirs in reversed(known) if theirs in names}


def _unnamed_direction(names: Sequence[str], found: Mapping[str, int], body: Sequence[Row]) -> dict[str, int]:
    """Find the column that says which way the money went though its name does not say that it does.

    After the amount and without a name, one such word is enough; under a name we do not know, every cell must be a
    word that can mean nothing else.
    """
    if "direction" in found or "amount" not in found:
        return {}
    widest = max((len(row) for _, row in body), default=0)
    for at in range(widest):
        if at in found.values():
            continue
        cells = [row[at].strip() for _, row in body if at < len(row) and row[at].strip()]
        nameless = at >= len(names) or not names[at]
        if nameless and at > found["amount"] and any(says_left(cell) is not None for cell in cells):
            return {"direction": at}
        if cells and not nameless and all(map(is_plain_word, cells)):
            return {"direction": at}
    return {}


def _day(text: str) -> date:
    for form in ("%Y-%m-%d", "%d.%m.%Y", "%d.%m.%y", "%d/%m/%Y", "%d-%m-%Y", "%Y/%m/%d"):
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 -- a calendar day has no zone
        except ValueError:
            continue
    raise ValueError(f"“{text}” is no date we know. Write it like 2026-03-02.")
