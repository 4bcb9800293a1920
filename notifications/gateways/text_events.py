"""Texts that come in, as Twilio posts them: a form, signed over the address it goes to and all its fields.

The signature has no moment in it, so that the same delivery may be posted again for ever: each text has a number
(MessageSid) and is kept once.  Source: Twilio, Webhooks Security (X-Twilio-Signature); reliability reference D9, S11.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha1

from django.conf import settings
from django.http import QueryDict

SOURCE = "texts:twilio"
HEADER = "X-Twilio-Signature"
_WHATSAPP = "whatsapp:"


class NobodyListens(LookupError):
    """No token is set, so nothing can be proven."""


class NotProven(Exception):
    """The signature does not fit."""


class Unreadable(ValueError):
    """It names no text, or nobody who sent it."""


@dataclass(frozen=True)
class Incoming:
    """One text: where it came in, from which number, what it says, and its name at the provider."""

    channel: str
    number: str
    words: str
    name: str
    pictures: int


def check(*, url: str, body: bytes, signature: str) -> None:
    """Make sure that a delivery to `url` is from the provider.  Raises NobodyListens, NotProven."""
    if not settings.TWILIO_AUTH_TOKENS:
        raise NobodyListens
    fields = _fields(body)
    # Every token is tried, so that the time taken does not tell which one fitted.
    fits = [hmac.compare_digest(signed(url, fields, token), signature) for token in settings.TWILIO_AUTH_TOKENS]
    if not any(fits):
        raise NotProven("the signature does not fit")


def signed(url: str, fields: Mapping[str, str], token: str) -> str:
    """Return what Twilio writes into its header: the address, then each field and its value in the order of names."""
    said = url + "".join(f"{name}{fields[name]}" for name in sorted(fields))
    return base64.b64encode(hmac.new(token.encode(), said.encode(), sha1).digest()).decode()


def read(body: bytes) -> Incoming:
    """Return the text in a kept delivery.  Raises Unreadable."""
    fields = _fields(body)
    sender, name = fields.get("From", ""), fields.get("MessageSid", "")
    channel = "whatsapp" if sender.startswith(_WHATSAPP) else "sms"
    number = sender.removeprefix(_WHATSAPP).strip()
    if not name or not number:
        raise Unreadable("no text in it")
    pictures = fields.get("NumMedia", "0")
    return Incoming(channel, number[:64], fields.get("Body", ""), name[:64], int(pictures) if pictures.isdigit() else 0)


def name_of(body: bytes) -> str:
    """Return the number the provider gave the text, the same whenever it is posted again; nothing when it has none."""
    return _fields(body).get("MessageSid", "")[:64]


def _fields(body: bytes) -> dict[str, str]:
    """Return the form; of a field that comes twice the last one, as the provider never sends one twice."""
    return {str(name): str(value) for name, value in QueryDict(body, encoding="utf-8").items()}
