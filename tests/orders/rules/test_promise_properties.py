"""What must hold for every promise, found by search.  Source: commerce reference A3.11; bars of the shop."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from orders.rules.promise import Route, Wish, estimate
from shop.rules.calendar import CLOSED, DayPlan, WorkingCalendar
from tests.orders.rules.calendars import HOURS, closed, week

START = datetime(2025, 1, 1, tzinfo=UTC)
MOMENTS = st.integers(0, 365 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes))
HOLIDAYS = st.frozensets(st.dates(date(2025, 1, 1), date(2026, 2, 28)), max_size=25)
OPEN_DAYS = st.frozensets(st.integers(0, 6), min_size=3)


@st.composite
def calendars(draw: st.DrawFn, code: str, zones: tuple[str, ...]) -> WorkingCalendar:
    """A week of at least three open days, with holidays and a cut-off in the morning, at noon or none."""
    cutoff = draw(st.sampled_from([None, time(10), time(12), time(17, 59, 59)]))
    days = draw(OPEN_DAYS)
    plans = tuple(DayPlan(HOURS, cutoff) if day in days else CLOSED for day in range(7))
    return WorkingCalendar(code, draw(st.sampled_from(zones)), plans, closed(*draw(HOLIDAYS), reason="rest"))


@st.composite
def routes(draw: st.DrawFn) -> Route:
    """Any workshop, carrier and destination that meet at some point of the year."""
    first = draw(st.integers(1, 4))
    return Route(
        workshop=draw(calendars("workshop", ("Europe/Lisbon", "America/New_York"))),
        carrier=WorkingCalendar("carrier", "Europe/Lisbon", week(range(6)), closed(*draw(HOLIDAYS), reason="rest")),
        destination=draw(calendars("destination", ("Europe/Lisbon", "Pacific/Auckland"))),
        handling_days=draw(st.integers(1, 3)),
        transit_min_days=first,
        transit_max_days=first + draw(st.integers(0, 3)),
    )


def overlapping(way: Route) -> bool:
    """Some ordinary weekday is open for workshop, carrier and destination."""
    weeks = zip(way.workshop.week[:6], way.destination.week[:6], strict=True)
    return any(works.intervals and receives.intervals for works, receives in weeks)


@given(routes().filter(overlapping), MOMENTS, st.integers(0, 10), st.integers(0, 72 * 60))
def test_estimate_is_consistent_and_monotone(way: Route, moment: datetime, making_days: int, later: int) -> None:
    wish = Wish(making_days=making_days)
    found = estimate(placed_at=moment, route=way, wish=wish)
    after = estimate(placed_at=moment + timedelta(minutes=later), route=way, wish=wish)

    assert found == estimate(placed_at=moment, route=way, wish=wish)
    for day in (found.deliver_from_on, found.deliver_by_on):
        assert way.carrier.is_open(day)
        assert way.destination.is_open(day)
    assert way.workshop.is_open(found.starts_on)
    assert way.workshop.is_open(found.hand_over_on)
    assert way.carrier.is_open(found.hand_over_on)
    assert found.starts_on < found.hand_over_on < found.deliver_from_on <= found.deliver_by_on
    assert moment < found.order_before_at
    assert found.pack_by_at <= found.hand_over_by_at
    assert after.deliver_by_on >= found.deliver_by_on
    assert after.deliver_from_on >= found.deliver_from_on
    assert [step.stage for step in found.steps] == ["start", "work", "hand_over", "transit"]
    ends = [(step.first_on, step.last_on) for step in found.steps]
    assert all(before[1] == behind[0] for before, behind in pairwise(ends))
    assert ends[-1][1] == found.deliver_by_on


@given(routes().filter(overlapping), MOMENTS, st.integers(-5, 60), st.integers(0, 20))
def test_goods_on_their_way_are_worked_on_from_the_day_after_and_later_goods_never_arrive_earlier(
    way: Route, moment: datetime, days: int, more: int
) -> None:
    goods_on = moment.date() + timedelta(days=days)
    found, later, without = (
        estimate(placed_at=moment, route=way, wish=Wish(goods_on=day))
        for day in (goods_on, goods_on + timedelta(days=more), None)
    )

    assert found.starts_on > goods_on
    assert way.workshop.is_open(found.starts_on)
    assert without.deliver_by_on <= found.deliver_by_on <= later.deliver_by_on


@given(routes().filter(overlapping), MOMENTS, st.dates(date(2025, 1, 1), date(2026, 2, 28)), st.integers(0, 2))
def test_a_closed_day_never_makes_it_earlier(way: Route, moment: datetime, day: date, which: int) -> None:
    name = ("workshop", "carrier", "destination")[which]
    calendar = getattr(way, name)
    rested = replace(calendar, exceptions={**calendar.exceptions, **closed(day)})

    before = estimate(placed_at=moment, route=way)
    after = estimate(placed_at=moment, route=replace(way, **{name: rested}))

    assert after.deliver_by_on >= before.deliver_by_on
    assert after.hand_over_on >= before.hand_over_on


@given(routes().filter(overlapping), MOMENTS, st.frozensets(st.integers(0, 6), min_size=1))
def test_a_promised_day_is_a_day_somebody_is_home(way: Route, moment: datetime, home: frozenset[int]) -> None:
    able = {day for day in home if day < 6 and way.destination.week[day].intervals}
    if not able:
        return
    found = estimate(placed_at=moment, route=way, wish=Wish(home_weekdays=frozenset(able), wait_for_home=True))

    assert {found.deliver_from_on.weekday(), found.deliver_by_on.weekday()} <= able


PT = closed(date(2025, 4, 18), date(2025, 4, 25), date(2025, 5, 1), date(2025, 6, 10), date(2025, 8, 15), reason="rest")
DE = closed(date(2025, 4, 18), date(2025, 4, 21), date(2025, 5, 1), date(2025, 5, 29), date(2025, 10, 3), reason="rest")
US = closed(
    date(2025, 5, 26), date(2025, 7, 4), date(2025, 9, 1), date(2025, 11, 27), date(2025, 12, 25), reason="rest"
)
COUNTRIES = (("Europe/Lisbon", PT, 2, 3), ("Europe/Berlin", DE, 3, 5), ("America/New_York", US, 5, 9))
WORKSHOPS = ("Europe/Lisbon", "America/New_York")


def test_a_year_of_orders_never_promises_a_closed_day_and_never_moves_earlier() -> None:
    broken = []
    for zone in WORKSHOPS:
        for there, holidays, first, last in COUNTRIES:
            way = Route(
                workshop=WorkingCalendar("workshop", zone, week(cutoff=time(14)), PT),
                carrier=WorkingCalendar("carrier", zone, week(range(6)), PT),
                destination=WorkingCalendar("destination", there, week(range(6)), holidays),
                handling_days=1,
                transit_min_days=first,
                transit_max_days=last,
            )
            before = date.min
            for hour in range(365 * 24):
                found = estimate(placed_at=START + timedelta(hours=hour), route=way)
                days = (found.deliver_from_on, found.deliver_by_on)
                open_days = all(way.carrier.is_open(day) and way.destination.is_open(day) for day in days)
                if not open_days or found.deliver_by_on < before:
                    broken.append((zone, there, hour))
                before = found.deliver_by_on

    assert broken == []
