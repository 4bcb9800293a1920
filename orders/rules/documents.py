"""Invoices and credit notes: when one is due, how it is numbered, how tax is summed up.

Source: Directive 2006/112/EC art. 219, 220, 222, 226.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

_PREFIX = {"invoice": "INV", "credit_note": "CRN"}


class Rate(NamedTuple):
    """What one tax rate (basis points) makes of a document.  Minor units; gross = net + tax."""

    rate_bp: int
    net_minor: int
    tax_minor: int
    gross_minor: int


def number_of(*, kind: str, year: int, sequence: int) -> str:
    """Return `INV-2026-000012`.  Raises KeyError for an unknown kind."""
    return f"{_PREFIX[kind]}-{year}-{sequence:06d}"


def invoice_due(*, order_status: str, captured_minor: int, due_minor: int, handed_over: bool) -> bool:
    """Tell whether an order needs its invoice: it is paid, or a parcel of it has left."""
    return order_status in {"placed", "cancelled"} and (captured_minor >= due_minor > 0 or handed_over)


def by_rate(parts: Iterable[tuple[int, int, int]]) -> list[Rate]:
    """Sum up (rate in basis points, gross, tax) by rate, the highest first."""
    sums: dict[int, tuple[int, int]] = {}
    for rate_bp, gross, tax in parts:
        before = sums.get(rate_bp, (0, 0))
        sums[rate_bp] = (before[0] + gross, before[1] + tax)
    return [Rate(rate, gross - tax, tax, gross) for rate, (gross, tax) in sorted(sums.items(), reverse=True)]
