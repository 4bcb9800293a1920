"""Lengths: stored in whole millimetres, shown in centimetres or inches, rounded once."""

from __future__ import annotations


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
