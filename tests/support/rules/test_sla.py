"""Due times in open minutes."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.rules.calendar import CLOSED, DayPlan, NoOpenDay, WorkingCalendar
from support.rules.sla import Due, next_due, told_to_the_customer

OPEN = DayPlan(((time(9), time(12)), (time(13), time(18))))
DESK = WorkingCalendar("support", "Europe/Lisbon", (OPEN,) * 5 + (CLOSED,) * 2, {date(2026, 3, 3): CLOSED})
MONDAY = datetime(2026, 3, 2, 16, 30, tzinfo=UTC)


def due(**changes: object) -> Due | None:
    wanted: dict[str, object] = {
        "waiting_since": MONDAY,
        "answered_before": False,
        "task_due_at": None,
        "calendar": DESK,
        "first_reply_minutes": 120,
        "next_reply_minutes": 240,
    }
    return next_due(**(wanted | changes))  # type: ignore[arg-type]


def test_first_answer_is_due_in_open_minutes_over_a_holiday() -> None:
    assert due() == Due(datetime(2026, 3, 4, 9, 30, tzinfo=UTC), "fr")


def test_next_answer_has_its_own_time() -> None:
    assert due(answered_before=True) == Due(datetime(2026, 3, 4, 11, 30, tzinfo=UTC), "nr")


def test_the_earliest_of_task_and_answer_is_due() -> None:
    soon = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)

    assert due(task_due_at=soon) == Due(soon, "task")
    assert due(waiting_since=None, task_due_at=soon) == Due(soon, "task")
    assert due(waiting_since=None) is None


def test_a_desk_that_never_opens_promises_nothing() -> None:
    never = WorkingCalendar("support", "Europe/Lisbon", (CLOSED,) * 7)

    with pytest.raises(NoOpenDay):
        due(calendar=never)


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)).map(lambda naive: naive.replace(tzinfo=UTC)),
    st.integers(1, 2000),
)
def test_the_time_we_tell_is_never_earlier_than_the_one_we_keep_and_stays_in_its_day(
    at: datetime, minutes: int
) -> None:
    kept = DESK.add_minutes(at, minutes)

    told = told_to_the_customer(at=at, minutes=minutes, calendar=DESK)

    assert timedelta(0) <= told - kept < timedelta(minutes=10)
    assert DESK.local_day(told) == DESK.local_day(kept)
    assert told.minute % 10 == 0 or told == kept
