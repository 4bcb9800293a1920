"""Reading what went over the wire."""

from __future__ import annotations

from email import message_from_string
from email.header import decode_header, make_header
from email.utils import parseaddr


def mailbox_in(head: str) -> tuple[str, str]:
    """Return name and address of the To in a mail's headers.

    Not by email.policy.default: older Pythons put a blank between the encoded words of a name.
    """
    name, address = parseaddr(message_from_string(f"{head}\n\n")["To"].replace("\r", "").replace("\n", ""))
    return str(make_header(decode_header(name))), address
