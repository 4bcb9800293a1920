"""Signed webhooks: `t=<unix seconds>,v1=<hex hmac-sha256 of "t.body">`, and the seals of other senders.

Computed over the raw bytes, compared in constant time, fresh within five minutes where there is a stamp; any of several
secrets will do, so that a secret can be changed without a gap.  A seal without a stamp proves who wrote a body, not
when: there the key under which a delivery is kept once makes a repetition harmless.
Source: reliability reference T43, S11; delivery reference 1.7.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

TOLERANCE_SECONDS = 300
HEADER = "X-Kingpost-Signature"


class BadSignature(Exception):
    """The delivery is not from who it says, or too old to believe."""


class Seal(Protocol):
    """How one sender proves that a body is its own.  Both questions raise BadSignature."""

    def claim(self, headers: Mapping[str, str], query: Mapping[str, str]) -> str:
        """Return what the sender says of itself, or nothing."""

    def check_early(self, *, claim: str, unix_seconds: float) -> None:
        """Refuse a claim that cannot be true, before anybody reads the body."""

    def check(self, *, claim: str, body: bytes, secrets: Iterable[str], unix_seconds: float) -> None:
        """Accept a body that one of `secrets` vouches for."""


@dataclass(frozen=True)
class Stamped:
    """`t=...,v1=...` in `header`: ours, and the shape Shippo took over from others."""

    header: str

    def claim(self, headers: Mapping[str, str], query: Mapping[str, str]) -> str:
        """Return the header."""
        return headers.get(self.header, "")

    def check_early(self, *, claim: str, unix_seconds: float) -> None:
        """Refuse what is unreadable or not fresh."""
        stamp, _given = _read(claim, self.header)
        if abs(unix_seconds - int(stamp)) > TOLERANCE_SECONDS:
            raise BadSignature("The signature is older than five minutes, or from the future.")

    def check(self, *, claim: str, body: bytes, secrets: Iterable[str], unix_seconds: float) -> None:
        """Accept stamp and body together."""
        self.check_early(claim=claim, unix_seconds=unix_seconds)
        stamp, given = _read(claim, self.header)
        _one_of([_mac(body, secret, stamp) for secret in secrets if secret], given)


@dataclass(frozen=True)
class Sealed:
    """The digest of the body alone in `header`, written down by `write`; secrets are NFKD-normalised first."""

    header: str
    write: Callable[[bytes], str]

    def claim(self, headers: Mapping[str, str], query: Mapping[str, str]) -> str:
        """Return the header."""
        return headers.get(self.header, "")

    def check_early(self, *, claim: str, unix_seconds: float) -> None:
        """Refuse a missing header: there is no stamp to look at."""
        if not claim:
            raise BadSignature(f"The header {self.header} is missing.")

    def check(self, *, claim: str, body: bytes, secrets: Iterable[str], unix_seconds: float) -> None:
        """Accept the body."""
        self.check_early(claim=claim, unix_seconds=unix_seconds)
        keys = [unicodedata.normalize("NFKD", secret).encode() for secret in secrets if secret]
        _one_of([self.write(hmac.digest(key, body, "sha256")) for key in keys], claim)


@dataclass(frozen=True)
class Token:
    """A secret word in the address itself, for a sender that cannot sign: weaker, since proxies may log it."""

    name: str

    def claim(self, headers: Mapping[str, str], query: Mapping[str, str]) -> str:
        """Return the word."""
        return query.get(self.name, "")

    def check_early(self, *, claim: str, unix_seconds: float) -> None:
        """Refuse a missing word."""
        if not claim:
            raise BadSignature(f"The address lacks its {self.name}.")

    def check(self, *, claim: str, body: bytes, secrets: Iterable[str], unix_seconds: float) -> None:
        """Accept any body that comes with the word."""
        self.check_early(claim=claim, unix_seconds=unix_seconds)
        _one_of([secret for secret in secrets if secret], claim)


def hexadecimal(digest: bytes) -> str:
    """Write a digest as EasyPost does."""
    return f"hmac-sha256-hex={digest.hex()}"


def base64_text(digest: bytes) -> str:
    """Write a digest as AfterShip does."""
    return base64.b64encode(digest).decode()


def sign(*, body: bytes, secret: str, unix_seconds: int) -> str:
    """Return the header value for `body`, signed at `unix_seconds`."""
    return f"t={unix_seconds},v1={_mac(body, secret, str(unix_seconds))}"


def check(*, header: str, body: bytes, secrets: Iterable[str], unix_seconds: float) -> None:
    """Accept a body signed our way with one of `secrets` within the tolerance of `unix_seconds`.

    Raises BadSignature when the header is missing or unreadable, too old, too early, or of another secret.
    """
    OURS.check(claim=header, body=body, secrets=secrets, unix_seconds=unix_seconds)


def _one_of(expected: list[str], given: str) -> None:
    # Every secret is tried, so that the time taken does not tell which one fitted.
    fits = [hmac.compare_digest(one.encode(), given.encode()) for one in expected]
    if not any(fits):
        raise BadSignature("The signature does not fit the body.")


def _read(header: str, name: str) -> tuple[str, str]:
    parts = dict(part.strip().partition("=")[::2] for part in header.split(","))
    stamp, given = parts.get("t", ""), parts.get("v1", "")
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12 and given):
        raise BadSignature(f"The header {name} is missing or unreadable.")
    return stamp, given


def _mac(body: bytes, secret: str, stamp: str) -> str:
    return hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()


OURS = Stamped(HEADER)
