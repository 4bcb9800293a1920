"""The conformance vectors of the promise engine.  Source: commerce reference A3."""

from __future__ import annotations

from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from orders.rules.promise import Estimate, NobodyHome, Wish, estimate
from shop.rules.calendar import CLOSED, NoOpenDay, WorkingCalendar
from tests.orders.rules.calendars import at, closed, route

WED, THU, FRI = date(2025, 1, 22), date(2025, 1, 23), date(2025, 1, 24)


def days(found: Estimate) -> tuple[date, date, date, date]:
    """Start, hand-over, first and last day."""
    return found.starts_on, found.hand_over_on, found.deliver_from_on, found.deliver_by_on


def test_vector_1_after_the_cutoff_with_a_closed_friday() -> None:
    way = route(workshop_closed=closed(FRI), carrier_days=range(5))

    found = estimate(placed_at=at(WED, "12:01"), route=way)

    assert days(found) == (THU, date(2025, 1, 28), date(2025, 1, 30), date(2025, 1, 31))


@pytest.mark.parametrize(
    ("clock", "starts_on", "hand_over_on"),
    [
        ("11:59:59", WED, date(2025, 1, 27)),
        ("12:00:00", THU, date(2025, 1, 28)),
        ("12:00:01", THU, date(2025, 1, 28)),
    ],
)
def test_vector_2_the_cutoff_second_belongs_to_the_next_day(clock: str, starts_on: date, hand_over_on: date) -> None:
    way = route(workshop_closed=closed(FRI), carrier_days=range(5))

    found = estimate(placed_at=at(WED, clock), route=way)

    assert (found.starts_on, found.hand_over_on) == (starts_on, hand_over_on)


def test_vector_3_friday_evening_and_the_weekend_count_as_monday_morning() -> None:
    friday, saturday, sunday, monday = (date(2025, 1, 17) + timedelta(days=n) for n in range(4))

    found = {
        days(estimate(placed_at=at(day, clock), route=route()))
        for day, clock in [(friday, "17:00"), (saturday, "10:00"), (sunday, "23:59"), (monday, "00:00")]
    }

    assert found == {(monday, date(2025, 1, 22), date(2025, 1, 24), date(2025, 1, 25))}


def test_vector_4_the_cutoff_of_a_friday_is_its_own() -> None:
    way = route(cutoffs={4: time(11)})
    friday, monday = date(2025, 1, 17), date(2025, 1, 20)

    late, early = (estimate(placed_at=at(friday, clock), route=way) for clock in ("11:30", "10:59"))

    assert (early.starts_on, late.starts_on) == (friday, monday)
    assert days(late) == days(estimate(placed_at=at(monday, "09:00"), route=way))


def test_vector_5_a_closed_fortnight_is_stepped_over_and_named() -> None:
    holiday = [date(2025, 8, 4) + timedelta(days=n) for n in range(12)]  # Mon 4 to Fri 15 August
    way = route(workshop_closed=closed(*holiday, reason="the maker's holiday"))

    found = estimate(placed_at=at(date(2025, 8, 1), "15:00"), route=way)

    assert days(found) == (date(2025, 8, 18), date(2025, 8, 20), date(2025, 8, 22), date(2025, 8, 23))
    assert (date(2025, 8, 4), "the maker's holiday") in found.steps[0].skipped


def test_vector_6_a_holiday_at_the_destination_moves_the_delivery_not_the_hand_over() -> None:
    boxing_day = date(2025, 12, 26)
    placed_at = at(date(2025, 12, 22), "09:00")
    free = route(transit=(2, 2))
    resting = route(transit=(2, 2), destination_closed=closed(boxing_day, reason="St. Stephen's Day"))

    before, after = (estimate(placed_at=placed_at, route=way) for way in (free, resting))

    assert (before.hand_over_on, before.deliver_by_on) == (date(2025, 12, 24), boxing_day)
    assert (after.hand_over_on, after.deliver_by_on) == (date(2025, 12, 24), date(2025, 12, 27))
    assert after.steps[-1].skipped == ((boxing_day, "St. Stephen's Day"),)


def test_vector_6_nothing_arrives_on_a_sunday() -> None:
    found = estimate(placed_at=at(date(2025, 1, 20), "09:00"), route=route(transit=(4, 4)))

    assert found.hand_over_on == date(2025, 1, 22)
    assert found.deliver_by_on == date(2025, 1, 27)  # Thursday, Friday, Saturday, Monday


def test_vector_7_a_made_to_order_line_sets_the_day_of_what_travels_together() -> None:
    placed_at = at(date(2025, 1, 20), "09:00")

    stocked, made = (estimate(placed_at=placed_at, route=route(), wish=Wish(making_days=n)) for n in (0, 10))

    assert stocked.hand_over_on == date(2025, 1, 22)
    assert made.hand_over_on == date(2025, 2, 5)  # ten workshop days later


@pytest.mark.parametrize(
    ("placed_on", "hand_over_on"),
    [
        (date(2025, 3, 28), date(2025, 4, 1)),  # Friday before the clocks go forward
        (date(2025, 10, 24), date(2025, 10, 28)),  # Friday before they go back
        (date(2024, 2, 28), date(2024, 3, 1)),  # over the leap day
    ],
)
def test_vector_8_nights_of_other_length_lose_no_day(placed_on: date, hand_over_on: date) -> None:
    found = estimate(placed_at=at(placed_on, "11:59:59", "Europe/Paris"), route=route(zone="Europe/Paris"))

    assert (found.starts_on, found.hand_over_on) == (placed_on, hand_over_on)


def test_vector_8_new_year_is_stepped_over() -> None:
    way = route(workshop_closed=closed(date(2026, 1, 1)), carrier_closed=closed(date(2026, 1, 1)), handling_days=1)

    found = estimate(placed_at=at(date(2025, 12, 31), "09:00"), route=way)

    assert found.hand_over_on == date(2026, 1, 2)


def test_vector_8_the_cutoff_is_told_on_the_workshops_clock() -> None:
    way = route(zone="Europe/Paris", destination_zone="America/New_York")

    found = estimate(placed_at=at(date(2025, 1, 22), "05:30", "America/New_York"), route=way)

    assert found.starts_on == date(2025, 1, 22)  # half past eleven in Paris
    assert found.order_before_at.astimezone(ZoneInfo("Europe/Paris")) == at(date(2025, 1, 22), "12:00", "Europe/Paris")
    assert found.breaks_at == at(found.deliver_by_on + timedelta(days=1), "00:00", "America/New_York")


def test_vector_9_a_full_day_moves_the_start_one_workshop_day() -> None:
    placed_at = at(date(2025, 1, 24), "09:00")  # a Friday

    free, full = (
        estimate(placed_at=placed_at, route=route(), wish=Wish(full_days=taken))
        for taken in (frozenset[date](), frozenset({date(2025, 1, 24)}))
    )

    assert (free.starts_on, full.starts_on) == (date(2025, 1, 24), date(2025, 1, 27))


def test_vector_10_the_range_shrinks_to_days_somebody_is_home() -> None:
    placed_at = at(date(2025, 1, 20), "09:00")  # Fri 24 to Sat 25 January
    wish = Wish(home_weekdays=frozenset({5}))

    found = estimate(placed_at=placed_at, route=route(), wish=wish)

    assert (found.deliver_from_on, found.deliver_by_on) == (date(2025, 1, 25), date(2025, 1, 25))


def test_vector_10_an_empty_range_asks_and_does_not_guess() -> None:
    placed_at = at(date(2025, 1, 20), "09:00")

    with pytest.raises(NobodyHome) as asked:
        estimate(placed_at=placed_at, route=route(), wish=Wish(home_weekdays=frozenset({1, 3})))

    assert asked.value.next_on == date(2025, 1, 28)
    waiting = Wish(home_weekdays=frozenset({1, 3}), wait_for_home=True)
    assert estimate(placed_at=placed_at, route=route(), wish=waiting).deliver_by_on == date(2025, 1, 28)


def test_vector_12_without_an_open_day_there_is_no_date() -> None:
    way = route()
    dead = WorkingCalendar("dead", "Europe/Lisbon", (CLOSED,) * 7)

    for broken in ({"workshop": dead}, {"carrier": dead}, {"destination": dead}):
        with pytest.raises(NoOpenDay):
            estimate(placed_at=at(WED, "09:00"), route=type(way)(**{**vars(way), **broken}))
