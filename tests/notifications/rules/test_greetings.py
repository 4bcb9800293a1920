"""A day that is hers comes once a year, at nine by the shop's clock, the 29th of February included."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.rules.greetings import falls_on, is_today, next_greeting_at

LISBON = ZoneInfo("Europe/Lisbon")


@given(
    day=st.dates(date(1900, 1, 1), date(2024, 12, 31)), after=st.datetimes(datetime(2026, 1, 1), datetime(2040, 1, 1))
)
def test_the_next_greeting_is_the_first_such_morning_within_a_year(day: date, after: datetime) -> None:
    moment = after.replace(tzinfo=UTC)

    found = next_greeting_at(day, after=moment, zone=LISBON)

    assert moment < found <= moment + timedelta(days=367)
    assert (found.hour, is_today(day, today=found.date())) == (9, True)


@pytest.mark.parametrize(("year", "on"), [(2027, date(2027, 2, 28)), (2028, date(2028, 2, 29))])
def test_who_was_born_on_the_29th_of_february_is_greeted_every_year(year: int, on: date) -> None:
    assert falls_on(date(1992, 2, 29), year=year) == on


def test_the_day_itself_is_no_anniversary() -> None:
    assert not is_today(date(2026, 3, 2), today=date(2026, 3, 2))
    assert is_today(date(2025, 3, 2), today=date(2026, 3, 2))
