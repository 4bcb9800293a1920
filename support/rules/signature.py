"""Webhook signatures: HMAC over the moment and the raw body, several keys while one is being changed.

Header: `t=<unix seconds>,v1=<hex>[,v1=<hex>]`.  Pure Python.  Source: reliability reference T43, S11.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable

TOLERANCE_SECONDS = 300


class BadSignature(Exception):
    """The body was not signed with one of our keys, or too long ago."""


def sign(*, body: bytes, secret: str, at_seconds: int) -> str:
    """Return the header for `body`, signed at a Unix time."""
    return f"t={at_seconds},v1={_digest(body, secret, at_seconds)}"


def verify(*, header: str, body: bytes, secrets: Iterable[str], at_seconds: int) -> None:
    """Check a header at a Unix time, in constant time.  Raises BadSignature."""
    pairs = [part.strip().partition("=") for part in header[:1000].split(",")]
    moments = [value for name, _, value in pairs if name == "t" and value.isascii() and value.isdigit()]
    given = [value for name, _, value in pairs if name == "v1" and value.isascii()]
    if len(moments) != 1 or not given or len(moments[0]) > 12:
        raise BadSignature("no signature")
    signed_at = int(moments[0])
    if abs(at_seconds - signed_at) > TOLERANCE_SECONDS:
        raise BadSignature("too old")
    expected = [_digest(body, secret, signed_at) for secret in secrets if secret]
    if not any([hmac.compare_digest(ours, theirs) for ours in expected for theirs in given]):  # a list: no early end
        raise BadSignature("wrong")


def _digest(body: bytes, secret: str, at_seconds: int) -> str:
    return hmac.new(secret.encode(), f"{at_seconds}.".encode() + body, hashlib.sha256).hexdigest()
