"""When a fault of ours is regretted, and what goes with the letter.

Source: issue of the one voice (once per fault, within budget); delivery reference 1.9 (6): late two or three days a
note, longer a small credit; commerce reference playbook 17.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

LOOK_AGAIN = timedelta(hours=6)
TALKED_LONG_ENOUGH = timedelta(days=30)
HERS = frozenset({"payment", "address"})  # causes of a delay that are no fault of ours
OURS = frozenset({"broken", "wrong"})  # what she says is not right that is one


class Act(StrEnum):
    """What to do about a fault now."""

    WRITE = "write"
    WAIT = "wait"
    LEAVE = "leave"


@dataclass(frozen=True)
class Verdict:
    """What to do, and why nothing is written, as the choice `Fault.Why` names it."""

    act: Act
    why: str = ""


def judge(*, erased: bool, given_by_agent: bool, talks: bool, found_at: datetime, at: datetime) -> Verdict:
    """Say what to do about a fault: nobody is written to twice about it, or while somebody else speaks with her."""
    if erased:
        return Verdict(Act.LEAVE, "erased")
    if given_by_agent:
        return Verdict(Act.LEAVE, "agent")
    if not talks:
        return Verdict(Act.WRITE)
    return Verdict(Act.LEAVE, "talking") if at >= found_at + TALKED_LONG_ENOUGH else Verdict(Act.WAIT)


def same_report(known: Collection[int], parcels: Collection[int]) -> bool:
    """Tell whether what is said of some parcels (by number) is said of a fault that is known, of `known` parcels.

    Where one of the two names no parcel, it is meant of all of them.
    """
    return not known or not parcels or not set(known).isdisjoint(parcels)


@dataclass(frozen=True)
class Policy:
    """What one row gives: an amount, or a share of the order in basis points."""

    from_days: int
    amount_minor: int | None
    percent_bp: int | None
    minimum_minor: int
    valid_days: int


def policy_for(policies: Iterable[Policy], *, days_late: int) -> Policy | None:
    """Return the policy with the most days that were reached; None when none fits."""
    return max(
        (each for each in policies if each.from_days <= days_late), key=lambda each: each.from_days, default=None
    )


def gift_minor(policy: Policy, *, order_minor: int) -> int:
    """Return what the policy gives for an order of that total, rounded down to the unit; 0 below its minimum."""
    if order_minor < policy.minimum_minor:
        return 0
    return policy.amount_minor or order_minor * (policy.percent_bp or 0) // 10_000


def month_of(day: date) -> date:
    """Return the first day of its month."""
    return day.replace(day=1)
