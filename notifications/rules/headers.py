"""Header texts and addresses that cannot smuggle a second header into a mail.

Source: RFC 5322 2.2 (no CR or LF inside a field), reliability reference S-section (header injection), T41.
"""

from __future__ import annotations

import re
import unicodedata

SUBJECT_LENGTH = 150
NAME_LENGTH = 120

# One @, no blank, no control or separator, nothing that ends a list or a quoted string.
_ADDRESS = re.compile(r"[^\s@,;:<>()\[\]\\\"]{1,64}@[^\s@,;:<>()\[\]\\\"]{1,189}")
_MESSAGE_ID = re.compile(r"[!-;=?-~]{1,200}@[!-;=?-~]{1,40}")


class UnsafeAddress(ValueError):
    """The address has a shape no mail server should be told."""


def one_line(text: str, limit: int) -> str:
    """Return `text` on one line of at most `limit` characters.

    Whatever breaks a line anywhere (CR, LF, VT, FF, FS to US, NEL, U+2028, U+2029) and every other control or format
    character that could hide or turn text becomes a blank; a cut text ends in an ellipsis.
    """
    plain = "".join(" " if _breaks(letter) else letter for letter in text)
    line = " ".join(plain.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def _breaks(letter: str) -> bool:
    # Cs: half a surrogate pair cannot be written as UTF-8 at all.  Joiners inside emoji (U+200D) are harmless.
    return (
        unicodedata.category(letter) in ("Cc", "Zl", "Zp", "Cs")
        or letter in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
    )


def subject_line(text: str) -> str:
    """Return a subject fit for a header: one line of at most 150 characters."""
    return one_line(text, SUBJECT_LENGTH)


def display_name(text: str) -> str:
    """Return a name fit to stand before an address."""
    return one_line(text, NAME_LENGTH)


def safe_address(address: str) -> str:
    """Return the address itself.  Raises UnsafeAddress unless it is one plain mailbox of at most 254 characters."""
    dangerous = any(_breaks(letter) for letter in address)
    if dangerous or len(address) > 254 or not _ADDRESS.fullmatch(address):
        raise UnsafeAddress("not one plain mailbox")
    return address


def ascii_address(address: str) -> str:
    """Return the address as any mail server takes it: its domain in ASCII.

    Raises UnsafeAddress for what is not one plain mailbox, or one whose name is not ASCII (few servers take it).
    """
    name, _, domain = safe_address(address).rpartition("@")
    try:
        name.encode("ascii")
        return address if domain.isascii() else f"{name}@{domain.encode('idna').decode('ascii')}"
    except UnicodeError:
        raise UnsafeAddress("cannot be written in ASCII") from None


def safe_message_id(text: str) -> str:
    """Return a foreign Message-ID in its angle brackets when it looks like one, else nothing.

    A thread is worth less than a clean header.
    """
    bare = text.strip("<> ")
    return f"<{bare}>" if _MESSAGE_ID.fullmatch(bare) else ""
