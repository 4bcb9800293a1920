"""A line of a statement, whatever it was read from, and what tells it apart."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from datetime import date


class Unreadable(ValueError):
    """This is no bank statement we can read; the words say what to do."""


@dataclass(frozen=True)
class StatementLine:
    """One movement of the account; `amount_minor` is below zero when money left (minor units).

    `came_back` is money that was ours before: a transfer we had made and the bank could not deliver.
    """

    key: str
    booked_on: date
    amount_minor: int
    currency: str
    payer: str
    purpose: str
    came_back: bool = False


def key_of(reference: str, known: list[str], seen: Counter[str], *, left: bool) -> str:
    """Return a key of what tells a line apart; lines of one file that are alike are counted.

    Whether money left counts only when it did: what came in keeps the key it had in earlier releases.
    """
    ground = hashlib.sha256("\x1f".join([reference, *known, *["left"] * left]).encode()).hexdigest()[:40]
    seen[ground] += 1
    return f"{ground}:{seen[ground]}"


def ground_of(key: str) -> str:
    """Return the part of a key that lines share which are alike in one file."""
    return key.rpartition(":")[0]
