"""Tracking: what the scans of a parcel mean, whatever order they arrive in.

The state is a pure function of the SET of scans: sorted by (happened at, rank, provider, id) and folded.  Nothing here
raises: a code nobody knows counts as a sign of life and changes nothing else.
Source: delivery reference 1.7; reliability reference D10, T45.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum


class Actor(StrEnum):
    """Who has to act for the parcel to move on."""

    US = "us"
    COURIER = "courier"
    CUSTOMER = "customer"
    AUTHORITY = "authority"
    NATURE = "nature"


class Status(StrEnum):
    """Where the carrier says the parcel is: our twelve words for all carriers."""

    AWAITING_HANDOVER = "awaiting_handover"
    LABEL_CREATED = "label_created"
    ACCEPTED = "accepted"
    IN_TRANSIT = "in_transit"
    HELD = "held"
    OUT_FOR_DELIVERY = "out_for_delivery"
    ATTEMPT_FAILED = "attempt_failed"
    READY_FOR_PICKUP = "ready_for_pickup"
    DELIVERED = "delivered"
    RETURNING = "returning"
    RETURNED = "returned"
    LOST_OR_SILENT = "lost_or_silent"


ETA_REVISED = "eta_revised"  # no scan at all: the carrier only says anew when it expects to arrive
UNKNOWN = "unknown"  # a scan whose code nobody translated yet: kept, listed for staff, never shown as a state

# Of two scans in the same second the one with the higher rank happened later.
RANK = {status: rank for rank, status in enumerate(Status)} | {UNKNOWN: -1}

# A courier takes back a wrong delivery scan with this reason; nothing else leads away from `delivered`.
CORRECTION = "delivery_corrected"

_AFTER_DELIVERY = frozenset({Status.RETURNING, Status.RETURNED})

_ACTOR = {
    Status.AWAITING_HANDOVER: Actor.US,
    Status.LABEL_CREATED: Actor.US,
    Status.READY_FOR_PICKUP: Actor.CUSTOMER,
    Status.RETURNED: Actor.US,
}

# Why a parcel waits, and who could change that.
REASON_ACTOR = {
    "weather": Actor.NATURE,
    "road_closed": Actor.NATURE,
    "strike": Actor.COURIER,
    "vehicle": Actor.COURIER,
    "backlog": Actor.COURIER,
    "sorting_error": Actor.COURIER,
    "damaged": Actor.COURIER,
    "lost": Actor.COURIER,
    "holiday": Actor.COURIER,
    "address": Actor.CUSTOMER,
    "not_home": Actor.CUSTOMER,
    "no_access": Actor.CUSTOMER,
    "refused": Actor.CUSTOMER,
    "payment_at_door": Actor.CUSTOMER,
    "customs": Actor.AUTHORITY,
    "documents": Actor.US,
}


@dataclass(frozen=True)
class Scan:
    """One thing a carrier told us; `occurred_at` is aware, `status` is one of Status or UNKNOWN."""

    occurred_at: datetime
    status: str
    provider: str
    external_id: str
    reason: str = ""
    eta_on: date | None = None


@dataclass(frozen=True)
class ParcelState:
    """What the scans together say.  `status` is empty before the first one that means something."""

    status: str = ""
    reason: str = ""
    actor: str = ""
    eta_on: date | None = None
    last_scan_at: datetime | None = None
    delivered_at: datetime | None = None
    attempts: int = 0
    unknown: int = 0


def fold(scans: Iterable[Scan]) -> ParcelState:
    """Return the state of a parcel from its scans, each counted once, in whatever order they come.

    Delivered is terminal: later scans count only when the parcel comes back or the courier corrects itself.
    """
    state = ParcelState()
    for scan in sorted(set(scans), key=_place_in_time):
        state = _after(state, scan)
    return state


def _place_in_time(scan: Scan) -> tuple[datetime, int, str, str, str, str, str]:
    rank = RANK.get(scan.status, RANK[UNKNOWN])
    eta = scan.eta_on.isoformat() if scan.eta_on else ""
    return (scan.occurred_at, rank, scan.provider, scan.external_id, scan.status, scan.reason, eta)


def _after(state: ParcelState, scan: Scan) -> ParcelState:
    if scan.status == ETA_REVISED:  # nobody touched the parcel, so its silence goes on
        return state if state.delivered_at else replace(state, eta_on=scan.eta_on or state.eta_on)
    seen = replace(state, last_scan_at=scan.occurred_at)
    if scan.status not in RANK or scan.status == UNKNOWN:
        return replace(seen, unknown=state.unknown + 1)
    if state.delivered_at and scan.reason != CORRECTION and scan.status not in _AFTER_DELIVERY:
        return seen
    delivered = scan.status == Status.DELIVERED
    return replace(
        seen,
        status=scan.status,
        reason=scan.reason,
        actor=_who_acts(scan),
        eta_on=None if delivered else scan.eta_on or state.eta_on,
        delivered_at=_delivered_at(state, scan),
        attempts=state.attempts + (scan.status == Status.ATTEMPT_FAILED),
    )


def _delivered_at(state: ParcelState, scan: Scan) -> datetime | None:
    if scan.status == Status.DELIVERED:
        return scan.occurred_at
    return None if scan.reason == CORRECTION else state.delivered_at


def _who_acts(scan: Scan) -> str:
    if scan.status == Status.DELIVERED:
        return ""
    return REASON_ACTOR.get(scan.reason, _ACTOR.get(Status(scan.status), Actor.COURIER))
