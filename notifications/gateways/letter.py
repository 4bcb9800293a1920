"""A message as an e-mail with its headers: as bytes for an SMTP server, as Django's object for any other provider."""

from __future__ import annotations

import hashlib
from email.message import Message as Mime
from email.utils import formataddr, formatdate, parseaddr
from functools import cache
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse

from notifications.models import Message
from notifications.models.tokens import STOP, sign_name
from notifications.rules.encoding import header_mailbox, header_text
from notifications.rules.headers import ascii_address
from notifications.rules.mime import letter_bytes


class _AsWritten:
    """A header's value the generator writes as it stands: it asks whatever is no text to encode itself."""

    def __init__(self, value: str) -> None:
        self._value = value

    def __str__(self) -> str:
        return self._value

    def encode(self, *, linesep: str = "\n", **_: Any) -> str:
        """Return the lines with the generator's line ends."""
        return self._value.replace("\n", linesep)


class Email(EmailMultiAlternatives):
    """An e-mail whose headers read back exactly as they were written: `wire` has their values by name."""

    wire: dict[str, str]

    def message(self) -> Any:  # type: ignore[override]  # the stubs tell of Django 6, where it takes a policy
        """Return what goes over the wire.  Raises BadHeaderError for a header of two lines, as Django's own does."""
        made = super().message()
        for name, value in self.wire.items():
            del made[name]
            Mime.__setitem__(made, name, _AsWritten(value))  # Django's own would encode and fold it once more
        return made


def wire_letter(message: Message) -> bytes:
    """Return a message as it travels over SMTP.  Raises ValueError for what cannot be written into a header."""
    headers = {**_headers(message), "Date": formatdate()}
    mark = hashlib.sha256(message.message_id.encode()).hexdigest()[:24]
    return letter_bytes(headers, text=message.text, html=message.html, boundary=f"=_{mark}")


def email_of(message: Message, backend: Any) -> Email:
    """Return a message as an e-mail of Django's.  Raises ValueError for what cannot be written into a header."""
    wire = _headers(message)
    letter = Email(
        subject=message.subject,
        body=message.text,
        to=[formataddr((message.recipient_name, message.recipient))],
        reply_to=[message.reply_to or settings.CARE_EMAIL],
        headers={name: value for name, value in wire.items() if name not in ("Subject", "From", "To", "Reply-To")},
        connection=backend,
    )
    letter.wire = wire
    if message.html:
        letter.attach_alternative(message.html, "text/html")
    return letter


def _headers(message: Message) -> dict[str, str]:
    """Return the headers by name, encoded; a value of several lines is folded with LF and a blank."""
    reply_to = message.reply_to or settings.CARE_EMAIL
    texts = {"Message-ID": message.message_id}
    if message.in_reply_to:
        texts["In-Reply-To"] = texts["References"] = message.in_reply_to
    if any(
        mark in value
        for value in (message.subject, message.recipient_name, reply_to, *texts.values())
        for mark in "\r\n"
    ):
        raise ValueError("one header would be two")
    mailboxes = {
        "From": header_mailbox("From", *_parted(settings.DEFAULT_FROM_EMAIL)),
        "To": header_mailbox("To", message.recipient_name, ascii_address(message.recipient)),
        "Reply-To": header_mailbox("Reply-To", *_mailbox(reply_to)),
    }
    texts |= {"Subject": message.subject, **_automatic(message), **_one_click(message)}
    return mailboxes | {name: header_text(name, value) for name, value in texts.items()}


def _mailbox(address: str) -> tuple[str, str]:
    return parseaddr(address) if "<" in address or " " in address else ("", address)


@cache
def _parted(address: str) -> tuple[str, str]:
    return parseaddr(address)


def _automatic(message: Message) -> dict[str, str]:
    if message.kind == "support_answer":  # what a person wrote is not automatic
        return {}
    return {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "OOF, AutoReply"}


def _one_click(message: Message) -> dict[str, str]:
    """Return how a mail program stops this kind with one click, for what may be stopped.  Source: RFC 8058."""
    if not message.optional:
        return {}
    page = reverse("notifications:stop", args=[sign_name(message.message_id, purpose=STOP)])
    return {
        "List-Unsubscribe": f"<{settings.SITE_URL}{page}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
