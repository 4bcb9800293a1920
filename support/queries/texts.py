"""Texts from numbers nobody confirmed: whose they are is known by the number alone, which no row but the text names.

A case of theirs has the number, its channel and its day in its key, hashed, so that it is found again without being
read.  Source: reliability reference 2.6 (find what is kept of somebody).
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from datetime import UTC, datetime

from support.models import Conversation

UNKNOWN = "text:"  # before the key of a case, and before a text's number at the provider
_CHANNELS = ("sms", "whatsapp")


def unknown_key(channel: str, number: str, at: datetime) -> str:
    """Return the key of the case for what a number writes on one day of the world's clock."""
    day = f"{at.astimezone(UTC):%Y-%m-%d}"
    return UNKNOWN + hashlib.sha256(f"{channel}:{number}:{day}".encode()).hexdigest()[:32]


def texts_of(numbers: Collection[str]) -> list[int]:
    """Return the cases in which these numbers wrote to us.  One query, none without a number."""
    if not numbers:
        return []
    rows = Conversation.objects.filter(case_key__startswith=UNKNOWN).order_by("id")
    return [
        pk
        for pk, key, opened_at in rows.values_list("pk", "case_key", "opened_at")
        if key in {unknown_key(channel, number, opened_at) for channel in _CHANNELS for number in numbers}
    ]
