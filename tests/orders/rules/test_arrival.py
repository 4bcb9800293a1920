"""When she is asked whether all is well: on a morning of her own working days, once, with three days to answer."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from orders.rules.arrival import NEXT, ask_at, closes_at, too_late
from tests.orders.rules.calendars import closed, route

CALENDAR = route(destination_zone="America/New_York", destination_closed=closed(date(2026, 3, 6))).destination
MOMENTS = st.integers(0, 60 * 24 * 40).map(lambda n: datetime(2026, 3, 1, tzinfo=UTC) + timedelta(minutes=n))


def test_a_night_later_at_ten_where_she_lives_and_not_on_her_holiday() -> None:
    thursday_evening = datetime(2026, 3, 5, 23, tzinfo=UTC)

    found = ask_at(calendar=CALENDAR, delivered_at=thursday_evening)

    assert found.isoformat() == "2026-03-07T10:00:00-05:00"
    assert closes_at(calendar=CALENDAR, asked_at=found).date() == date(2026, 3, 11)


@given(MOMENTS)
def test_never_the_same_day_never_on_a_closed_one_and_three_days_to_answer(delivered_at: datetime) -> None:
    asked = ask_at(calendar=CALENDAR, delivered_at=delivered_at)

    assert asked.date() > CALENDAR.local_day(delivered_at)
    assert CALENDAR.is_open(asked.date())
    assert CALENDAR.days_between(asked.date(), CALENDAR.local_day(closes_at(calendar=CALENDAR, asked_at=asked))) >= 3


def test_what_arrived_weeks_ago_is_not_asked_about() -> None:
    then = datetime(2026, 3, 2, tzinfo=UTC)

    assert not too_late(delivered_at=then, at=then + timedelta(days=14))
    assert too_late(delivered_at=then, at=then + timedelta(days=15))


def test_what_is_not_right_stays_with_people_and_a_happy_answer_may_turn() -> None:
    assert NEXT["not_quite"] == frozenset()
    assert NEXT["happy"] == frozenset({"not_quite"})
    assert {after for state in NEXT.values() for after in state} <= NEXT.keys()
