"""The days on which a country's workshops and carriers stand still, from the holiday library.

For files of other shops' orders only; the shop's own calendars are rows staff have reviewed.
Source: delivery reference finding 7 and 1.8 (Carnival is no public holiday in the library, yet nothing moves).
"""

from __future__ import annotations

from datetime import date, timedelta

import holidays

from orders.rules.estimates.days import DayCount

# Measured on real orders: hardly a parcel moves on these, although the library calls them optional.
STANDS_STILL = {"BR": ("Carnival", "Corpus Christi")}
BEFORE, AFTER = timedelta(days=60), timedelta(days=600)


class CountryUnknown(Exception):
    """The holiday library does not know this country."""


def day_counts(country: str, first_on: date, last_on: date) -> tuple[DayCount, DayCount]:
    """Return the workshop's days and the carrier's around a history: Monday to Friday without holidays, both.

    Some carriers drive on Saturdays too, few parcels arrive then: no promise is made for one, and what came on one
    counts as the next day's.  Raises CountryUnknown.
    """
    begin, end = first_on - BEFORE, last_on + AFTER
    closed = _closed(country, range(begin.year, end.year + 1))
    working = DayCount(begin, end, lambda day: day.weekday() < 5 and day not in closed)
    return working, working


def _closed(country: str, years: range) -> set[date]:
    try:
        closed = set(holidays.country_holidays(country, years=years))
        names = STANDS_STILL.get(country, ())
        if names:
            optional = holidays.country_holidays(country, years=years, language="en_US", categories=("optional",))
            closed |= {day for day, name in optional.items() if name in names}
    except NotImplementedError:
        raise CountryUnknown(country) from None
    return closed
