"""Order numbers: random looking, easy to read out, and nobody can count our orders by them.

Source: commerce reference d.3 and d.8.
"""

from __future__ import annotations

NUMBERS = 100_000_000


def order_number(prefix: str, drawn: int) -> str:
    """Return `KP-2041-7736` for the prefix KP and the drawn number 20417736 (0 to NUMBERS - 1)."""
    digits = f"{drawn % NUMBERS:08d}"
    return f"{prefix}-{digits[:4]}-{digits[4:]}"


def parcel_number(order: str, parcel: int) -> str:
    """Return the number our own label gives a parcel: `KP20417736-1` for the first one of order KP-2041-7736."""
    return f"{order.replace('-', '')}-{parcel}"
