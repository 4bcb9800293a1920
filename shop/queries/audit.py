"""The audit: every registered invariant, asked in one read-only transaction."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db import connection, transaction

from shop import invariants


@dataclass(frozen=True)
class Breach:
    """One row that breaks one invariant."""

    code: str
    says: str
    what: str
    detail: str


def breaches(codes: Collection[str] = ()) -> list[Breach]:
    """Return every breach, by invariant code; only those of `codes` when there are any.

    Reads only; raises DatabaseError when it cannot ask.
    """
    found: list[Breach] = []
    with transaction.atomic(), connection.cursor() as cursor:
        for rule in invariants.registered():
            if codes and rule.code not in codes:
                continue
            cursor.execute(rule.statement)
            found += [Breach(rule.code, rule.says, str(what), str(detail)) for what, detail in cursor.fetchall()]
    return found
