"""What a provider's word about a message after it was taken means for the message and for its address.

Source: django-anymail's normalised events and reject reasons; reliability reference T23 (permanent: contact flagged and
a task for staff).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Meaning:
    """Did it come back, and may we write there again?  `cause` is one of Suppression.Cause, or nothing."""

    came_back: bool = False
    cause: str = ""


NOTHING = Meaning()
_GONE = ("bounced", "invalid")  # the mailbox itself; others are of the moment: full, too slow, blocked for a day


def meaning(*, event: str, reject_reason: str) -> Meaning:
    """Return what one event (anymail's names) means; deliveries, opened mails and delays mean nothing here."""
    if event == "complained":
        return Meaning(cause="complained")
    if event == "unsubscribed":
        return Meaning(cause="unsubscribed")
    if event in ("bounced", "rejected", "failed"):
        if reject_reason == "spam":
            return Meaning(came_back=True, cause="complained")
        if reject_reason == "unsubscribed":
            return Meaning(came_back=True, cause="unsubscribed")
        return Meaning(came_back=True, cause="bounced" if reject_reason in _GONE else "")
    return NOTHING


def of_status(status: str) -> Meaning:
    """Return what the status code of a mail server's own report means: 5.1.x and 5.4.4 are an address that is gone."""
    parts = status.strip().split(".")
    if len(parts) < 3 or parts[0] != "5":
        return NOTHING
    gone = parts[1] == "1" or parts[1:3] == ["4", "4"] or parts[1:3] == ["2", "1"]
    return Meaning(came_back=True, cause="bounced" if gone else "")
