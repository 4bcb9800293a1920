"""The next word is due on a morning of a working day, no more working days away than agreed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from notifications.rules.silence import next_word_at
from tests.orders.rules.calendars import closed, route

CALENDAR = route(workshop_closed=closed(date(2026, 3, 10))).workshop
MOMENTS = st.integers(0, 60 * 24 * 40).map(lambda n: datetime(2026, 3, 1, tzinfo=UTC) + timedelta(minutes=n))


def test_working_days_are_counted_and_a_holiday_is_not() -> None:
    thursday = datetime(2026, 3, 5, 16, tzinfo=UTC)

    assert next_word_at(calendar=CALENDAR, last_word_at=thursday, days=3) == datetime(2026, 3, 11, 10, tzinfo=UTC)


@given(MOMENTS, st.integers(1, 8))
def test_never_longer_than_agreed_and_never_on_a_day_of_rest(last: datetime, days: int) -> None:
    found = next_word_at(calendar=CALENDAR, last_word_at=last, days=days)

    assert CALENDAR.is_open(found.date())
    assert CALENDAR.days_between(CALENDAR.local_day(last), found.date()) == days
