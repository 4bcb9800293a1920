"""Signed names of messages in links: each opens one page, for one purpose, and tells nothing about a person.

A token is the message's own Message-ID and a signature that fits one purpose only.  Source: reliability reference S1.
"""

from __future__ import annotations

from django.conf import settings
from django.core.signing import BadSignature, Signer

STOP = "notifications.stop"  # one click: no more of this kind
WISHES = "notifications.wishes"  # the page of what to hear and where


class BadToken(Exception):
    """Not a token of ours, or of another purpose."""


def sign_name(name: str, *, purpose: str) -> str:
    """Return the token of a message by its Message-ID."""
    return Signer(salt=purpose, sep="~").sign(name.strip("<>").rpartition("@")[0])


def read_name(token: str, *, purpose: str) -> str:
    """Return the Message-ID a token names.  Raises BadToken."""
    try:
        local = Signer(salt=purpose, sep="~").unsign(token)
    except BadSignature:
        raise BadToken from None
    return f"<{local}@{settings.REPLY_DOMAIN.lower()}>"
