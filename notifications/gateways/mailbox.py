"""The demo's mailbox: letters as the mail catcher kept them, that is as they really went over SMTP."""

from __future__ import annotations

import email
import email.policy
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

from django.conf import settings

NAME = re.compile(r"[0-9]{1,20}\.eml")  # as the mail catcher names them; nothing else can be opened
SHOWN_AT_MOST = 100


@dataclass(frozen=True)
class Envelope:
    """One letter in the list."""

    name: str
    to: str
    subject: str
    received_at: datetime


@dataclass(frozen=True)
class KeptLetter:
    """One letter, opened."""

    envelope: Envelope
    headers: tuple[tuple[str, str], ...]
    text: str
    html: str


def letters() -> list[Envelope]:
    """Return the newest letters first, at most a hundred; an absent folder is an empty mailbox."""
    folder = Path(settings.MAILBOX_DIR)
    names = sorted((path.name for path in folder.glob("*.eml") if NAME.fullmatch(path.name)), reverse=True)
    return [_envelope(folder / name, _parse(folder / name)) for name in names[:SHOWN_AT_MOST]]


def letter(name: str) -> KeptLetter | None:
    """Return one letter, or None when there is none of that name."""
    path = Path(settings.MAILBOX_DIR) / name
    if not NAME.fullmatch(name) or not path.is_file():
        return None
    parsed = _parse(path)
    return KeptLetter(
        envelope=_envelope(path, parsed),
        headers=tuple((field, str(value).strip()) for field, value in parsed.items()),
        text=_part(parsed, "plain"),
        html=_part(parsed, "html"),
    )


def _parse(path: Path) -> EmailMessage:
    return email.message_from_bytes(path.read_bytes(), policy=email.policy.default)


def _envelope(path: Path, parsed: EmailMessage) -> Envelope:
    received_at = datetime.fromtimestamp(path.stat().st_mtime, tz=UTC)
    return Envelope(path.name, str(parsed["To"] or ""), str(parsed["Subject"] or ""), received_at)


def _part(parsed: EmailMessage, subtype: str) -> str:
    body = parsed.get_body((subtype,))
    return str(body.get_content()) if body is not None else ""
