"""What a catalogue lacks before its language may be called complete."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from babel.messages.catalog import Catalog, Message

from shop.catalogues.extraction import Text

_NAMED = re.compile(r"(?<!%)(?:%%)*(%\([A-Za-z_0-9.]+\)[sd])")
_BARE = re.compile(r"(?<!%)(?:%%)*(%[sd])")
_TAG = re.compile(r"</?[a-z]+")


@dataclass
class Faults:
    """Texts by what is wrong with them, each as a translator would look for it."""

    missing: list[str] = field(default_factory=list)
    unsure: list[str] = field(default_factory=list)
    unequal: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.missing or self.unsure or self.unequal or self.unknown)


def faults_of(catalogue: Catalog, texts: Mapping[tuple[str, str], Text]) -> Faults:
    """Return what is missing, marked fuzzy, differs in its variables or markup, or stands nowhere any more."""
    found = Faults()
    for text in texts.values():
        message = catalogue.get(text.text, text.context or None)
        says = _strings(message)
        if not says or not all(says) or (bool(text.plural) != (len(says) > 1 or _pluralized(message))):
            found.missing.append(text.text)
        elif message is not None and message.fuzzy:
            found.unsure.append(text.text)
        elif not _equal(text, says):
            found.unequal.append(text.text)
    found.unknown = [_first(message) for message in catalogue if message.id and _key(message) not in texts]
    return found


def _pluralized(message: Message | None) -> bool:
    return message is not None and isinstance(message.id, tuple | list)


def _strings(message: Message | None) -> tuple[str, ...]:
    if message is None:
        return ()
    return tuple(message.string) if isinstance(message.string, tuple | list) else (str(message.string or ""),)


def _first(message: Message) -> str:
    return str(message.id[0] if isinstance(message.id, tuple | list) else message.id)


def _key(message: Message) -> tuple[str, str]:
    return (message.context or "", _first(message))


def _equal(text: Text, says: tuple[str, ...]) -> bool:
    """Tell whether every form has the variables, tags and edges of the text; one of a counted text may leave some out.

    "a day" needs no number; the form for many needs all of them.
    """
    many = text.plural or text.text
    whole = _same(many, says[-1])
    return whole and all(_names(each) <= _names(many) and _edges(each) == _edges(many) for each in says)


def _same(one: str, other: str) -> bool:
    return all(_sorted(pattern, one) == _sorted(pattern, other) for pattern in (_BARE, _TAG)) and (
        _names(one) == _names(other) and one.count("%%") == other.count("%%")
    )


def _sorted(pattern: re.Pattern[str], text: str) -> list[str]:
    return sorted(pattern.findall(text))


def _names(text: str) -> set[str]:
    return set(_NAMED.findall(text))


def _edges(text: str) -> tuple[bool, bool]:
    return (text[:1].isspace(), text[-1:].isspace())


def lines_of(faults: Faults) -> Iterator[str]:
    """Yield the faults as a person reads them, one a line."""
    told = {
        "is not translated": faults.missing,
        "is marked fuzzy": faults.unsure,
        "has other variables or markup than its translation": faults.unequal,
        "stands nowhere any more": faults.unknown,
    }
    for what, which in told.items():
        yield from (f"{text!r} {what}" for text in sorted(which))
