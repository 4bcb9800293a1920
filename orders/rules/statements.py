"""Bank statements: CAMT.053 and .054, or a table (CSV) as banks export it, read into lines; and whose line it is.

A line has a key, so that the same file, or the next one that overlaps with it, is taken in once.
Source: ISO 20022 camt.053.001.02 to .08, camt.054; commerce reference d.4.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from defusedxml import ElementTree

from shop.rules.money import exponent


class Unreadable(ValueError):
    """This is no bank statement we can read; the words say what to do."""


@dataclass(frozen=True)
class StatementLine:
    """One movement of the account; `amount_minor` is below zero when money left (minor units)."""

    key: str
    booked_on: date
    amount_minor: int
    currency: str
    payer: str
    purpose: str


def read_statement(raw: bytes) -> list[StatementLine]:
    """Return the booked lines of a statement, in its order.  Raises Unreadable."""
    if raw.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
        return list(_read_camt(raw))
    return list(_read_table(raw))


def order_numbers(text: str, *, prefix: str) -> list[str]:
    """Return the order numbers in a purpose, as we write them, however a bank or a shopper wrote them; each once."""
    signs = re.compile(rf"{re.escape(prefix)}[\s\-./_]*(\d{{4}})[\s\-./_]*(\d{{4}})(?!\d)", re.IGNORECASE)
    return list(dict.fromkeys(f"{prefix}-{first}-{second}" for first, second in signs.findall(text)))


def verdict(*, amount_minor: int, open_minor: int) -> str:
    """Return what a payment is to an order of which so much is open: matched, part or over."""
    if amount_minor == open_minor:
        return "matched"
    return "part" if amount_minor < open_minor else "over"


def _read_camt(raw: bytes) -> Iterator[StatementLine]:
    try:
        root = ElementTree.fromstring(raw)
    except Exception as problem:  # broken XML, or one that wants to reach outside
        raise Unreadable(f"The file is no XML we can read ({type(problem).__name__}). Export it again.") from None
    entries = [node for node in root.iter() if _name(node) == "Ntry"]
    if not entries and not any(_name(node) in {"Stmt", "Ntfctn"} for node in root.iter()):
        raise Unreadable("The file holds no statement: export CAMT.053 or CAMT.054, not another report.")
    seen: Counter[str] = Counter()
    for entry in entries:
        status = _text(entry, "Sts", "Cd") or _text(entry, "Sts")
        if status not in {"BOOK", ""}:
            continue  # announced, not booked
        details = [node for node in entry.iter() if _name(node) == "TxDtls"] or [entry]
        for detail in details:
            yield _camt_line(entry, detail, alone=len(details) == 1, seen=seen)


def _camt_line(entry: Any, detail: Any, *, alone: bool, seen: Counter[str]) -> StatementLine:
    own = [] if alone else [_find(detail, "TxAmt", "Amt"), _find(detail, "Amt")]  # of several payments in one entry
    amount = next((found for found in [*own, _find(entry, "Amt")] if found is not None), None)
    booked = _text(entry, "BookgDt", "Dt") or _text(entry, "BookgDt", "DtTm")[:10]
    if amount is None or not booked:
        raise Unreadable("An entry of the statement has no amount or no booking date.")
    currency = amount.get("Ccy") or ""
    sign = -1 if (_text(entry, "CdtDbtInd") == "DBIT") else 1
    purpose = " ".join(node.text or "" for node in detail.iter() if _name(node) in {"Ustrd", "Ref", "AddtlTxInf"})
    reference = _text(detail, "AcctSvcrRef") or _text(entry, "AcctSvcrRef") or _text(entry, "NtryRef")
    known = [booked, amount.text or "", currency, purpose, _text(detail, "EndToEndId"), _payer(detail)]
    return StatementLine(
        key=_key(reference, known, seen),
        booked_on=date.fromisoformat(booked),
        amount_minor=sign * _minor(amount.text or "", currency),
        currency=currency,
        payer=_payer(detail),
        purpose=f"{purpose} {_end_to_end(detail)}".strip(),
    )


def _payer(detail: Any) -> str:
    return _text(detail, "Dbtr", "Nm") or _text(detail, "Dbtr", "Pty", "Nm")


def _end_to_end(detail: Any) -> str:
    said = _text(detail, "EndToEndId")
    return "" if said == "NOTPROVIDED" else said


def _name(node: Any) -> str:
    return str(node.tag).rpartition("}")[2]


def _find(node: Any, *names: str) -> Any:
    """Return the first node below that is reached by these names one inside the other, whatever lies between."""
    for child in node.iter():
        if child is not node and _name(child) == names[0]:
            return child if len(names) == 1 else _find(child, *names[1:])
    return None


def _text(node: Any, *names: str) -> str:
    found = _find(node, *names)
    return (found.text or "").strip() if found is not None else ""


# What banks call their columns, in small letters.
_COLUMNS = {
    "booked_on": ("booking date", "date", "buchungstag", "buchungsdatum", "data", "data mov.", "data movimento"),
    "amount": ("amount", "betrag", "umsatz", "montante", "valor", "importo", "montant"),
    "currency": ("currency", "währung", "waehrung", "moeda", "devise"),
    "payer": ("payer", "name", "auftraggeber/empfänger", "beguenstigter/zahlungspflichtiger", "ordenante", "nome"),
    "purpose": ("purpose", "description", "reference text", "verwendungszweck", "descrição", "descricao", "libellé"),
    "reference": ("bank reference", "reference", "transaction id", "referenz", "referência", "id"),
}
_NEEDED = ("booked_on", "amount", "purpose")


def _read_table(raw: bytes) -> Iterator[StatementLine]:
    rows = list(csv.reader(io.StringIO(_decoded(raw)), delimiter=_delimiter(raw)))
    columns, body = _head(rows)
    seen: Counter[str] = Counter()
    for number, row in body:
        if not any(cell.strip() for cell in row):
            continue
        known = {name: row[at].strip() if at < len(row) else "" for name, at in columns.items()}
        try:
            currency = known.get("currency") or "EUR"
            booked_on, amount = _day(known["booked_on"]), _minor(known["amount"], currency)
        except ValueError as problem:
            raise Unreadable(f"Line {number}: {problem}") from None
        key = _key(known.get("reference", ""), [known[name] for name in sorted(known)], seen)
        yield StatementLine(key, booked_on, amount, currency, known.get("payer", ""), known["purpose"])


def _decoded(raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")


def _delimiter(raw: bytes) -> str:
    head = raw[:4096]
    return max((";", ",", "\t"), key=lambda sign: head.count(sign.encode()))


def _head(rows: list[list[str]]) -> tuple[dict[str, int], list[tuple[int, list[str]]]]:
    """Find the line that names the columns; banks write their own name and the account above it."""
    for number, row in enumerate(rows[:30], start=1):
        names = [cell.strip().lower() for cell in row]
        found = {
            ours: names.index(theirs)
            for ours, known in _COLUMNS.items()
            for theirs in reversed(known)
            if theirs in names
        }
        if all(name in found for name in _NEEDED):
            return found, list(enumerate(rows[number:], start=number + 1))
    raise Unreadable(
        "No line of the table names the columns date, amount and purpose. Name them so in the first line,"
        " or export CAMT.053 instead."
    )


def _day(text: str) -> date:
    for form in ("%Y-%m-%d", "%d.%m.%Y", "%d.%m.%y", "%d/%m/%Y", "%d-%m-%Y", "%Y/%m/%d"):
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 -- a calendar day has no zone
        except ValueError:
            continue
    raise ValueError(f"“{text}” is no date we know. Write it like 2026-03-02.")


def _minor(text: str, currency: str) -> int:
    """Read `1.234,50`, `1,234.50`, `-12,5` or `12.50 EUR` as whole minor units."""
    plain = re.sub(r"[^\d,.+-]", "", text)
    last = max(plain.rfind(","), plain.rfind("."))
    decimals = len(plain) - last - 1
    if last >= 0 and decimals != 3:
        plain = plain[:last].replace(",", "").replace(".", "") + "." + plain[last + 1 :]
    else:
        plain = plain.replace(",", "").replace(".", "")
    try:
        value = Decimal(plain).scaleb(exponent(currency))
    except InvalidOperation:
        raise ValueError(f"“{text}” is no amount. Write it like 128.00.") from None
    if value != value.to_integral_value():
        raise ValueError(f"“{text}” has more decimal places than {currency} has.")
    return int(value)


def _key(reference: str, known: list[str], seen: Counter[str]) -> str:
    """Return the bank's reference, or what tells the line apart; lines that are alike are counted."""
    ground = hashlib.sha256("\x1f".join([reference, *known]).encode()).hexdigest()[:40]
    seen[ground] += 1
    return f"{ground}:{seen[ground]}"
