"""Secret tokens as they are stored."""

from __future__ import annotations

import hashlib


def hash_token(token: str) -> str:
    """Return what is stored of a token.  The token is random, so one round of SHA-256 is enough."""
    return hashlib.sha256(token.encode()).hexdigest()
