"""When we answer, as the customer may read it: computed from the desk's calendar and from what we really did."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from shop.queries.calendars import working_calendars
from shop.rules.calendar import WorkingCalendar
from support.models import Conversation, SlaPolicy
from support.rules.sla import POLICY_OF_KIND, told_to_the_customer

LOOK_BACK = timedelta(days=7)
ENOUGH = 5  # answers; with fewer the measured figure says nothing
SAMPLE = 200


@dataclass(frozen=True)
class DeskHours:
    """One line of opening hours: weekdays (0 is Monday) from `first` to `last`, and their intervals."""

    first: int
    last: int
    intervals: tuple[tuple[time, time], ...]


@dataclass(frozen=True)
class Desk:
    """The support desk now.  `answer_by` is the honest time; `usual_minutes` is measured, None when too few."""

    answer_by: datetime
    usual_minutes: int | None
    open_now: bool
    opens_at: datetime
    hours: tuple[DeskHours, ...]
    closed_soon: tuple[tuple[date, str], ...]
    time_zone: str


def find_policy(kind: str) -> SlaPolicy | None:
    """Return the policy for a kind of conversation; None in a shop that was never seeded.  One query."""
    rows = SlaPolicy.objects.select_related("calendar").filter(code=POLICY_OF_KIND[kind])
    return rows.order_by("id").first()


def calendar_of(policy: SlaPolicy) -> WorkingCalendar:
    """Return the calendar a policy counts with."""
    return working_calendars([policy.calendar.code])[policy.calendar.code]


def answer_by(*, policy: SlaPolicy, at: datetime) -> datetime:
    """Return the time (in the desk's own zone) by which somebody who writes at `at` is answered."""
    calendar = calendar_of(policy)
    told = told_to_the_customer(at=at, minutes=policy.first_reply_minutes, calendar=calendar)
    return told.astimezone(calendar.zone)


def desk(*, policy: SlaPolicy, at: datetime) -> Desk:
    """Return what the help page says about the desk.  Two queries beside the calendar's."""
    calendar = calendar_of(policy)
    today = calendar.local_day(at)
    return Desk(
        answer_by=answer_by(policy=policy, at=at),
        usual_minutes=usual_minutes(calendar=calendar, at=at),
        open_now=_is_open(calendar, at),
        opens_at=_next_opening(calendar, at).astimezone(calendar.zone),
        hours=_hours(calendar),
        closed_soon=tuple((day, why) for day, why in calendar.closed_days(today, today + timedelta(days=14)) if why),
        time_zone=calendar.time_zone,
    )


def usual_minutes(*, calendar: WorkingCalendar, at: datetime) -> int | None:
    """Return within how many open minutes nine of ten first answers of the last week went out; None when too few."""
    answered = Conversation.objects.filter(
        origin=Conversation.Origin.CUSTOMER, opened_at__gte=at - LOOK_BACK, first_response_at__isnull=False
    )
    rows = answered.order_by("-opened_at", "-id").values_list("opened_at", "first_response_at")[:SAMPLE]
    spent = sorted(calendar.minutes_between(opened, answered_at) for opened, answered_at in rows if answered_at)
    if len(spent) < ENOUGH:
        return None
    return spent[-(-len(spent) * 9 // 10) - 1]


def _is_open(calendar: WorkingCalendar, at: datetime) -> bool:
    local = at.astimezone(calendar.zone)
    return any(opens <= local.time() < closes for opens, closes in calendar.plan(local.date()).intervals)


def _next_opening(calendar: WorkingCalendar, at: datetime) -> datetime:
    """Return when the desk opens next: one open minute from now, less that minute."""
    return calendar.add_minutes(at, 1) - timedelta(minutes=1)


def _hours(calendar: WorkingCalendar) -> tuple[DeskHours, ...]:
    """Group neighbouring weekdays with the same hours; closed days are left out."""
    lines: list[DeskHours] = []
    for weekday, plan in enumerate(calendar.week):
        if not plan.intervals:
            continue
        if lines and lines[-1].last == weekday - 1 and lines[-1].intervals == plan.intervals:
            lines[-1] = DeskHours(lines[-1].first, weekday, plan.intervals)
        else:
            lines.append(DeskHours(weekday, weekday, plan.intervals))
    return tuple(lines)
