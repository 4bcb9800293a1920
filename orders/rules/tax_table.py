"""Value added tax in the Union: the rates a distance seller charges by destination, to be laid into reviewable rows.

`standard` is each state's standard rate, `reduced` its ordinary reduced rate.  Which goods a reduced rate covers
differs from state to state: a product is put into that class only after somebody has looked it up.
Source: European Commission, Taxes in Europe Database (TEDB), read on 12 August 2025; FI from the Act amending the VAT
Act (1501/1993) and LT from Law XV-262, both in force on 1 January 2026.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

SOURCE = "European Commission, TEDB, 2025-08-12"


class Rate(NamedTuple):
    """One row to be laid: rate in basis points, first and last day."""

    country: str
    tax_class: str
    rate_bp: int
    from_on: date
    until_on: date | None
    source: str


_LONG_AGO = date(2021, 7, 1)  # the One Stop Shop begins: nobody is asked for an earlier day

# country: (standard, reduced) in basis points; a state without a reduced rate charges the standard one
_RATES = {
    "AT": (2000, 1000),
    "BE": (2100, 600),
    "BG": (2000, 900),
    "CY": (1900, 900),
    "CZ": (2100, 1200),
    "DE": (1900, 700),
    "DK": (2500, 2500),
    "EE": (2400, 1300),
    "ES": (2100, 1000),
    "FI": (2550, 1350),
    "FR": (2000, 550),
    "GR": (2400, 1300),
    "HR": (2500, 1300),
    "HU": (2700, 1800),
    "IE": (2300, 1350),
    "IT": (2200, 1000),
    "LT": (2100, 1200),
    "LU": (1700, 800),
    "LV": (2100, 1200),
    "MT": (1800, 700),
    "NL": (2100, 900),
    "PL": (2300, 800),
    "PT": (2300, 600),
    "RO": (2100, 1100),
    "SE": (2500, 1200),
    "SI": (2200, 950),
    "SK": (2300, 1900),
}
# What was charged before, until the day the present rate began.
_CHANGED = {
    ("EE", "standard"): (2200, date(2025, 7, 1)),
    ("FI", "standard"): (2400, date(2024, 9, 1)),
    ("FI", "reduced"): (1400, date(2026, 1, 1)),
    ("LT", "reduced"): (900, date(2026, 1, 1)),
    ("RO", "standard"): (1900, date(2025, 8, 1)),
    ("RO", "reduced"): (900, date(2025, 8, 1)),
}
_BEGAN = {
    ("CZ", "reduced"): date(2024, 1, 1),
    ("EE", "reduced"): date(2025, 1, 1),
    ("LU", "standard"): date(2024, 1, 1),
    ("LU", "reduced"): date(2024, 1, 1),
    ("SK", "standard"): date(2025, 1, 1),
    ("SK", "reduced"): date(2025, 1, 1),
}


def rates() -> list[Rate]:
    """Return every row of the table, by country, class and first day."""
    found = []
    for country, pair in _RATES.items():
        for tax_class, rate_bp in zip(("standard", "reduced"), pair, strict=True):
            key = (country, tax_class)
            began_on = _BEGAN.get(key, _LONG_AGO)
            if key in _CHANGED:
                before_bp, began_on = _CHANGED[key]
                until_on = date.fromordinal(began_on.toordinal() - 1)
                found.append(Rate(country, tax_class, before_bp, _LONG_AGO, until_on, SOURCE))
            found.append(Rate(country, tax_class, rate_bp, began_on, None, SOURCE))
    return found
