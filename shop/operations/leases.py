"""Who works on which due row: claims on the database's clock, so that a worker that dies loses its rows by itself.

One statement claims a batch and no lock outlives it.  `statement_timestamp()` and not `now()`: in a long transaction
`now()` stands still.  Source: architecture 3; reliability reference D3, D4.
"""

from __future__ import annotations

from datetime import timedelta

from django.db import connection, models


def lease_due(model: type[models.Model], *, state: str, lease: timedelta, most: int) -> list[tuple[int, int]]:
    """Lease up to `most` rows in `state` that are due and that nobody holds, oldest first; return (id, attempt) by id.

    The attempt is the fence: only who still counts the same number may settle the row.  The table has `due_at`,
    `lease_until` and `attempts`.
    """
    statement = """
        UPDATE {table} SET lease_until = statement_timestamp() + %(lease)s, attempts = attempts + 1
        WHERE id IN (
            SELECT id FROM {table}
            WHERE state = %(state)s AND due_at <= statement_timestamp()
                AND (lease_until IS NULL OR lease_until < statement_timestamp())
            ORDER BY due_at, id LIMIT %(most)s FOR UPDATE SKIP LOCKED)
        RETURNING id, attempts
    """
    return _claimed(statement, model, {"state": state, "lease": lease, "most": most})


def put_off_due(
    model: type[models.Model], *, column: str, by: timedelta, most: int, state: str | None = None
) -> list[int]:
    """Move the next turn of up to `most` rows whose `column` has passed on by `by`, oldest first; return their ids.

    For rows whose next turn is itself the lease: whoever dies costs one turn.  Only rows in `state`, when one is named.
    """
    only = "state = %(state)s AND " if state else ""
    statement = f"""
        UPDATE {{table}} SET {column} = statement_timestamp() + %(by)s
        WHERE id IN (
            SELECT id FROM {{table}} WHERE {only}{column} <= statement_timestamp()
            ORDER BY {column}, id LIMIT %(most)s FOR UPDATE SKIP LOCKED)
        RETURNING id, 0
    """  # noqa: S608 -- our own column
    return [row_id for row_id, _ in _claimed(statement, model, {"by": by, "most": most, "state": state})]


def _claimed(statement: str, model: type[models.Model], values: dict[str, object]) -> list[tuple[int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(statement.format(table=model._meta.db_table), values)  # type: ignore[arg-type]  # psycopg knows intervals, the stubs do not
        return sorted((row_id, attempt) for row_id, attempt in cursor.fetchall())
