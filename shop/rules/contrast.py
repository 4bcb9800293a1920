"""Contrast of two colours, the way WCAG counts it."""

from __future__ import annotations

READABLE = 4.5  # text of ordinary size


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour such as "#8a3b1f", from 0 (black) to 1 (white).

    Raises ValueError for anything but six hex digits.  Source: WCAG 2.2, relative luminance.
    """
    digits = colour.strip().removeprefix("#")
    if len(digits) != 6:
        raise ValueError(f"{colour!r} is not a colour like #8a3b1f")
    red, green, blue = (_linear(int(digits[start : start + 2], 16) / 255) for start in (0, 2, 4))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, from 1 to 21, whichever is lighter.  Source: WCAG 2.2, 1.4.3."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)
