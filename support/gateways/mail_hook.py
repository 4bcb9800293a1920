"""The way of a mail into the house as a mail provider walks it: one signed request to our own webhook."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from django.conf import settings

from shop.rules.signatures import HEADER as SIGNATURE
from shop.rules.signatures import sign

TIMEOUT_SECONDS = 15

TO, FROM = "X-Kingpost-Envelope-To", "X-Kingpost-Envelope-From"


class NotDelivered(Exception):
    """The webhook did not take the mail; the words say why."""


@dataclass(frozen=True)
class Envelope:
    """Whom the mail server delivered to, and who sent it as far as the server knows."""

    to: str
    sender: str


def post_mail(*, url: str, raw: bytes, envelope: Envelope, at_seconds: int) -> int:
    """Post a raw message and return the status (202).  Never inside a transaction.  Raises NotDelivered."""
    if not settings.INBOUND_MAIL_SECRETS:
        raise NotDelivered("INBOUND_MAIL_SECRETS is not set, so the webhook would refuse it.")
    request = Request(url, data=raw, method="POST", headers=signed_headers(raw, envelope, at_seconds))  # noqa: S310 -- http(s) address of our own site, made from settings or by the command's user
    try:
        with urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310 -- as above
            return int(answer.status)
    except HTTPError as refused:
        raise NotDelivered(f"{refused.code}: {refused.read(500).decode('utf-8', 'replace')}") from refused
    except (URLError, OSError) as problem:
        raise NotDelivered(f"Nobody answers at {url}: {problem}") from problem


def signed_headers(raw: bytes, envelope: Envelope, at_seconds: int) -> dict[str, str]:
    """Return the headers a mail provider sends with a raw message."""
    return {
        "Content-Type": "message/rfc822",
        SIGNATURE: sign(body=raw, secret=settings.INBOUND_MAIL_SECRETS[0], unix_seconds=at_seconds),
        TO: envelope.to,
        FROM: envelope.sender,
    }
