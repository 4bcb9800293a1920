"""Raw mails of the tests: composed, or read from tests/data/mail; sent through the real webhook."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from support.gateways.mail_hook import Envelope, signed_headers
from support.rules.writing import Letter, compose

FOLDER = Path(__file__).parent.parent / "data" / "mail"


def answer(
    *,
    to: str,
    at: datetime,
    sender: str = "ana@example.com",
    text: str = "Thank you, Thursday is fine.",
    subject: str = "Re: Your order",
    in_reply_to: str = "",
    message_id: str = "one@mail.example",
) -> bytes:
    """A customer's mail."""
    return compose(
        Letter(
            sender=sender,
            sender_name="Ana Costa",
            to=to,
            subject=subject,
            text=text,
            message_id=message_id,
            written_at=at,
            in_reply_to=in_reply_to,
        )
    )


def post_raw(client: Client, raw: bytes, *, to: str = "", sender: str = "ana@example.com") -> int:
    """Post a raw mail to the webhook, signed now, and return the status."""
    headers = signed_headers(raw, Envelope(to=to, sender=sender), int(timezone.now().timestamp()))
    content_type = headers.pop("Content-Type")
    return client.post(reverse("support:mail-hook"), raw, content_type=content_type, headers=headers).status_code
