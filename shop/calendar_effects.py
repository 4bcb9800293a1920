"""What a change of a calendar would do, asked before it is saved: upper apps register who is touched.

`shop` never imports them; see orders.queries.touched for the orders.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shop.models import BusinessCalendar
    from shop.rules.calendar import WorkingCalendar


@dataclass(frozen=True)
class Effect:
    """One thing that is touched: its name, its address in the admin, and what changes for it, in a sentence."""

    name: str
    url: str
    says: str


@dataclass(frozen=True)
class Effects:
    """Who is touched: how many together, how many of them can no longer be kept, and some of them, worst first."""

    total: int = 0
    broken: int = 0
    examples: Sequence[Effect] = ()


Judge = Callable[["BusinessCalendar", "WorkingCalendar", "WorkingCalendar", datetime], Effects]

_judges: dict[str, Judge] = {}


def register(name: str, judge: Judge) -> None:
    """Register who says what a change does; the same name again replaces the older one."""
    _judges[name] = judge


def effects(row: BusinessCalendar, before: WorkingCalendar, after: WorkingCalendar, at: datetime) -> Effects:
    """Ask everybody what happens when `before` becomes `after`."""
    answers = [judge(row, before, after, at) for judge in _judges.values()]
    return Effects(
        total=sum(answer.total for answer in answers),
        broken=sum(answer.broken for answer in answers),
        examples=tuple(each for answer in answers for each in answer.examples),
    )
