"""Writing a raw mail the way a mail program does; for playing the customer in the demo and in tests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime


@dataclass(frozen=True)
class Letter:
    """A plain mail before it is raw.  Ids come without angle brackets."""

    sender: str
    to: str
    subject: str
    text: str
    message_id: str
    written_at: datetime
    sender_name: str = ""
    in_reply_to: str = ""


def compose(letter: Letter) -> bytes:
    """Return the raw message, lines ended by CRLF.  Line breaks in header fields become blanks."""
    message = EmailMessage()
    message["From"] = str(Address(display_name=_line(letter.sender_name), addr_spec=_line(letter.sender)))
    message["To"] = str(Address(addr_spec=_line(letter.to)))
    message["Subject"] = _line(letter.subject) or "(no subject)"
    message["Date"] = format_datetime(letter.written_at)
    message["Message-ID"] = f"<{_line(letter.message_id)}>"
    if letter.in_reply_to:
        message["In-Reply-To"] = f"<{_line(letter.in_reply_to).strip('<>')}>"
    message.set_content(letter.text)
    return message.as_bytes(policy=message.policy.clone(linesep="\r\n"))


def _line(text: str) -> str:
    return " ".join(text.split())
