"""Polling: when to ask a provider about a parcel it does not tell of by itself.  Source: delivery reference 1.7."""

from __future__ import annotations

from datetime import datetime, timedelta

from orders.rules.tracking import Status

OFTEN, SELDOM = timedelta(hours=2), timedelta(hours=8)
GIVE_UP = timedelta(days=60)  # a provider forgets a number about then; by now a person has looked into it

_OVER = frozenset({Status.DELIVERED, Status.RETURNED})
_ABOUT_TO_HAPPEN = frozenset({Status.OUT_FOR_DELIVERY, Status.ATTEMPT_FAILED, Status.HELD})


def next_ask(*, at: datetime, handed_over_at: datetime, last_scan_at: datetime | None, status: str) -> datetime | None:
    """Return when to ask next about a parcel, or None when there is nothing left to hear.

    `status` is the carrier's, in our words.  A parcel that moved since yesterday is likely told of by webhooks and is
    asked about seldom; one that is about to arrive, waits for somebody, or went silent is asked about often.
    """
    if status in _OVER or at - handed_over_at > GIVE_UP:
        return None
    silent = last_scan_at is None or at - last_scan_at > timedelta(days=1)
    return at + (OFTEN if silent or status in _ABOUT_TO_HAPPEN else SELDOM)
