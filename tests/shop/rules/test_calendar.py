"""The working calendar: days, cut-offs, minutes, and the nights when clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.rules.calendar import CLOSED, DayPlan, NoOpenDay, WorkingCalendar

MORNING, AFTERNOON = (time(9), time(12)), (time(13), time(18))
OFFICE = DayPlan((MORNING, AFTERNOON), time(14))
LISBON = ZoneInfo("Europe/Lisbon")
FRI, SAT, MON = date(2026, 3, 6), date(2026, 3, 7), date(2026, 3, 9)
DAYS = st.dates(date(2025, 1, 1), date(2026, 12, 31))
MOMENTS = st.integers(0, 2 * 365 * 24 * 60).map(lambda n: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=n))


def calendar(zone: str = "Europe/Lisbon", **exceptions: DayPlan) -> WorkingCalendar:
    """An office from Monday to Friday with an hour's lunch; exceptions by day, such as d2026_03_09."""
    days = {date(*map(int, name[1:].split("_"))): plan for name, plan in exceptions.items()}
    return WorkingCalendar("office", zone, (OFFICE,) * 5 + (CLOSED,) * 2, days)


def at(day: date, clock: str, zone: ZoneInfo = LISBON) -> datetime:
    """A moment on the office's clock."""
    return datetime.combine(day, time.fromisoformat(clock), tzinfo=zone)


def test_add_counts_open_days_only() -> None:
    assert calendar().add(FRI, 1) == MON
    assert calendar().add(SAT, 0) == MON
    assert calendar().add(FRI, 6) == date(2026, 3, 16)
    assert calendar(d2026_03_09=DayPlan(reason="rest")).add(FRI, 1) == date(2026, 3, 10)


def test_an_open_exception_opens_a_saturday() -> None:
    open_saturday = calendar(d2026_03_07=DayPlan((MORNING,), time(11), "before Christmas"))

    assert open_saturday.add(FRI, 1) == SAT
    assert open_saturday.cutoff_at(SAT) == at(SAT, "11:00")


def test_subtract_and_days_between_undo_add() -> None:
    assert calendar().subtract(MON, 1) == FRI
    assert calendar().days_between(FRI, MON) == 1
    assert calendar().days_between(MON, FRI) == 0


@pytest.mark.parametrize(("clock", "day"), [("13:59:59", FRI), ("14:00:00", MON), ("14:00:01", MON)])
def test_the_cutoff_second_belongs_to_the_next_open_day(clock: str, day: date) -> None:
    assert calendar().first_day_for(at(FRI, clock)) == day


def test_without_a_cutoff_the_last_closing_time_counts() -> None:
    plain = WorkingCalendar("plain", "Europe/Lisbon", (DayPlan((MORNING, AFTERNOON)),) * 5 + (CLOSED,) * 2)

    assert plain.cutoff_at(FRI) == at(FRI, "18:00")
    assert plain.cutoff_at(SAT) is None


def test_reasons_are_told_for_exceptions_only() -> None:
    rest = calendar(d2026_03_09=DayPlan(reason="Rest Day"))

    assert rest.closed_days(FRI, MON) == [(SAT, ""), (date(2026, 3, 8), ""), (MON, "Rest Day")]


def test_minutes_skip_lunch_nights_and_weekends() -> None:
    office = calendar()

    assert office.add_minutes(at(FRI, "11:30"), 60) == at(FRI, "13:30")
    assert office.add_minutes(at(FRI, "17:30"), 60) == at(MON, "09:30")
    assert office.add_minutes(at(SAT, "03:00"), 1) == at(MON, "09:01")
    assert office.minutes_between(at(FRI, "11:30"), at(MON, "09:30")) == 30 + 5 * 60 + 30
    assert office.minutes_between(at(MON, "09:30"), at(FRI, "11:30")) == 0


@pytest.mark.parametrize(
    ("night", "real_minutes"),
    [(date(2026, 3, 29), 23 * 60), (date(2026, 10, 25), 25 * 60)],
    ids=["forward", "back"],
)
def test_a_night_of_other_length_counts_its_real_minutes(night: date, real_minutes: int) -> None:
    # To the last minute of the day, because there is no 24:00 on a clock.
    always = WorkingCalendar("always", "Europe/Lisbon", (DayPlan(((time(0), time(23, 59)),)),) * 7)
    begins, ends = at(night, "00:00"), at(night, "23:59")

    assert always.minutes_between(begins, ends) == real_minutes - 1
    assert always.add_minutes(begins, real_minutes - 1) == ends
    assert always.day_ends_at(night) - begins.astimezone(UTC) == timedelta(minutes=real_minutes)


def test_a_calendar_that_never_opens_has_no_answer() -> None:
    dead = WorkingCalendar("dead", "Europe/Lisbon", (CLOSED,) * 7)

    for ask in (
        lambda: dead.next_open(FRI),
        lambda: dead.add(FRI, 1),
        lambda: dead.subtract(FRI, 1),
        lambda: dead.first_day_for(at(FRI, "09:00")),
        lambda: dead.add_minutes(at(FRI, "09:00"), 1),
    ):
        with pytest.raises(NoOpenDay):
            ask()


@st.composite
def calendars(draw: st.DrawFn) -> WorkingCalendar:
    """Any week with an open day, with lunch breaks and exceptions, in a zone with or without summer time."""
    plans = st.sampled_from([CLOSED, OFFICE, DayPlan((AFTERNOON,), time(13, 30)), DayPlan((MORNING,))])
    week = draw(st.lists(plans, min_size=6, max_size=6))
    exceptions = draw(st.dictionaries(DAYS, plans, max_size=20))
    zone = draw(st.sampled_from(["Europe/Lisbon", "America/New_York", "Asia/Colombo", "Pacific/Auckland"]))
    return WorkingCalendar("any", zone, (*week, OFFICE), exceptions)


@given(calendars(), DAYS, st.integers(1, 30))
def test_add_subtract_and_days_between_agree(office: WorkingCalendar, day: date, steps: int) -> None:
    later = office.add(day, steps)

    assert office.is_open(later)
    assert office.days_between(day, later) == steps
    assert office.add(day, steps - 1) <= later
    assert office.subtract(later, steps - 1) == office.add(day, 1)


@given(calendars(), MOMENTS)
def test_first_day_is_open_and_its_cutoff_is_ahead(office: WorkingCalendar, moment: datetime) -> None:
    day = office.first_day_for(moment)
    cutoff = office.cutoff_at(day)

    assert office.is_open(day)
    assert cutoff is not None
    assert moment < cutoff
    assert office.first_day_for(moment + timedelta(minutes=1)) >= day


@given(calendars(), MOMENTS, st.integers(1, 5000), st.integers(0, 5000))
def test_minutes_add_up(office: WorkingCalendar, moment: datetime, first: int, second: int) -> None:
    middle = office.add_minutes(moment, first)
    end = office.add_minutes(middle, second)

    assert moment < middle
    assert office.minutes_between(moment, middle) == first
    assert office.minutes_between(moment, end) == first + second
    assert office.add_minutes(moment, first + second) == end
