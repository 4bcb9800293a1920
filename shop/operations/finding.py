"""Keep what the shelves are searched by: a listing for each product on sale, and the words it may be asked for by."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import DatabaseError, OperationalError, connection, transaction

from shop.queries.listed import COLUMNS, derived
from shop.queries.tallies import FORGETTING_STRANGERS, keeping_tallies
from shop.rules.finding import dictionary

log = logging.getLogger(__name__)

BATCH = 500
KEEPS_ALONE = 2041_7737  # the advisory lock of whoever makes listings: two at once could write the older state last

_CLAIM = """
    DELETE FROM shop_listingdue WHERE id IN (SELECT id FROM shop_listingdue ORDER BY id LIMIT %s)
    RETURNING product_id
"""


@transaction.atomic
def keep_listings(at: datetime) -> int:
    """Make a batch of listings anew whose products changed; return how many notes were settled.

    Notes are taken away in the same transaction, before the catalogue is read, so that a change that comes in between
    leaves a note of its own.  Whoever comes while another one works has nothing to do.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [KEEPS_ALONE])
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute(_CLAIM, [BATCH])
        noted = [row[0] for row in cursor.fetchall()]
        if noted:
            _make_anew(cursor, sorted(set(noted)))
    return len(noted)


def _make_anew(cursor: Any, ids: list[int]) -> None:
    """Write the listings and tallies of some products; one that cannot be written never holds up the others.

    It is left out but not forgotten: invariant S12 names it.
    """
    try:
        with transaction.atomic():
            cursor.execute(_made_anew(), {"ids": ids, "stems": dictionary(settings.LANGUAGE_CODE)})
            cursor.execute(_TAKEN_DOWN, {"ids": ids})
            cursor.execute(*keeping_tallies(ids))
    except OperationalError:
        raise  # the database's trouble, not the product's: the notes stay, and the next sweep tries again
    except DatabaseError as problem:
        if len(ids) == 1:
            log.warning("no listing for product %s: %s", ids[0], type(problem).__name__)
            return
        for product_id in ids:
            _make_anew(cursor, [product_id])


@transaction.atomic
def note_all_listings() -> int:
    """Have every listing made anew, after the rules of a listing have changed; return how many products that are."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [KEEPS_ALONE])
        cursor.execute(FORGETTING_STRANGERS)
        cursor.execute(
            "INSERT INTO shop_listingdue (product_id)"
            " SELECT id FROM shop_product UNION SELECT product_id FROM shop_listing"
        )
        return int(cursor.rowcount)


def _made_anew() -> str:
    """Return the statement that writes listings and new words of the products in `ids`."""
    columns = ", ".join(COLUMNS)
    changed = ", ".join(f"{column} = excluded.{column}" for column in COLUMNS[1:])
    return f"""
        WITH fresh AS MATERIALIZED ({derived(only="p.id = ANY(%(ids)s)")}), kept AS (
            INSERT INTO shop_listing ({columns}) SELECT {columns} FROM fresh
            ON CONFLICT (product_id) DO UPDATE SET {changed}
        ), words AS (
            SELECT DISTINCT w.lexeme FROM fresh, unnest(fresh.plain) AS w
            WHERE w.lexeme ~ '^[[:alpha:]]{{3,60}}$'
        )
        INSERT INTO shop_searchword (word, stem)
        SELECT lexeme, left(stems[1], 60)
        FROM words, LATERAL (SELECT tsvector_to_array(to_tsvector(%(stems)s::regconfig, lexeme)) AS stems) AS s
        WHERE cardinality(stems) > 0
        ON CONFLICT DO NOTHING
    """  # noqa: S608 -- our own columns


_TAKEN_DOWN = """
    DELETE FROM shop_listing l WHERE product_id = ANY(%(ids)s) AND NOT EXISTS (
        SELECT 1 FROM shop_product p JOIN shop_variant v ON v.product_id = p.id AND v.active
        WHERE p.id = l.product_id AND p.published)
"""
