"""Voucher codes: 80 random bits in sixteen signs that can be read out on the phone.

Crockford's Base32 leaves out I, L, O and U; what people type for them is understood.
Source: commerce reference 2.12; https://www.crockford.com/base32.html.
"""

from __future__ import annotations

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
BITS = 80
SIGNS = 16
_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1", "-": "", " ": ""})


def code_of(number: int) -> str:
    """Write a number below 2^80 as `A1B2-C3D4-E5F6-G7H8`.  Raises ValueError for another number."""
    if not 0 <= number < 1 << BITS:
        raise ValueError("A code has 80 bits")
    signs = "".join(ALPHABET[number >> shift & 31] for shift in range(BITS - 5, -1, -5))
    return "-".join(signs[start : start + 4] for start in range(0, SIGNS, 4))


def plain_code(typed: str) -> str:
    """Return what was typed without what does not matter: case, spaces, hyphens, O for 0, I and L for 1."""
    return "".join(typed.split()).upper().translate(_MISREAD)


def possible(plain: str) -> bool:
    """Tell whether a plain code can be one of ours."""
    return len(plain) == SIGNS and all(sign in ALPHABET for sign in plain)
