"""Kept copies are read by staff; the secret links and the codes in them are for the customer alone."""

from __future__ import annotations

import re

_TOKEN = re.compile(
    r"(?<=/)[A-Za-z0-9_-]{32}(?=[/?#\s\"'<&]|$)"
)  # 192 random bits as orders.operations.access writes them
_CODE = re.compile(r"\b[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}\b")  # a code to sign in
_CREDIT = re.compile(r"\b[A-Z2-7]{4}(?:-[A-Z2-7]{4}){3}\b")  # a code of store credit, as orders.rules.credit writes it


def without_secrets(text: str) -> str:
    """Return the text with every code and the token of every secret link replaced by an ellipsis."""
    return _CODE.sub("…", _CREDIT.sub("…", _TOKEN.sub("…", text)))
