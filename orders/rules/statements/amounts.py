"""Amounts as banks write them: which way the money went, and how much, exactly.

What says that money left wins over everything that says otherwise: money that left must never count as received.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from shop.rules.money import exponent

# Every line people and programs take for a minus: hyphens, dashes, the minus sign, the small and the wide one.
_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"), "-")
_SHORT = {"-": True, "s": True, "d": True, "+": False, "h": False, "c": False}
_PLAIN = {
    **dict.fromkeys(("soll", "dr", "debit", "debet", "dbit", "débit", "débito", "debito", "debe", "af", "dare"), True),
    **dict.fromkeys(
        ("haben", "cr", "credit", "crdt", "crédit", "crédito", "credito", "haber", "bij", "avere", "gutschrift"), False
    ),
    "lastschrift": True,
}
_SYMBOLS = {"€": "EUR", "Euro": "EUR", "EURO": "EUR", "$": "USD", "£": "GBP"}
_SPACES = "\\s'\u2019"  # between thousands, too
_NUMBER = re.compile(rf"[.,]?\d(?:[\d.,{_SPACES}]*\d)?")
_AROUND = re.compile(r"[-+()]|[^\W\d_]+\.?|[€$£]")


@dataclass(frozen=True)
class Amount:
    """What a cell says: so much (minor units, never below zero), and whether it left; None when it does not say."""

    minor: int
    currency: str
    left: bool | None


def says_left(word: str) -> bool | None:
    """Tell whether a word says that money left (True) or came in (False); None when it says neither."""
    plain = _bare(word)
    return _SHORT.get(plain, _PLAIN.get(plain))


def currency_of(word: str) -> str:
    """Return the code (ISO 4217) that a code or a symbol stands for; empty for nothing.  Raises ValueError."""
    plain = word.strip()
    code = _SYMBOLS.get(plain, plain.upper())
    if len(code) not in {0, 3}:
        raise ValueError(f"“{word}” is no currency. Write it like EUR.")
    return code


def is_plain_word(word: str) -> bool:
    """Tell whether a word can mean nothing else: `debit` can not, `d` can."""
    return _bare(word) in _PLAIN


def _bare(word: str) -> str:
    return word.translate(_DASHES).strip().rstrip(".").casefold()


def read_amount(text: str, currency: str) -> Amount:
    """Read `1.234,50`, `-12,5`, `12,50-`, `(12.50)`, `12,50 S`, `DR 12.50` or `12.50 EUR`; an unnamed currency is ours.

    Raises ValueError with what is wrong.
    """
    plain = text.translate(_DASHES).strip()
    found = _NUMBER.search(plain)
    if found is None:
        raise _no_amount(text)
    around = f"{plain[: found.start()]} {plain[found.end() :]}"
    if _AROUND.sub("", around).strip():
        raise _no_amount(text)
    words = _AROUND.findall(around)
    named = [word for word in words if says_left(word) is None and word not in "()"]
    if len(named) > 1 or words.count("(") != words.count(")"):
        raise _no_amount(text)
    code = currency_of(named[0]) if named else currency
    said = [says_left(word) for word in words if says_left(word) is not None] + [True] * words.count("(")
    return Amount(_minor(found.group(), code, text), code, any(said) if said else None)


def read_xml_amount(text: str, currency: str) -> int:
    """Read an amount as XML writes it (minor units): digits and at most one point, which is never for thousands.

    Raises ValueError with what is wrong.  Source: ISO 20022, ActiveOrHistoricCurrencyAndAmount (xs:decimal).
    """
    plain = text.strip()
    if not re.fullmatch(r"\d+(\.\d*)?|\.\d+", plain, re.ASCII):
        raise _no_amount(text)
    return _scaled(Decimal(plain), currency, text)


def _minor(number: str, currency: str, text: str) -> int:
    plain = re.sub(f"[{_SPACES}]", "", number)
    whole, sign, rest = _parted(plain)
    if sign and sign in whole:  # the same sign several times: thousands, and the last of them has three digits, too
        if len(rest) != 3:
            raise _no_amount(text)
        whole, rest = whole + rest, ""
    elif sign and len(rest) == 3 and exponent(currency) != 3 and re.fullmatch(r"[1-9]\d{0,2}", whole):
        whole, rest = whole + rest, ""  # 1.234 is a thousand and some
    return _scaled(Decimal(f"{re.sub(r'[.,]', '', whole) or '0'}.{rest or '0'}"), currency, text)


def _parted(plain: str) -> tuple[str, str, str]:
    last = max(plain.rfind(","), plain.rfind("."))
    return (plain[:last], plain[last], plain[last + 1 :]) if last >= 0 else (plain, "", "")


def _scaled(value: Decimal, currency: str, text: str) -> int:
    scaled = value.scaleb(exponent(currency))
    if scaled != scaled.to_integral_value():
        raise ValueError(f"“{text}” has more decimal places than {currency} has.")
    return int(scaled)


def _no_amount(text: str) -> ValueError:
    return ValueError(f"“{text}” is no amount we can be sure of. Write it like 128.00, or -128.00 when it left.")
