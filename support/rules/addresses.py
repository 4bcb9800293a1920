"""Signed reply addresses: who answers one of our mails lands in the thread that mail belongs to, and nowhere else.

`care+c-41-mfzwizlomqxxexzo@shop.example` is conversation 41; `o` stands for an order.  The signature covers kind and
number, so that neither can be guessed or changed.  Pure Python: the secret is passed in.
Source: support reference 2.3 (step 1), reliability reference T46.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, cast

Kind = Literal["c", "o"]

MAILBOX = "care"
SIGNATURE_BYTES = 10  # 80 bits, 16 letters of base32: far beyond guessing, and the local part stays below 64 letters

_TAG = re.compile(r"(?P<kind>[co])-(?P<ident>[0-9]{1,18})-(?P<signature>[a-z2-7]{16})")


class ForgedAddress(Exception):
    """The address has the shape of ours, but we never signed it."""


@dataclass(frozen=True)
class ReplyAddress:
    """What a signed address stands for: `c` conversation or `o` order, and the id of its row."""

    kind: Kind
    ident: int


def reply_address(kind: Kind, ident: int, secret: bytes, domain: str) -> str:
    """Return the address under which answers about one conversation (`c`) or order (`o`) reach us.

    Lower case throughout, because mail servers may fold it.  Raises ValueError for another kind or a negative number.
    """
    if kind not in ("c", "o") or ident < 0:
        raise ValueError(f"no reply address for {kind!r} {ident!r}")
    return f"{MAILBOX}+{kind}-{ident}-{_signature(kind, ident, secret)}@{domain.lower()}"


def read_reply_address(address: str, secrets: Iterable[bytes], domain: str) -> ReplyAddress | None:
    """Return what `address` stands for, or None when it is not one of ours.

    `secrets` are the keys in force, newest first, so that a key can be changed while old mails are still answered.
    Upper case, a display name and further `+tags` behind ours are tolerated: relays add them.
    Raises ForgedAddress when the shape is ours and no key signed it; never fall back to the bare number.
    """
    local, at, host = _bare(address).rpartition("@")
    mailbox, _, tags = local.partition("+")
    if not at or host != domain.lower() or mailbox != MAILBOX:
        return None
    match = _TAG.fullmatch(tags.partition("+")[0])
    if match is None:
        return None
    kind, ident = cast(Kind, match["kind"]), int(match["ident"])
    expected = [_signature(kind, ident, secret) for secret in secrets]
    # Every key is compared, so that the time taken does not tell which one fitted.
    fits = [hmac.compare_digest(one, match["signature"]) for one in expected]
    if not any(fits):
        raise ForgedAddress(f"{kind}-{ident}")
    return ReplyAddress(kind, ident)


def _bare(address: str) -> str:
    """Return the address without display name, blanks and capitals; only ASCII is folded: nothing else becomes ours."""
    inner = address[address.rfind("<") + 1 :].partition(">")[0].strip()
    return "".join(letter.lower() if letter.isascii() else letter for letter in inner)


def _signature(kind: Kind, ident: int, secret: bytes) -> str:
    digest = hmac.new(secret, f"{kind}-{ident}".encode(), hashlib.sha256).digest()
    return base64.b32encode(digest[:SIGNATURE_BYTES]).decode("ascii").lower()
