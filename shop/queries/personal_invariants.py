"""What must always be true of data about people: what was erased is gone, and nobody waits too long for an answer."""

from __future__ import annotations

from dataclasses import dataclass

from django.apps import apps
from django.db import connection
from django.db.models import CharField, EmailField, Field, GeneratedField, JSONField, Model, TextField

from shop import personal
from shop.invariants import Invariant

# Shorter columns hold codes; nobody's address fits with a sentence around it, and few fit at all.
SHORTEST = 20
_TEXTS = (CharField, TextField, JSONField, EmailField)
# Where an address may stand before it is erased for good, and whatever is hashed, signed or a name of a machine's.
_ITS_OWN = ("shop_forgottenaddress", "django_session", "django_migrations", "django_content_type")


def left_of_the_erased() -> str:
    """Return one statement that looks for erased addresses in every text column of every model.

    Where nobody was ever erased no table is read.  An address is compared by its salted hash.  What she wrote herself
    since (`Keeper.comes_back`) makes her a customer again.
    """
    return _of_the_erased(
        "place || ' ' || min(row_id), count(*) || ' rows still name somebody whose data was erased'", "place"
    )


@dataclass(frozen=True)
class Named:
    """An erased address that stands somewhere, and whether its owner wants no offers ever again."""

    address: str
    refuses_mail: bool


def named_again() -> list[Named]:
    """Return the erased addresses that stand somewhere they should not, by address.  Reads every table once."""
    with connection.cursor() as cursor:
        cursor.execute(_of_the_erased("address, bool_or(f.refuses_mail)", "address"))
        return sorted((Named(*row) for row in cursor.fetchall()), key=lambda named: named.address)


def _of_the_erased(told: str, by: str) -> str:
    looks = "\n    UNION ALL ".join(_look(model) for model in _models())
    return f"""
WITH texts AS MATERIALIZED (
    {looks}
), found AS (
    SELECT DISTINCT place, row_id, btrim(lower(m[1]), '''.-') AS address
    FROM texts, regexp_matches(said, '([[:alnum:]._+''-]+@[[:alnum:].-]+)', 'g') AS m
), salts AS (SELECT DISTINCT salt FROM shop_forgottenaddress)
SELECT {told}
FROM found, salts s JOIN shop_forgottenaddress f ON f.salt = s.salt
WHERE f.digest = encode(sha256(convert_to(s.salt || address, 'UTF8')), 'hex') AND NOT ({_came_back()})
GROUP BY {by}
"""  # noqa: S608 -- names of our own tables and columns


def _models() -> list[type[Model]]:
    left_alone = {*_ITS_OWN, *personal.kept_by_law()}
    rows = {model._meta.db_table: model for model in apps.get_models() if model._meta.managed}
    return [model for table, model in sorted(rows.items()) if table not in left_alone and _columns(model)]


def _columns(model: type[Model]) -> list[str]:
    fields = model._meta.local_concrete_fields
    return [str(field.column) for field in fields if isinstance(field, (*_TEXTS, GeneratedField)) and _is_long(field)]


def _is_long(field: Field) -> bool:  # type: ignore[type-arg]
    return not field.choices and (field.max_length or SHORTEST) >= SHORTEST


def _look(model: type[Model]) -> str:
    said = ", ".join(f'"{column}"::text' for column in _columns(model))
    table, key = model._meta.db_table, model._meta.pk.column
    rows = f"""SELECT "{key}", concat_ws(' ', {said}) AS said FROM "{table}"
        WHERE EXISTS (SELECT 1 FROM shop_forgottenaddress)"""  # noqa: S608 -- names of our own tables and columns
    return f"""SELECT '{table}' AS place, "{key}"::text AS row_id, said FROM ({rows}) t WHERE said LIKE '%@%'"""  # noqa: S608


def _came_back() -> str:
    looks = [
        f'EXISTS (SELECT 1 FROM "{table}" b WHERE lower(b."{column}") = address AND b."{moment}" > f.forgotten_at)'  # noqa: S608
        for keeper in personal.registered()
        for table, column, moment in keeper.comes_back
    ]
    return " OR ".join(looks) or "false"


PERSONAL_INVARIANTS = (
    Invariant("S16", "No table names an address that was erased, but those the law keeps.", left_of_the_erased),
    Invariant(
        "S17",
        "Every erasure stands in the journal beside the database within an hour.",
        """
        SELECT 'erased address ' || id, 'erased ' || forgotten_at || ', not in the journal'
        FROM shop_forgottenaddress WHERE journalled_at IS NULL AND forgotten_at < now() - interval '1 hour'
        """,
    ),
    Invariant(
        "S15",
        "Who asked for her data or its erasure has an answer within a month, and hears what holds it.",
        """
        SELECT 'request about data ' || id, kind || ' to be answered by ' || answer_by_on
            || CASE WHEN held_since IS NULL THEN '' ELSE ', held since ' || held_since END
        FROM shop_datarequest
        WHERE (state = 'due' AND answer_by_on < current_date AND held_since IS NULL)
            OR (state = 'due' AND due_at < now() - interval '2 hours')
            OR (state = 'ready' AND NOT EXISTS (SELECT 1 FROM shop_datafile f WHERE f.request_id = shop_datarequest.id))
        """,
    ),
)
