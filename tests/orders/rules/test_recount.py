"""Counting a promise again: nothing moves while the calendars stay, and a closure entered later shows at once."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orders.rules.promise import Estimate, Route, Wish, estimate
from orders.rules.recount import Plan, Recount, recount, rests
from tests.orders.rules.calendars import at, closed, route

NO_WISH = Wish()
MONDAY = date(2026, 3, 2)
MOMENTS = st.integers(0, 60 * 24 * 60).map(lambda n: datetime(2026, 3, 1, tzinfo=UTC) + timedelta(minutes=n))
WISHES = st.builds(
    Wish,
    making_days=st.integers(0, 8),
    home_weekdays=st.frozensets(st.integers(0, 5), max_size=3),
    wait_for_home=st.just(True),
)


def plan_of(made: Estimate, by: Route, wish: Wish = NO_WISH) -> Plan:
    """The plan as it is read back from a stored promise."""
    steps = made.as_basis(placed_at=made.order_before_at, route=by, wish=wish)["steps"]
    workshop_rests, road_rests = rests(steps)
    return Plan(
        starts_on=made.starts_on,
        packed_on=by.workshop.local_day(made.pack_by_at),
        hand_over_on=by.workshop.local_day(made.hand_over_by_at),
        deliver_by_on=made.deliver_by_on,
        workshop_rests=workshop_rests,
        road_rests=road_rests,
        home_weekdays=wish.home_weekdays,
    )


def days(found: Recount) -> tuple[date, date, date]:
    return found.packed_on, found.hand_over_on, found.deliver_by_on


@settings(max_examples=60, deadline=None)
@given(MOMENTS, WISHES)
def test_a_recount_on_the_same_calendars_ends_where_the_promise_does(placed_at: datetime, wish: Wish) -> None:
    by = route(destination_closed=closed(date(2026, 3, 20), date(2026, 4, 3)))
    made = estimate(placed_at=placed_at, route=by, wish=wish)
    plan = plan_of(made, by, wish)

    found = recount(plan, by)

    assert days(found) == (plan.packed_on, plan.hand_over_on, plan.deliver_by_on)
    assert found.closed_since == ()


@settings(max_examples=60, deadline=None)
@given(MOMENTS, WISHES, st.integers(0, 12), st.booleans())
def test_a_day_closed_later_never_makes_it_earlier(placed_at: datetime, wish: Wish, offset: int, work: bool) -> None:
    before = route()
    plan = plan_of(estimate(placed_at=placed_at, route=before, wish=wish), before, wish)
    shut = closed(plan.starts_on + timedelta(days=offset))
    after = route(workshop_closed=shut) if work else route(carrier_closed=shut)

    found = recount(plan, after)

    assert days(found) >= (plan.packed_on, plan.hand_over_on, plan.deliver_by_on)
    assert found.deliver_by_on >= plan.deliver_by_on


def test_a_closed_week_of_the_workshop_moves_packing_hand_over_and_arrival() -> None:
    by = route()
    made = estimate(placed_at=at(MONDAY, "10:00"), route=by)
    plan = plan_of(made, by)
    assert (plan.packed_on, plan.deliver_by_on) == (date(2026, 3, 3), date(2026, 3, 7))
    rest = [date(2026, 3, 3) + timedelta(days=each) for each in range(4)]

    found = recount(plan, route(workshop_closed=closed(*rest)))

    assert days(found) == (date(2026, 3, 9), date(2026, 3, 10), date(2026, 3, 13))
    assert (found.closed_since, found.closed_at) == ((date(2026, 3, 3), date(2026, 3, 4)), "workshop")


def test_what_has_gone_does_not_wait_for_the_workshop() -> None:
    by = route()
    plan = plan_of(estimate(placed_at=at(MONDAY, "10:00"), route=by), by)
    shut = route(workshop_closed=closed(date(2026, 3, 3), date(2026, 3, 4)))

    assert recount(plan, shut, gone_on=date(2026, 3, 4)).deliver_by_on == plan.deliver_by_on
    assert recount(plan, shut, packed=True).hand_over_on == date(2026, 3, 5)


def test_a_road_closed_later_is_told_as_the_carriers() -> None:
    by = route()
    plan = plan_of(estimate(placed_at=at(MONDAY, "10:00"), route=by), by)

    found = recount(plan, route(carrier_closed=closed(date(2026, 3, 6))), gone_on=date(2026, 3, 4))

    assert (found.deliver_by_on, found.closed_since, found.closed_at) == (
        date(2026, 3, 9),
        (date(2026, 3, 6),),
        "carrier",
    )


@pytest.mark.parametrize("gone_on", [date(2026, 3, 3), date(2026, 3, 5)])
def test_the_road_is_counted_from_the_day_it_really_left(gone_on: date) -> None:
    by = route()
    plan = plan_of(estimate(placed_at=at(MONDAY, "10:00"), route=by), by)

    found = recount(plan, by, gone_on=gone_on)

    assert found.deliver_by_on == by.carrier.add(gone_on, 3)
