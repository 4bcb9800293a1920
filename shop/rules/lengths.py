"""Lengths: stored in whole millimetres, shown in centimetres or inches, rounded once."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

CENTIMETRES, INCHES = "cm", "in"
_MILLIMETRES = {CENTIMETRES: Decimal(10), INCHES: Decimal("25.4")}


def centimetres(millimetres: int) -> str:
    """Return centimetres with at most one decimal: 460 is "46", 118 is "11.8"."""
    whole, tenth = divmod(millimetres, 10)
    return f"{whole}.{tenth}" if tenth else str(whole)


def inches(millimetres: int) -> str:
    """Return inches with one decimal, rounded half up: 460 is "18.1".

    Source: 1 inch = 25.4 mm exactly (international yard agreement, 1959).
    """
    tenths = (millimetres * 200 + 254) // 508  # ten inches are 254 mm, so tenths = mm * 100 / 254, half up
    return f"{tenths // 10}.{tenths % 10}"


def millimetres(length: Decimal, unit: str) -> int:
    """Return whole millimetres, rounded half up: 96.5 cm are 965, 38 in are 965.  Raises KeyError for other units."""
    return int((length * _MILLIMETRES[unit]).to_integral_value(ROUND_HALF_UP))


def in_unit(length_mm: int, unit: str) -> str:
    """Return a length in `unit`, without its name."""
    return inches(length_mm) if unit == INCHES else centimetres(length_mm)
