"""What of a question may stand on a product's page: never who asked, and nothing one could reach or recognise her by.

Source: GDPR art. 5 (1) c; ux reference 2.3.
"""

from __future__ import annotations

import re

ON_THE_PAGE = 3
MOST_ASKED = 1000  # letters of a question
MOST_ANSWERED = 2000

_ADDRESS = re.compile(r"[^\s@<>(),;:]+@[^\s@<>(),;:]+\.[^\s@<>(),;:.]+")
_ORDER = re.compile(r"\b[A-Z]{2}-\d{4}-\d{4}\b", re.IGNORECASE)
_PHONE = re.compile(r"\+?\d(?:[\s./()-]{0,2}\d){7,}")
_WORD = re.compile(r"[^\W\d_]{3,}")


def gives_away(text: str, *, email: str, name: str, ours: str = "") -> str:
    """Return what in `text` tells who asked, as it stands there; empty when nothing does.

    That is any mail address or telephone number that is not `ours`, an order number, or a word of her name.  A word
    of her name that is a word of ours, too, such as Rose in “Rose mug”, gives nobody away.
    """
    for pattern in (_ADDRESS, _ORDER, _PHONE):
        for found in pattern.finditer(text):
            if found.group().strip(".") not in ours:
                return found.group()
    if email and email.lower() in text.lower():
        return email
    known = {word.lower() for word in _WORD.findall(ours)}
    names = {word for word in _WORD.findall(name) if word.lower() not in known}
    return next((word for word in _WORD.findall(text) if word in names), "")
