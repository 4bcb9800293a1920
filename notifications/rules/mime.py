"""A letter as the bytes that travel: headers, a text part and an HTML part, built without ceremony.

Python's own generator takes longer for one letter than all our other work on it; every line here is CRLF, ASCII and at
most 76 characters long, so any server takes it as it is.  Source: RFC 5322 2.1, RFC 2045 6.7, RFC 2046 5.1.4.
"""

from __future__ import annotations

from binascii import b2a_qp
from collections.abc import Mapping


def letter_bytes(headers: Mapping[str, str], *, text: str, html: str, boundary: str) -> bytes:
    """Return the whole letter.  Header values are written as they stand, LF between their lines; no HTML, one part.

    Raises ValueError for a header whose name or value would open another header.
    """
    head = "".join(_field(name, value) for name, value in headers.items()) + "MIME-Version: 1.0\r\n"
    if not html:
        return head.encode("ascii") + _part("plain", text + ("" if text.endswith("\n") else "\n"))
    parts = (_part("plain", text), _part("html", html))
    kind = f'Content-Type: multipart/alternative; boundary="{boundary}"\r\n'
    inside = b"".join(f"\r\n--{boundary}\r\n".encode() + part for part in parts)
    return (head + kind).encode("ascii") + inside + f"\r\n--{boundary}--\r\n".encode()


def dot_stuffed(letter: bytes) -> bytes:
    """Return a letter as it is written after DATA: a line that begins with a dot gets a second one, then the end."""
    if letter.startswith(b"."):
        letter = b"." + letter
    return letter.replace(b"\r\n.", b"\r\n..") + b".\r\n"


def _field(name: str, value: str) -> str:
    first, *more = value.split("\n")
    if "\r" in value or not first.strip() or any(not line.startswith(" ") or not line.strip() for line in more):
        raise ValueError(f"the header {name} is not one header")
    return "\r\n".join([f"{name}: {first}", *more, ""])


def _part(subtype: str, words: str) -> bytes:
    body = words.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace")
    head = f'Content-Type: text/{subtype}; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'
    written = b2a_qp(body, istext=True).replace(b"\n", b"\r\n")
    return head.encode("ascii") + written
