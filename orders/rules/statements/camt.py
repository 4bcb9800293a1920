"""CAMT.053 and .054: an entry is one movement of the account; a batch says of each payment in it how much, which way.

Source: ISO 20022 camt.053.001.02 to .08, camt.054 (Ntry, NtryDtls, TxDtls).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any

from defusedxml import ElementTree

from orders.rules.statements.amounts import read_xml_amount
from orders.rules.statements.lines import StatementLine, Unreadable, key_of


def read_camt(raw: bytes | str) -> Iterator[StatementLine]:
    """Yield the booked lines.  Raises Unreadable."""
    try:
        root = ElementTree.fromstring(raw)
    except Exception as problem:  # broken XML, or one that wants to reach outside
        raise Unreadable(f"The file is no XML we can read ({type(problem).__name__}). Export it again.") from None
    entries = [node for node in root.iter() if _name(node) == "Ntry"]
    if not entries and not any(_name(node) in {"Stmt", "Ntfctn"} for node in root.iter()):
        raise Unreadable("The file holds no statement: export CAMT.053 or CAMT.054, not another report.")
    seen: Counter[str] = Counter()
    for entry in entries:
        status = _text(_own(entry, "Sts"), "Cd") or _said(_own(entry, "Sts"))
        if status not in {"BOOK", ""}:
            continue  # announced, not booked
        for detail, amount in _movements(entry):
            yield _line(entry, detail, amount, seen)


def _movements(entry: Any) -> list[tuple[Any, Any]]:
    """Return (where it is described, its amount) for each payment of an entry.

    Of several, each has an amount of its own in the account's currency; where one has none, nobody knows how the sum
    is shared, and the entry stays whole.
    """
    whole = _own(entry, "Amt")
    if whole is None:
        raise Unreadable("An entry of the statement has no amount.")
    details = [node for node in entry.iter() if _name(node) == "TxDtls"]
    if len(details) == 1:
        return [(details[0], whole)]
    shares = [(detail, _share(detail, whole.get("Ccy"))) for detail in details]
    return shares if shares and all(amount is not None for _, amount in shares) else [(entry, whole)]


def _share(detail: Any, currency: str | None) -> Any:
    """Return the amount of one payment of a batch; what was instructed in another currency is none."""
    amounts = [_own(detail, "Amt"), _find(_own(detail, "AmtDtls"), "TxAmt", "Amt")]
    return next((amount for amount in amounts if amount is not None and amount.get("Ccy") == currency), None)


def _line(entry: Any, detail: Any, amount: Any, seen: Counter[str]) -> StatementLine:
    booked = _text(_own(entry, "BookgDt"), "Dt") or _text(_own(entry, "BookgDt"), "DtTm")
    currency, number = amount.get("Ccy") or "", (amount.text or "").strip()
    try:
        booked_on, minor = date.fromisoformat(booked[:10]), read_xml_amount(number, currency)
    except ValueError as problem:
        said = f"on {booked}: {problem}" if booked else "has no booking date."
        raise Unreadable(f"An entry of the statement {said}") from None
    left = _left(entry, detail, alone=amount is _own(entry, "Amt"))
    purpose = " ".join(node.text or "" for node in detail.iter() if _name(node) in {"Ustrd", "Ref", "AddtlTxInf"})
    reference = _text(detail, "AcctSvcrRef") or _text(entry, "AcctSvcrRef") or _text(entry, "NtryRef")
    known = [booked[:10], amount.text or "", currency, purpose, _text(detail, "EndToEndId"), _payer(detail)]
    return StatementLine(
        key=key_of(reference, known, seen, left=left),
        booked_on=booked_on,
        amount_minor=-minor if left else minor,
        currency=currency,
        payer=_payer(detail),
        purpose=f"{purpose} {_end_to_end(detail)}".strip(),
        came_back=_said(_own(entry, "RvslInd")) in {"true", "1"} or _find(detail, "RtrInf") is not None,
    )


def _left(entry: Any, detail: Any, *, alone: bool) -> bool:
    """Tell whether the money left.  A payment of a batch says it itself; where both speak of one sum, a debit wins."""
    own, whole = (_said(_own(node, "CdtDbtInd")) for node in (detail, entry))
    said = [own, whole] if alone else [own or whole]
    if not any(said) or not set(said) <= {"CRDT", "DBIT", ""}:
        raise Unreadable("An entry of the statement does not say whether money came in or left (CdtDbtInd).")
    return "DBIT" in said


def _payer(detail: Any) -> str:
    return _text(detail, "Dbtr", "Nm") or _text(detail, "Dbtr", "Pty", "Nm")


def _end_to_end(detail: Any) -> str:
    said = _text(detail, "EndToEndId")
    return "" if said == "NOTPROVIDED" else said


def _name(node: Any) -> str:
    return str(node.tag).rpartition("}")[2]


def _own(node: Any, name: str) -> Any:
    """Return the child of that name, never one further down; None without."""
    return next((child for child in node if _name(child) == name), None)


def _find(node: Any, *names: str) -> Any:
    """Return the first node below that is reached by these names one inside the other, whatever lies between."""
    for child in node.iter() if node is not None else ():
        if child is not node and _name(child) == names[0]:
            return child if len(names) == 1 else _find(child, *names[1:])
    return None


def _said(node: Any) -> str:
    return (node.text or "").strip() if node is not None else ""


def _text(node: Any, *names: str) -> str:
    return _said(_find(node, *names))
