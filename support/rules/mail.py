"""Understanding a raw mail: any bytes in, something readable out.

Decoding happens after the MIME structure is known, charset by charset; a part that cannot be decoded is read with
replacement signs and the raw mail is kept.  Pure Python.
Source: support reference 2.2, 2.4, 2.6 and appendix B; reliability reference T41, S9; RFC 5322, RFC 2045.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import getaddresses

from support.rules.html_text import text_of_html

MAX_TEXT = 200_000  # letters shown; the raw mail keeps the rest
MAX_PARTS = 500
MAX_HEADER = 2_000
MAX_REFERENCES = 30

# What the standard library raises on headers and parts that strangers really send.
ODDITIES = (ValueError, LookupError, AttributeError, TypeError, AssertionError, RecursionError, MessageError)

# Every program that sends or passes on a mail writes some of these.
MAIL_HEADERS = frozenset(
    {"from", "sender", "to", "date", "subject", "message-id", "received", "return-path", "delivered-to", "reply-to"}
)

_MESSAGE_ID = re.compile(r"<([^<>\s]{3,200})>")
_ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]]{1,64}@[^\s@<>,;:\"()\[\]]{1,190}")
_RECIPIENT_HEADERS = ("to", "cc", "delivered-to", "x-original-to", "envelope-to")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class NotAMail(Exception):
    """Bytes without a single header any mail has: no person wrote them to us."""


class UnreadableMail(Exception):
    """No sender can be made out: nobody to answer, so a person has to look at the raw mail."""


@dataclass(frozen=True)
class Attachment:
    """Something that came along; its bytes stay in the raw mail."""

    name: str
    size_bytes: int


@dataclass(frozen=True)
class Mail:
    """A mail as we understood it.  Addresses and header names are lower case; ids come without angle brackets.

    `text` are the sender's words with the quoted history, without what is attached.
    """

    sender: str
    sender_name: str
    recipients: tuple[str, ...]
    subject: str
    text: str
    headers: dict[str, str]
    message_id: str
    references: tuple[str, ...]
    attachments: tuple[Attachment, ...] = field(default=())


def read_mail(raw: bytes, *, envelope_from: str = "") -> Mail:
    """Return the mail in `raw`.

    Raises NotAMail when it has none of a mail's headers, UnreadableMail when it has no sender, not even on its
    envelope.
    """
    message = _parse(raw)
    if not MAIL_HEADERS & {name.lower() for name in message.keys()}:  # noqa: SIM118 -- a message is no dict
        raise NotAMail("none of the headers of a mail")
    headers = {name.lower(): _header(message, name) for name in dict.fromkeys(message.keys())}
    name, sender = _sender(_raw_header(message, "from"), envelope_from)
    bodies, attachments = _parts(message)
    return Mail(
        sender=sender,
        sender_name=name,
        recipients=_recipients(message),
        subject=headers.get("subject", ""),
        text=_text(bodies),
        headers=headers,
        message_id=message_id_of(headers),
        references=_references(headers),
        attachments=tuple(attachments),
    )


def fingerprint(raw: bytes) -> str:
    """Return a key for one mail: its id for people, and a hash of what relays do not change.

    The same mail delivered twice has one key; the same Message-ID with other content has another one, because ids are
    chosen by the sender and reused.  At most 200 letters.
    """
    try:
        headers = BytesHeaderParser(policy=policy.compat32).parsebytes(raw[:100_000])
        kept = "\n".join(_header(headers, name) for name in ("From", "Date", "Subject", "Message-ID"))
        ident = message_id_of({"message-id": _header(headers, "Message-ID")})
    except ODDITIES:
        kept, ident = "", ""
    normal = raw.replace(b"\r\n", b"\n")
    body = normal.partition(b"\n\n")[2] or normal
    digest = hashlib.sha256(kept.encode("utf-8", "replace") + b"\0" + body).hexdigest()
    return f"{ident[:130]}#{digest}"


def message_id_of(headers: dict[str, str]) -> str:
    """Return the sane Message-ID of a mail without brackets; empty when it has none."""
    match = _MESSAGE_ID.search(headers.get("message-id", ""))
    return clean(match[1]) if match else ""


def quoted_ids(raw: bytes) -> tuple[str, ...]:
    """Return the Message-IDs a mail server's report quotes from the mail it is about, at most MAX_REFERENCES."""
    found = re.findall(rb"(?im)^message-id:\s*<([^<>\s]{3,200})>", raw[:1_000_000])
    return tuple(dict.fromkeys(one.decode("utf-8", "replace") for one in found))[:MAX_REFERENCES]


def report_status(raw: bytes) -> str:
    """Return the status code of a mail server's report that a mail failed, such as 5.1.1; nothing for a mere delay."""
    failed = re.search(rb"(?im)^action:\s*failed", raw[:1_000_000])
    found = re.search(rb"(?im)^status:\s*(5\.\d{1,3}\.\d{1,3})", raw[:1_000_000])
    return found[1].decode() if failed and found else ""


def clean(text: str) -> str:
    """Return text a database can hold: no NUL, no other control sign but tab and line ends, no half characters."""
    whole = text.encode("utf-8", "replace").decode("utf-8")
    return _CONTROL.sub("", whole.replace("\r\n", "\n").replace("\r", "\n"))


def _parse(raw: bytes) -> Message:
    """Parse with the old, tolerant policy: the new one raises on headers strangers really send."""
    try:
        return message_from_bytes(raw, policy=policy.compat32)
    except ODDITIES:
        headers = BytesHeaderParser(policy=policy.compat32).parsebytes(raw[:100_000])
        headers.set_payload("")
        return headers


def _header(message: Message, name: str) -> str:
    """Return the first header of that name on one line; what cannot be decoded keeps replacement signs."""
    return _words(_raw_header(message, name))


def _raw_header(message: Message, name: str) -> str:
    """Return the first header of that name as it came; bytes nobody declared are read as UTF-8."""
    for key, value in message.raw_items():
        if key.lower() == name.lower():
            return clean(str(value)[:MAX_HEADER].encode("utf-8", "surrogateescape").decode("utf-8", "replace"))
    return ""


def _words(text: str) -> str:
    """Decode the encoded words of a header and put it on one line."""
    with suppress(*ODDITIES):
        text = str(make_header(decode_header(text)))
    return " ".join(clean(text).split())


def _sender(value: str, envelope_from: str) -> tuple[str, str]:
    """Return (name, address) of the person who wrote; From alone counts, Reply-To never does.

    Addresses are found before encoded words are decoded: a decoded name must not become somebody's address.
    """
    for name, address in getaddresses([" ".join(value.split())]):
        if _ADDRESS.fullmatch(address.strip()):
            return _words(name)[:120], address.strip().lower()[:254]
    found = _ADDRESS.search(value) or _ADDRESS.fullmatch(envelope_from.strip().strip("<>"))
    if found is None:
        raise UnreadableMail("no sender")
    return "", found[0].lower()[:254]


def _recipients(message: Message) -> tuple[str, ...]:
    """Return every address the mail was sent to, as far as its headers say, each once."""
    found: list[str] = []
    for name, value in message.raw_items():
        if name.lower() in _RECIPIENT_HEADERS:
            found += [match.lower() for match in _ADDRESS.findall(str(value)[:20_000])]
    return tuple(dict.fromkeys(found))[:50]


def _references(headers: dict[str, str]) -> tuple[str, ...]:
    """Return the ids this mail answers: In-Reply-To first, then References from the newest to the oldest."""
    older = _MESSAGE_ID.findall(headers.get("references", ""))
    found = _MESSAGE_ID.findall(headers.get("in-reply-to", "")) + older[::-1]
    return tuple(dict.fromkeys(found))[:MAX_REFERENCES]


def _parts(message: Message) -> tuple[list[tuple[str, str]], list[Attachment]]:
    """Split a mail into its bodies, as (subtype, text), and what is attached.  A mail inside a mail is attached."""
    bodies: list[tuple[str, str]] = []
    attachments: list[Attachment] = []
    for part in _leaves(message):
        kind = part.get_content_type()
        if kind in ("text/plain", "text/html") and not _is_attached(part):
            bodies.append((kind, _decoded(part)))
        elif part.get_payload():
            attachments.append(Attachment(_file_name(part), len(_bytes(part))))
    return bodies, attachments


def _leaves(message: Message) -> Iterator[Message]:
    """Yield the parts that hold something, in order, at most MAX_PARTS; without recursion."""
    waiting, seen = [message], 0
    while waiting and seen < MAX_PARTS:
        part = waiting.pop()
        seen += 1
        payload = part.get_payload()
        if isinstance(payload, list) and part.get_content_maintype() == "multipart":
            waiting.extend(one for one in reversed(payload) if isinstance(one, Message))
        else:
            yield part


def _is_attached(part: Message) -> bool:
    disposition = str(part.get("Content-Disposition", "")).strip().lower()
    return disposition.startswith("attachment") or part.get_param("name") is not None


def _file_name(part: Message) -> str:
    name = ""
    with suppress(*ODDITIES):
        name = _words(part.get_filename("") or "")
    if not name and part.get_content_maintype() == "message":
        name = "forwarded message"
    return name[:80] or "without a name"


def _bytes(part: Message) -> bytes:
    if part.is_multipart():
        inner = part.get_payload()
        return (
            b"".join(_inner_bytes(one) for one in inner if isinstance(one, Message)) if isinstance(inner, list) else b""
        )
    try:
        payload = part.get_payload(decode=True)
    except ODDITIES:
        return b""
    return payload if isinstance(payload, bytes) else b""


def _inner_bytes(message: Message) -> bytes:
    try:
        return message.as_bytes()
    except ODDITIES:
        return b""


def _decoded(part: Message) -> str:
    """Decode a body by its charset; a missing or wrong one falls back to UTF-8, then to the Windows letters."""
    raw = _bytes(part)
    try:
        charset = part.get_content_charset() or "utf-8"
    except ODDITIES:
        charset = "utf-8"
    for name in (charset, "utf-8", "cp1252"):
        try:
            return clean(raw.decode(name))
        except (LookupError, ValueError):
            continue
    return clean(raw.decode("latin-1"))


def _text(bodies: list[tuple[str, str]]) -> str:
    """Return the words: all plain parts in order, else the HTML ones as text."""
    plain = "\n".join(text.strip("\n") for kind, text in bodies if kind == "text/plain").strip()
    if plain:
        return _cut(plain)
    return _cut("\n".join(text_of_html(text[: 5 * MAX_TEXT]) for kind, text in bodies if kind == "text/html").strip())


def _cut(text: str) -> str:
    return text if len(text) <= MAX_TEXT else text[:MAX_TEXT] + "\n[cut here; the whole mail is kept]"


def attachment_lines(attachments: Iterable[Attachment]) -> str:
    """Name what came along, a line each; their bytes stay in the raw mail."""
    return "\n".join(f"[attachment: {one.name}, {size_in_words(one.size_bytes)}, kept]" for one in attachments)


def size_in_words(size_bytes: int) -> str:
    """Write a size the way people do: 2.1 MB, 34 kB, 812 bytes."""
    if size_bytes >= 1_000_000:
        return f"{size_bytes / 1_000_000:.1f} MB"
    return f"{round(size_bytes / 1_000)} kB" if size_bytes >= 1_000 else f"{size_bytes} bytes"
