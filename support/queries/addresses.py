"""Our reply addresses with the installation's own keys: what a mail's Reply-To says.

The keys are derived from SECRET_KEY for this purpose alone; SECRET_KEY_FALLBACKS keep old mails answerable.
"""

from __future__ import annotations

from django.conf import settings
from django.utils.crypto import salted_hmac

from support.rules.addresses import ReplyAddress, read_reply_address, reply_address

_PURPOSE = "support.reply-address"


def conversation_address(conversation_id: int) -> str:
    """Return the address that joins an answer to one conversation."""
    return reply_address("c", conversation_id, _keys()[0], settings.REPLY_DOMAIN)


def order_address(order_id: int) -> str:
    """Return the address that joins an answer to the conversation about one order."""
    return reply_address("o", order_id, _keys()[0], settings.REPLY_DOMAIN)


def read_address(address: str) -> ReplyAddress | None:
    """Return what one of our addresses stands for; None for any other.  Raises ForgedAddress."""
    return read_reply_address(address, _keys(), settings.REPLY_DOMAIN)


def _keys() -> list[bytes]:
    """Return the purpose-bound keys, the one that signs first."""
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return [salted_hmac(_PURPOSE, "", secret=secret, algorithm="sha256").digest() for secret in secrets]
