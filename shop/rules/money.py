"""Money: whole minor units and a currency; shares that always add up.

Source: style 15; shares by largest remainder (commerce reference d.3, b-13).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

# ISO 4217 currencies whose minor unit is not a hundredth.
_EXPONENTS = {"JPY": 0, "KRW": 0, "VND": 0, "CLP": 0, "ISK": 0, "KWD": 3, "BHD": 3, "JOD": 3, "OMR": 3, "TND": 3}


class CurrencyMismatch(ValueError):
    """Two amounts of different currencies were put together."""


@dataclass(frozen=True, order=False)
class Money:
    """An amount in whole minor units (cents) of an ISO 4217 currency."""

    minor: int
    currency: str

    def __add__(self, other: Money) -> Money:
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.minor - self._same(other), self.currency)

    def __mul__(self, times: int) -> Money:
        return Money(self.minor * times, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __bool__(self) -> bool:
        return self.minor != 0

    def _same(self, other: Money) -> int:
        if other.currency != self.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency}")
        return other.minor


def exponent(currency: str) -> int:
    """Return how many decimal places the currency's minor unit has (ISO 4217)."""
    return _EXPONENTS.get(currency, 2)


def plain_amount(amount: Money) -> str:
    """Write an amount as machines read it, without a currency: `128.00`, `5000`, `-0.05`."""
    places = exponent(amount.currency)
    sign, digits = "-" if amount.minor < 0 else "", f"{abs(amount.minor):0{places + 1}d}"
    return sign + (f"{digits[:-places]}.{digits[-places:]}" if places else digits)


def split(amount_minor: int, weights: Sequence[int]) -> list[int]:
    """Split an amount into shares proportional to `weights`; the shares always sum to the amount.

    Largest remainder; ties go to the earlier share.  Weights are non-negative; when all are 0 the parts are equal.
    Raises ValueError when there is nobody to share with or a weight is negative.
    """
    if not weights or min(weights) < 0:
        raise ValueError("Shares need at least one weight, none negative")
    sign = -1 if amount_minor < 0 else 1
    amount = abs(amount_minor)
    parts = list(weights) if sum(weights) else [1] * len(weights)
    total = sum(parts)
    shares = [amount * part // total for part in parts]
    remainders = [amount * part % total for part in parts]
    missing = amount - sum(shares)
    for index in sorted(range(len(parts)), key=lambda i: -remainders[i])[:missing]:
        shares[index] += 1
    return [sign * share for share in shares]


def tax_included(gross_minor: int, rate_bp: int) -> int:
    """Return the tax inside a gross price, rounded half up once; the rate is in basis points (2300 = 23 %).

    Source: prices include tax (Directive 98/6/EC art. 2); tax = gross x rate / (100 % + rate).
    """
    sign = -1 if gross_minor < 0 else 1
    base = 10_000 + rate_bp
    return sign * ((2 * abs(gross_minor) * rate_bp + base) // (2 * base))
