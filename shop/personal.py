"""Whose data is where: every app tells here, in AppConfig.ready(), which of its rows are about a person.

A copy of her data and its erasure are made by asking every keeper, so that `shop` imports no other app.  A model no
keeper answers for has to be named as holding nothing personal, or tests/shop/test_personal.py fails: whoever adds a
table decides.  Source: reliability reference 2.6.

    personal.register(
        Keeper("orders.orders", models=("orders.order", ...), sections=sections, fates=fates, erase=erase)
    )
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils.functional import Promise

if TYPE_CHECKING:
    from django.db.models import QuerySet

Words = str | Promise


class NotYet(Exception):
    """Raised by a keeper that cannot erase this minute, such as while a mail is on its way; it is asked again."""


@dataclass(frozen=True)
class Person:
    """Whom it is about: the addresses she proved, in small letters, and her account, if she has one.

    A telephone number she proved, or that staff made sure is hers, is one of the addresses.
    """

    addresses: frozenset[str]
    user_id: int | None

    @property
    def numbers(self) -> frozenset[str]:
        """Return her telephone numbers."""
        return frozenset(address for address in self.addresses if "@" not in address)


@dataclass(frozen=True)
class Section:
    """Rows of a copy.  `fields` may reach over a reference (`order__number`); `currency` is where sums find theirs."""

    name: str
    label: Words
    rows: QuerySet[Any]
    fields: tuple[str, ...]
    currency: str = "currency"


@dataclass(frozen=True)
class Fate:
    """What becomes of `count` rows: `stays` is empty for what goes, else it says what remains and why."""

    label: Words
    count: int
    stays: Words = ""


# Takes a table and ids of append-only rows; gives leave to take words out of them in this transaction.
Redact = Callable[[str, Iterable[int]], None]
# Takes mail addresses, in small letters; returns the telephone numbers whoever has them proved.
Numbers = Callable[[frozenset[str]], Iterable[str]]


def _none(person: Person) -> tuple[()]:
    return ()


def _idle(person: Person) -> bool:
    return False


@dataclass(frozen=True)
class Keeper:
    """One subject's answers about a person.

    `files` yields (path in the zip, bytes).  `holds` says in sentences to her what has to be settled first, `losses`
    what she gives up, `busy` whether something is on its way to her this minute.  `erase` runs in a transaction of its
    own, finds nothing to do the second time, and may raise NotYet.  `comes_back` names (table, column of the address,
    column of the moment) of what she writes herself: a newer row there means that she is a customer again.
    """

    name: str
    models: tuple[str, ...]
    fates: Callable[[Person], Iterable[Fate]]
    erase: Callable[[Person, Redact, datetime], None]
    sections: Callable[[Person], Iterable[Section]] = _none
    files: Callable[[Person], Iterable[tuple[str, bytes]]] = _none
    holds: Callable[[Person], Iterable[Words]] = _none
    losses: Callable[[Person], Iterable[Words]] = _none
    busy: Callable[[Person], bool] = _idle
    comes_back: tuple[tuple[str, str, str], ...] = ()


_keepers: dict[str, Keeper] = {}
_numbers: dict[str, Numbers] = {}
_nothing: set[str] = set()
_kept: dict[str, str] = {}


def register(keeper: Keeper) -> None:
    """Add a keeper; the same name again replaces it."""
    _keepers[keeper.name] = keeper


def know_numbers(name: str, numbers: Numbers) -> None:
    """Register who knows which numbers belong to addresses; the same name again replaces the older one."""
    _numbers[name] = numbers


def with_numbers(addresses: Iterable[str]) -> frozenset[str]:
    """Return addresses together with the numbers their owner proved.  One query for each who was registered."""
    known = frozenset(addresses)
    return known.union(*(numbers(known) for numbers in _numbers.values()))


def nothing_personal(*labels: str) -> None:
    """Name models (`app.model`) whose rows are about things, not about customers."""
    _nothing.update(labels)


def keeps_by_law(table: str, why: str) -> None:
    """Name a table that keeps what stands in it after an erasure, and why: the audit does not look there."""
    _kept[table] = why


def registered() -> tuple[Keeper, ...]:
    """Return the keepers, the highest app's first: it may ask the lower ones for rows that are still there."""
    return tuple(reversed(_keepers.values()))


def accounted_for() -> frozenset[str]:
    """Return the models somebody answers for, as `app.model`."""
    return frozenset(_nothing).union(*(keeper.models for keeper in _keepers.values()))


def kept_by_law() -> dict[str, str]:
    """Return the tables an erasure leaves alone, and why."""
    return dict(_kept)
