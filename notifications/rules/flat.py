"""Words of staff's own with flat variables: `{{ number }}` and nothing else, filled in one pass.

No tags, no filters, no dots: what staff write can neither run anything nor reach anything but the values a message has.
Source: issue of the one voice (unknown variables refused, flat variables only, no template tags).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

_FLAT = re.compile(r"\{\{ *([a-z][a-z0-9_]*) *\}\}")
_ANY = re.compile(r"\{\{.*?(?:\}\}|$)", re.DOTALL)
_TAG = re.compile(r"\{[%#].*?(?:[%#]\}|$)", re.DOTALL)


class Fault(StrEnum):
    """What is wrong with words of our own."""

    TAG = "tag"
    NOT_FLAT = "not-flat"
    UNKNOWN = "unknown"
    MISSING = "missing"


@dataclass(frozen=True)
class Problem:
    """One fault and the piece of text it is about."""

    fault: Fault
    piece: str


def problems(*texts: str, known: Collection[str], must_say: Collection[str]) -> list[Problem]:
    """Return what is wrong with words that together make one message; empty when nothing is."""
    found: list[Problem] = []
    for text in texts:
        found += [Problem(Fault.TAG, match[0][:60]) for match in _TAG.finditer(text)]
        found += [
            Problem(Fault.NOT_FLAT, match[0][:60]) for match in _ANY.finditer(text) if not _FLAT.fullmatch(match[0])
        ]
        found += [Problem(Fault.UNKNOWN, name) for name in _FLAT.findall(text) if name not in known]
    said = {name for text in texts for name in _FLAT.findall(text)}
    return found + [Problem(Fault.MISSING, name) for name in must_say if name not in said]


def filled(text: str, values: Mapping[str, str]) -> str:
    """Return the text with its variables filled; a value that looks like a variable stays as it is."""
    return _FLAT.sub(lambda match: values.get(match[1], ""), text)


def paragraphs(text: str) -> list[str]:
    """Return the paragraphs of a text, without empty ones."""
    return [part.strip("\n") for part in re.split(r"\n[ \t]*\n", text.replace("\r\n", "\n")) if part.strip()]
