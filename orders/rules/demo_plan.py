"""The demo courier's own plan for a parcel: what it will scan, when, and which ones run late.

The carrier's knowledge, not the shop's.  The plan is a function of the tracking number and of how many parcels it took
before, so that a restarted courier goes on where it was.  The first parcel it ever takes and every fifth after that
runs late, so that whoever tries the demo sees a delay with the first parcel she hands over.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

ONE_IN = 5
LATE_DAYS = 2
REASONS = ("weather", "vehicle")
PLACES = ("Porto, depot", "Coimbra, sorting centre", "Leiria, depot")


@dataclass(frozen=True)
class PlannedScan:
    """One scan to come: `after_seconds` of hand-over at speed 1; `late_days` > 0 names a new day that much later."""

    step: int
    code: str
    after_seconds: int
    place: str = ""
    reason: str = ""
    words: str = ""
    late_days: int = 0


def plan(tracking_number: str, *, runs_late: bool) -> Sequence[PlannedScan]:
    """Return the scans of a parcel in order.  A late one is held and names a day two days after the wanted one."""
    place = PLACES[_dice(tracking_number) % len(PLACES)]
    hour = 3600
    ordinary = [
        PlannedScan(0, "accepted", hour, place, words="Parcel accepted"),
        PlannedScan(1, "in_transit", 8 * hour, place, words="Left the depot"),
    ]
    delay = LATE_DAYS * 24 * hour if runs_late else 0
    if runs_late:
        reason = REASONS[_dice(tracking_number) // ONE_IN % len(REASONS)]
        ordinary.append(PlannedScan(2, "held", 12 * hour, place, reason, "Held at the depot", late_days=LATE_DAYS))
        ordinary.append(PlannedScan(3, "in_transit", delay + 36 * hour, place, reason, "On the road again"))
    return [
        *ordinary,
        PlannedScan(4, "out_for_delivery", delay + 46 * hour, "", words="In the van"),
        PlannedScan(5, "delivered", delay + 50 * hour, "", words="Handed over at the door"),
    ]


def is_unlucky(rank: int) -> bool:
    """Tell whether the parcel that was handed over as number `rank` (0 first) runs late: the first and every fifth."""
    return rank % ONE_IN == 0


def _dice(tracking_number: str) -> int:
    return int.from_bytes(hashlib.sha256(tracking_number.encode()).digest()[:4])
