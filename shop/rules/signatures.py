"""Signed webhooks: `t=<unix seconds>,v1=<hex hmac-sha256 of "t.body">`.

Computed over the raw bytes, compared in constant time, fresh within five minutes; any of several secrets will do, so
that a secret can be changed without a gap.  Source: reliability reference T43, S11.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable

TOLERANCE_SECONDS = 300
HEADER = "X-Kingpost-Signature"


class BadSignature(Exception):
    """The delivery is not from who it says, or too old to believe."""


def sign(*, body: bytes, secret: str, unix_seconds: int) -> str:
    """Return the header value for `body`, signed at `unix_seconds`."""
    return f"t={unix_seconds},v1={_mac(body, secret, str(unix_seconds))}"


def check_stamp(*, header: str, unix_seconds: float) -> None:
    """Accept a header that is readable and fresh, before anybody reads the body.  Raises BadSignature."""
    stamp, _given = _read(header)
    if abs(unix_seconds - int(stamp)) > TOLERANCE_SECONDS:
        raise BadSignature("The signature is older than five minutes, or from the future.")


def check(*, header: str, body: bytes, secrets: Iterable[str], unix_seconds: float) -> None:
    """Accept a body signed with one of `secrets` within the tolerance of `unix_seconds`.

    Raises BadSignature when the header is missing or unreadable, too old, too early, or of another secret.
    """
    check_stamp(header=header, unix_seconds=unix_seconds)
    stamp, given = _read(header)
    # Every secret is tried, so that the time taken does not tell which one fitted.
    fits = [hmac.compare_digest(_mac(body, secret, stamp).encode(), given.encode()) for secret in secrets if secret]
    if not any(fits):
        raise BadSignature("The signature does not fit the body.")


def _read(header: str) -> tuple[str, str]:
    parts = dict(part.strip().partition("=")[::2] for part in header.split(","))
    stamp, given = parts.get("t", ""), parts.get("v1", "")
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12 and given):
        raise BadSignature(f"The header {HEADER} is missing or unreadable.")
    return stamp, given


def _mac(body: bytes, secret: str, stamp: str) -> str:
    return hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
