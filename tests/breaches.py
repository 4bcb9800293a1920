"""Planted breaches: for every invariant one way to break it, so that a check that cannot fail is found.

Each app keeps its own in `tests/<app>/breaches.py`:

    BREACHES: dict[str, Callable[[], None]] = {"O01": plant_a_wrong_total, ...}

A planter gets an empty database inside the test's transaction, makes the rows it needs (factories), and breaks ONE
rule by raw SQL.  `tests/shop/test_audit.py` asks that the audit names exactly that code.  An app whose breaches need
a longer story tells it in `tests/<app>/test_*invariants.py` instead, naming the code in its assertion.  No registered
invariant may be in neither.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.db import connection

APPS = ("shop", "orders", "returns", "support", "notifications")

Planter = Callable[[], None]


def every_planter() -> dict[str, Planter]:
    """Return the planters of all apps by code.  Raises AssertionError when two apps claim the same code."""
    found: dict[str, Planter] = {}
    for app in APPS:
        name = f"tests.{app}.breaches"
        mine: dict[str, Planter] = import_module(name).BREACHES if find_spec(name) else {}
        assert not found.keys() & mine.keys(), f"claimed twice: {found.keys() & mine.keys()}"
        found |= mine
    return found


def codes_told_elsewhere() -> set[str]:
    """Return the codes that tests/<app>/test_*invariants.py assert by name."""
    files = Path(__file__).parent.glob("*/test_*invariants.py")
    return {code for file in files for code in re.findall(r'"([A-Z]\d\d)"', file.read_text())}


def sql(statement: str, *values: Any) -> None:
    """Run one statement past every operation and model."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)


def without_constraints(table: str, *names: str) -> None:
    """Drop constraints for the rest of the test's transaction, as a forgotten migration would."""
    sql("SET CONSTRAINTS ALL IMMEDIATE")  # a table with deferred checks waiting cannot be altered
    for name in names:
        sql(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')


def without_triggers(table: str) -> None:
    """Switch the table's own triggers off (append-only and the like) for the rest of the test's transaction."""
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
