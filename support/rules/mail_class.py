"""Who wrote a mail: a person, a machine that answers by itself, a mail server, a list, or we ourselves.

Only headers decide; a person's mail is never given up for a guess.  What is not human is kept, never answered.
Source: support reference 2.1 (auto-responder, bounce, loop guard), reliability reference T42, S12; RFC 3834, RFC 2919.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum

from support.rules.addresses import MAILBOX


class MailClass(StrEnum):
    """Who wrote it."""

    HUMAN = "human"
    AUTO = "auto"
    BOUNCE = "bounce"
    LIST = "list"
    LOOP = "loop"


Headers = Mapping[str, str]

_MAIL_SERVERS = ("mailer-daemon", "postmaster")
_AUTO_HEADERS = ("x-autoreply", "x-autorespond", "x-autoresponder", "x-mail-autoreply")
_LIST_HEADERS = ("list-id", "list-post", "list-unsubscribe")
LOOP_HEADER = "x-kingpost-loop"


def mail_class(
    *, headers: Headers, sender: str, envelope_from: str | None, own: Collection[str], domain: str
) -> MailClass:
    """Return who wrote a mail.

    `headers` has lower-case names; `sender` is the address in From, lower case; `envelope_from` is None when unknown
    and empty for the null sender of RFC 3834; `own` are our own addresses, `domain` the one of our reply addresses.
    X-Auto-Response-Suppress is not looked at: Exchange puts it on people's mails too.
    """
    if _is_ours(headers, sender, own, domain):
        return MailClass.LOOP
    if _is_bounce(headers, sender):
        return MailClass.BOUNCE
    if _is_automatic(headers, envelope_from):
        return MailClass.AUTO
    if any(name in headers for name in _LIST_HEADERS) or _precedence(headers) in ("list", "bulk", "junk"):
        return MailClass.LIST
    return MailClass.HUMAN


def _is_ours(headers: Headers, sender: str, own: Collection[str], domain: str) -> bool:
    local, _, host = sender.rpartition("@")
    return sender in own or (host == domain and local.partition("+")[0] == MAILBOX) or LOOP_HEADER in headers


def _is_bounce(headers: Headers, sender: str) -> bool:
    kind = headers.get("content-type", "").lower()
    report = "multipart/report" in kind and "delivery-status" in kind
    return report or "x-failed-recipients" in headers or sender.partition("@")[0] in _MAIL_SERVERS


def _is_automatic(headers: Headers, envelope_from: str | None) -> bool:
    submitted = headers.get("auto-submitted", "no").partition(";")[0].strip().lower()
    return (
        submitted not in ("", "no")
        or _precedence(headers) == "auto_reply"
        or any(name in headers for name in _AUTO_HEADERS)
        or envelope_from == ""
    )


def _precedence(headers: Headers) -> str:
    return headers.get("precedence", "").strip().lower()
