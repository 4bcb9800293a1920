"""Postcodes of the countries we deliver to: enough to catch a slip, never so strict that a real address is refused.

Source: Universal Postal Union, national postal addressing systems (PT, DE, IE, FR, AT).
"""

from __future__ import annotations

import re

_SHAPES: dict[str, tuple[re.Pattern[str], str]] = {
    "PT": (re.compile(r"\d{4}-\d{3}"), "4050-262"),
    "DE": (re.compile(r"\d{5}"), "10115"),
    "IE": (re.compile(r"[A-Z]\d[0-9W] [0-9A-Z]{4}"), "D02 X285"),
    "FR": (re.compile(r"\d{5}"), "75011"),
    "AT": (re.compile(r"\d{4}"), "1070"),
}


class PostcodeUnlikely(ValueError):
    """The postcode cannot exist in that country; `example` shows one that can."""

    def __init__(self, example: str) -> None:
        super().__init__(example)
        self.example = example


def tidy_postcode(text: str, country: str) -> str:
    """Return the postcode as the country writes it; unknown countries keep what was typed.

    Raises PostcodeUnlikely when it has another shape than the country's.
    """
    plain = " ".join(text.upper().split())
    if country not in _SHAPES:
        return plain
    shape, example = _SHAPES[country]
    for candidate in (plain, _regrouped(plain, country)):
        if shape.fullmatch(candidate):
            return candidate
    raise PostcodeUnlikely(example)


def _regrouped(plain: str, country: str) -> str:
    """Set the separator where the country has it: `4050262` and `4050 262` are `4050-262`."""
    bare = re.sub(r"[\s-]", "", plain).removeprefix(f"{country}")
    if country == "PT":
        return f"{bare[:4]}-{bare[4:]}"
    if country == "IE":
        return f"{bare[:3]} {bare[3:]}"
    return bare
