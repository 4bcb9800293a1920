"""The tests' database: copied from a template that is migrated once for each state of the migrations.

Migrating takes seconds for every worker of every run, copying a tenth of one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import django
from django.apps import apps
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.test import TransactionTestCase

PREFIX = "kingpost_template_"
BUILDS_ALONE = 2041_7736  # the advisory lock of whoever makes or copies a template
KEPT_TABLES = {"django_migrations", "django_content_type", "auth_permission"}  # the same after every migration


@contextmanager
def fresh_database() -> Iterator[None]:
    """Point the connection at a fresh, migrated database until the block ends."""
    own = connection.settings_dict["NAME"]
    copy = connection.creation._get_test_db_name()  # with the number of the worker, when there are several
    with _maintenance() as cursor:
        template = _ready_template(cursor)
        cursor.execute(f'DROP DATABASE IF EXISTS "{copy}"')
        cursor.execute(f'CREATE DATABASE "{copy}" TEMPLATE "{template}"')
    _use(copy)
    try:
        yield
    finally:
        _use(own)
        with _maintenance() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{copy}"')


def fingerprint() -> str:
    """Tell one state of all migrations, Django's and ours, from every other."""
    told = hashlib.sha256(django.__version__.encode())
    for app in apps.get_app_configs():
        found = find_spec(f"{app.name}.migrations")
        for folder in (found.submodule_search_locations or []) if found else []:
            for file in sorted(Path(folder).glob("*.py")):
                told.update(f"{app.label}/{file.name}".encode() + file.read_bytes())
    return told.hexdigest()[:16]


def empty_what_was_filled(case: TransactionTestCase) -> None:
    """Empty the tables a test has written to.  Django's own way empties all of them and makes every permission anew."""
    with connection.cursor() as cursor:
        if filled := filled_tables(cursor):
            cursor.execute("TRUNCATE " + ", ".join(f'"{table}"' for table in filled) + " CASCADE")


def filled_tables(cursor: Any) -> list[str]:
    """Return the tables that hold a row, except those every migration fills alike."""
    tables = sorted(set(connection.introspection.table_names(cursor)) - KEPT_TABLES)
    ask = [f"(SELECT '{table}' FROM \"{table}\" LIMIT 1)" for table in tables]  # noqa: S608 -- our own tables
    cursor.execute(" UNION ALL ".join(ask))
    return sorted(table for (table,) in cursor.fetchall())


def _ready_template(cursor: Any) -> str:
    """Return the name of the template, made now if there is none; those of other states are dropped."""
    template = PREFIX + fingerprint()
    cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [PREFIX])
    there = {name for (name,) in cursor.fetchall()}
    if template in there:
        return template
    for old in there:
        _drop_unless_used(cursor, old)
    building = f"{PREFIX}building"
    cursor.execute(f'CREATE DATABASE "{building}"')
    _use(building)
    call_command("migrate", interactive=False, verbosity=0)
    connection.close()
    cursor.execute(f'ALTER DATABASE "{building}" RENAME TO "{template}"')
    return template


def _drop_unless_used(cursor: Any, name: str) -> None:
    try:
        cursor.execute(f'DROP DATABASE "{name}"')
    except DatabaseError:  # another checkout copies it at this moment
        return


@contextmanager
def _maintenance() -> Iterator[Any]:
    """A cursor outside the test's database that holds the lock; it may wait as long as a migration takes."""
    with connection._nodb_cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("SET lock_timeout = 0")
        cursor.execute("SELECT pg_advisory_lock(%s)", [BUILDS_ALONE])
        yield cursor


def _use(name: str) -> None:
    connection.close()
    connection.settings_dict["NAME"] = name
