"""Invariants: read-only SQL that must return no row.

Each app adds its own in AppConfig.ready(); `manage.py audit_invariants` runs them all.  It is the oracle of the fault
tests, a nightly job and a tool for support.  Source: reliability reference 2.7.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Invariant:
    """One rule of the database.  `sql` selects (what, detail) text pairs of offending rows; empty means kept.

    A callable writes its statement when it is asked: what it looks at is known once every app is there.
    """

    code: str
    says: str
    sql: str | Callable[[], str]

    @property
    def statement(self) -> str:
        """Return what the database is asked."""
        return self.sql if isinstance(self.sql, str) else self.sql()


_invariants: dict[str, Invariant] = {}


def register(*invariants: Invariant) -> None:
    """Add invariants; a code registered twice is the same invariant."""
    _invariants.update({invariant.code: invariant for invariant in invariants})


def registered() -> tuple[Invariant, ...]:
    """Return all invariants, sorted by code."""
    return tuple(_invariants[code] for code in sorted(_invariants))
