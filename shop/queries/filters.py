"""The filters there are, with their names: what an address may say, and what its values are called."""

from __future__ import annotations

from typing import NamedTuple

from django.db import connection

from shop.rules.finding import MATERIAL, RESERVED, SIZE

MOST_OPTIONS = 1000


class Known(NamedTuple):
    """One value of a filter from the catalogue: `colour`, "Colour", `sage`, "Sage", "#8fa67f"."""

    group: str
    group_name: str
    code: str
    label: str
    swatch: str


_KNOWN = """
    SELECT * FROM (
        SELECT t.code, t.name, o.code, o.label, o.swatch
        FROM shop_optionvalue o JOIN shop_optiontype t ON t.id = o.type_id
        WHERE t.code <> ALL(%(reserved)s)
        ORDER BY t.code <> '{size}', t.position, t.id, o.position, o.id LIMIT %(most)s) AS options
    UNION ALL
    SELECT '{material}', '', code, name, '' FROM (SELECT * FROM shop_material ORDER BY position, id) AS materials
"""


def known_filters() -> list[Known]:
    """Return options (sizes first) and materials in the order they are shown.  One query."""
    statement = _KNOWN.format(size=SIZE, material=MATERIAL)
    with connection.cursor() as cursor:
        cursor.execute(statement, {"reserved": list(RESERVED), "most": MOST_OPTIONS})
        return [Known(*row) for row in cursor.fetchall()]
