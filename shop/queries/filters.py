"""The filters there are, with their names: what an address may say, and what its values are called."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

from django.db import connection

from shop.rules.finding import COMES, MATERIAL, RESERVED, SIZE

MOST_OPTIONS = 1000
LOOKS_AHEAD_DAYS = 90  # goods that come in later arrive by no day that can be chosen


class Known(NamedTuple):
    """One value of a filter from the catalogue: `colour`, "Colour", `sage`, "Sage", "#8fa67f".

    Of the group COMES it is a day on which something is expected.
    """

    group: str
    group_name: str
    code: str
    label: str
    swatch: str


# Days are read from the first one on, each by one step in the index: arrivals of one day may be many.
_KNOWN = """
    WITH RECURSIVE days AS (
        (SELECT expected_on FROM shop_stockarrival WHERE state = 'expected' AND expected_on >= %(today)s
        ORDER BY expected_on, id LIMIT 1)
        UNION ALL
        SELECT (SELECT a.expected_on FROM shop_stockarrival a WHERE a.state = 'expected'
            AND a.expected_on > d.expected_on ORDER BY a.expected_on, a.id LIMIT 1)
        FROM days d WHERE d.expected_on < %(last)s
    )
    SELECT * FROM (
        SELECT t.code, t.name, o.code, o.label, o.swatch
        FROM shop_optionvalue o JOIN shop_optiontype t ON t.id = o.type_id
        WHERE t.code <> ALL(%(reserved)s)
        ORDER BY t.code <> '{size}', t.position, t.id, o.position, o.id LIMIT %(most)s) AS options
    UNION ALL
    SELECT '{material}', '', code, name, '' FROM (SELECT * FROM shop_material ORDER BY position, id) AS materials
    UNION ALL
    SELECT '{comes}', '', to_char(expected_on, 'YYYY-MM-DD'), '', '' FROM days WHERE expected_on <= %(last)s
"""


def known_filters(today: date) -> list[Known]:
    """Return options (sizes first), materials, in the order they are shown, and the days goods come in.  One query."""
    last = today + timedelta(days=LOOKS_AHEAD_DAYS)
    statement = _KNOWN.format(size=SIZE, material=MATERIAL, comes=COMES)
    with connection.cursor() as cursor:
        cursor.execute(
            statement,
            {"reserved": list(RESERVED), "most": MOST_OPTIONS, "today": today, "last": last},
        )
        return [Known(*row) for row in cursor.fetchall()]
