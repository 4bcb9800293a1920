"""A message as an e-mail with its headers, for any mail backend."""

from __future__ import annotations

from email.message import Message as Mime
from email.utils import formataddr, parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from notifications.models import Message
from notifications.rules.encoding import header_mailbox, header_text


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


def email_of(message: Message, backend: Any) -> Email:
    """Return a message as an e-mail.  Raises ValueError for an address that cannot be written."""
    identity = {"Message-ID": message.message_id}
    if message.in_reply_to:
        identity["In-Reply-To"] = identity["References"] = message.in_reply_to
    letter = Email(
        subject=message.subject,
        body=message.text,
        to=[formataddr((message.recipient_name, message.recipient))],
        reply_to=[message.reply_to or settings.CARE_EMAIL],
        headers=identity | _automatic(message),
        connection=backend,
    )
    letter.wire = {name: header_text(name, value) for name, value in identity.items()} | {
        "Subject": header_text("Subject", message.subject),
        "From": header_mailbox("From", *parseaddr(letter.from_email)),
        "To": header_mailbox("To", message.recipient_name, message.recipient),
        "Reply-To": header_mailbox("Reply-To", *parseaddr(letter.reply_to[0])),
    }
    if message.html:
        letter.attach_alternative(message.html, "text/html")
    return letter


def _automatic(message: Message) -> dict[str, str]:
    if message.kind == "support_answer":  # what a person wrote is not automatic
        return {}
    return {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "OOF, AutoReply"}
