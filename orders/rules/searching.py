"""What somebody types to find an order, brought into the form the index keeps.

Source: commerce reference b-9 ("imagine you are on the phone with the customer").
"""

from __future__ import annotations

import re

# Letters of the languages our shoppers write, and what a hurried hand types instead.  The database's column is made
# with the same two lines, so they may only grow together with a migration.
ACCENTED = "áàâãäåăąāéèêëęėēěíìîïīįóòôõöőøōúùûüűūůçćčñńňśšşșžźżłđďðťţțýÿřğ"
PLAIN = "aaaaaaaaaeeeeeeeeiiiiiioooooooouuuuuuucccnnnsssszzzldddtttyyrg"

_FOLD = str.maketrans(ACCENTED, PLAIN)
_PHONE = re.compile(r"[+(]?\d[\d\s()./-]{5,}")
MOST_WORDS, MOST_SIGNS = 6, 80


def folded(text: str) -> str:
    """Return `text` in small letters without accents, as the column keeps it."""
    return text.lower().translate(_FOLD)


def words_of(term: str) -> tuple[str, ...]:
    """Return the words an order must contain, at most MOST_WORDS, none twice.

    A phone number written with spaces, brackets or dashes is one word of digits; the country's +, 00 or leading 0 is
    left away, because orders keep numbers with their country and people say them without.
    """
    text = folded(term.strip()[:MOST_SIGNS])
    if _PHONE.fullmatch(text):
        return (re.sub(r"\D", "", text).lstrip("0"),)
    return tuple(dict.fromkeys(text.split()))[:MOST_WORDS]


def may_be_code(term: str) -> str:
    """Return `term` as an article's or a parcel's number would be written, empty when it cannot be one."""
    text = term.strip().upper()
    return text if re.fullmatch(r"[A-Z0-9][A-Z0-9._/-]{2,39}", text) else ""
