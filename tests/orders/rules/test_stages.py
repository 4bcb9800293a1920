"""Stages: deadlines counted back from the promise, on open days, each before the next."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orders.rules.promise import Estimate, Route, Wish, estimate
from orders.rules.stages import Promised, Stage, Standing, deadlines, stage_of
from tests.orders.rules.calendars import at, closed, route

MONDAY = date(2026, 3, 2)
MOMENTS = st.integers(0, 60 * 24 * 60).map(lambda n: datetime(2026, 3, 1, tzinfo=UTC) + timedelta(minutes=n))
CLOSED = st.lists(st.integers(0, 40), max_size=12, unique=True).map(
    lambda offsets: closed(*(date(2026, 3, 2) + timedelta(days=each) for each in offsets))
)


def promised(made: Estimate, by: Route, making_days: int = 0) -> Promised:
    long_ago = datetime(2026, 1, 1, tzinfo=UTC)
    return Promised(long_ago, made.pack_by_at, made.hand_over_by_at, made.breaks_at, by.handling_days, making_days)


@settings(max_examples=80, deadline=None)
@given(MOMENTS, st.integers(0, 10), CLOSED)
def test_deadlines_follow_each_other_and_keep_the_promise(placed_at: datetime, making: int, shut: dict) -> None:  # type: ignore[type-arg]
    before, after = route(), route(workshop_closed=shut)
    made = estimate(placed_at=placed_at, route=before, wish=Wish(making_days=making))

    found = deadlines(promised(made, before, making), after)

    moments = [found.of(stage) for stage in Stage if stage != Stage.RECEIPT]
    assert moments == sorted(moments)
    assert found.hand_over_by_at <= made.hand_over_by_at
    assert found.pack_by_at <= made.pack_by_at
    assert found.deliver_by_at == made.breaks_at
    days = [after.workshop.local_day(moment) for moment in (found.make_by_at, found.pack_by_at, found.label_by_at)]
    assert all(after.workshop.is_open(day) for day in days)


@settings(max_examples=40, deadline=None)
@given(MOMENTS, st.integers(0, 10))
def test_on_the_same_calendars_they_are_the_promises_own(placed_at: datetime, making: int) -> None:
    by = route()
    made = estimate(placed_at=placed_at, route=by, wish=Wish(making_days=making))

    found = deadlines(promised(made, by, making), by)

    assert (found.pack_by_at, found.hand_over_by_at) == (made.pack_by_at, made.hand_over_by_at)
    assert by.workshop.local_day(found.pay_by_at) == made.starts_on


def test_a_piece_made_to_order_has_a_day_for_every_stage() -> None:
    by = route()
    made = estimate(placed_at=at(MONDAY, "10:00"), route=by, wish=Wish(making_days=5))

    found = deadlines(promised(made, by, 5), by)

    days = {stage.name: by.workshop.local_day(found.of(stage)).isoformat() for stage in Stage}
    assert days == {
        "PAYMENT": "2026-03-02",
        "MAKING": "2026-03-06",
        "PACKING": "2026-03-10",
        "LABELLING": "2026-03-11",
        "HAND_OVER": "2026-03-11",
        "TRANSIT": "2026-03-15",
        "RECEIPT": "2026-03-15",
    }
    assert found.label_by_at == at(date(2026, 3, 11), "17:00")


def test_a_day_that_closes_later_makes_our_own_deadlines_earlier() -> None:
    by = route()
    made = estimate(placed_at=at(MONDAY, "10:00"), route=by, wish=Wish(making_days=5))
    shut = route(workshop_closed=closed(date(2026, 3, 11), date(2026, 3, 10)))

    found = deadlines(promised(made, by, 5), shut)

    assert found.hand_over_by_at == at(date(2026, 3, 9), "18:00")
    assert found.pack_by_at == at(date(2026, 3, 6), "18:00")


@pytest.mark.parametrize(
    ("standing", "stage"),
    [
        (Standing("planned", unpaid=True, to_be_made=True), Stage.PAYMENT),
        (Standing("planned", to_be_made=True), Stage.MAKING),
        (Standing("planned", to_be_made=True, made=True), Stage.PACKING),
        (Standing("planned"), Stage.PACKING),
        (Standing("packed"), Stage.LABELLING),
        (Standing("packed", labelled=True, unpaid=True), Stage.HAND_OVER),
        (Standing("handed_over"), Stage.TRANSIT),
        (Standing("delivered"), Stage.RECEIPT),
        (Standing("delivered", confirmed=True), None),
        (Standing("cancelled"), None),
    ],
)
def test_stage_of_knows_where_an_order_is(standing: Standing, stage: Stage | None) -> None:
    assert stage_of(standing) == stage
