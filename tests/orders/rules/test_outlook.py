"""A parcel that will hardly come in time is seen before facts break the promise; without a table nothing is guessed."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orders.rules.estimates.warning import RENEW_AT
from orders.rules.lateness import Progress, Told, assess
from orders.rules.outlook import ENOUGH, outlook
from orders.rules.promise import Learned, Route
from tests.orders.rules.test_lateness import ROUTE

# A tenth arrives on each of the first six carrier days, from then on half of what is left.
ARRIVED = [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, *(1 - 0.4 * 0.5**day for day in range(1, 20))]
ROAD = tuple(-math.log(1 - chance) for chance in ARRIVED)
LEARNED = replace(ROUTE, learned=Learned(3, 9500, 5, ENOUGH, ROAD))
GONE_ON, PROMISED_ON = date(2026, 3, 2), date(2026, 3, 7)  # Monday to Saturday; the carrier drives on both
TOLD = Told(
    deliver_by_on=PROMISED_ON,
    pack_by_at=datetime(2026, 3, 2, 18, tzinfo=UTC),
    hand_over_by_at=datetime(2026, 3, 2, 18, tzinfo=UTC),
    breaks_at=datetime(2026, 3, 8, 0, tzinfo=UTC),
)


def at(day: int) -> datetime:
    return datetime(2026, 3, day, 8, tzinfo=UTC)


def on_its_way(day: int) -> Progress:
    """Handed over on Monday, scanned yesterday evening."""
    return Progress(
        packed=True, handed_over_at=at(2), carrier_status="in_transit", last_scan_at=at(day) - timedelta(hours=14)
    )


def test_what_has_not_happened_yet_makes_late_likelier() -> None:
    chances = []
    for day in (2, 4, 6):
        seen = outlook(route=LEARNED, gone_on=GONE_ON, deliver_by_on=PROMISED_ON, today=date(2026, 3, day))
        assert seen is not None
        chances.append(seen.late_chance)

    assert chances == pytest.approx([0.4, 0.4 / 0.8, 0.4 / 0.6])


def test_it_is_told_while_the_promise_still_holds() -> None:
    calm = assess(told=TOLD, progress=on_its_way(3), route=LEARNED, at=at(3))
    late = assess(told=TOLD, progress=on_its_way(5), route=LEARNED, at=at(5))

    assert (calm.late, calm.at_risk, calm.look_again_at) == (False, True, datetime(2026, 3, 4, tzinfo=UTC))
    assert (late.late, late.cause, late.reason_code) == (True, "carrier", "later")
    # Half of such parcels are there on Monday, 95 of 100 on Thursday.
    assert (late.deliver_from_on, late.deliver_by_on) == (date(2026, 3, 9), date(2026, 3, 12))
    assert late.surely


@pytest.mark.parametrize(
    "route",
    [
        ROUTE,
        replace(ROUTE, learned=Learned(3, 9500, 5, ENOUGH - 1, ROAD)),
        replace(ROUTE, learned=Learned(1, 9500, 5, 99)),
    ],
)
def test_without_a_table_that_is_believed_only_facts_speak(route: Route) -> None:
    finding = assess(told=TOLD, progress=on_its_way(5), route=route, at=at(5))

    assert (finding.late, finding.at_risk) == (False, False)


@pytest.mark.parametrize(
    "news", [{"eta_on": PROMISED_ON}, {"carrier_status": "out_for_delivery"}, {"carrier_status": "ready_for_pickup"}]
)
def test_what_the_courier_says_of_this_parcel_counts_more(news: dict[str, object]) -> None:
    progress = replace(on_its_way(5), **news)  # type: ignore[arg-type]

    assert not assess(told=TOLD, progress=progress, route=LEARNED, at=at(5)).late


def test_a_fact_is_told_with_the_day_such_parcels_are_surely_there() -> None:
    silent = Progress(packed=True, handed_over_at=at(2), carrier_status="in_transit", last_scan_at=at(2))
    plain = assess(told=TOLD, progress=silent, route=ROUTE, at=at(6))
    known = assess(told=TOLD, progress=silent, route=LEARNED, at=at(6))

    assert plain.cause == known.cause == "silence"
    assert known.deliver_from_on == plain.deliver_from_on
    assert (known.deliver_by_on or date.min) > (plain.deliver_by_on or date.max)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0.0, 1.5), min_size=2, max_size=30), st.integers(0, 30), st.integers(0, 20))
def test_the_new_day_is_kept_with_the_chance_it_was_asked_for(steps: list[float], waited: int, ahead: int) -> None:
    road = tuple(sum(steps[:index], 0.01 * index) for index in range(len(steps) + 1))
    route = replace(ROUTE, learned=Learned(1, 9500, 3, ENOUGH, road))
    today = GONE_ON + timedelta(days=waited)
    seen = outlook(route=route, gone_on=GONE_ON, deliver_by_on=today + timedelta(days=ahead), today=today)

    assert seen is not None
    assert 0.0 <= seen.late_chance <= 1.0
    assert today <= seen.likely_on <= seen.surely_on
    again = outlook(route=route, gone_on=GONE_ON, deliver_by_on=seen.surely_on, today=today)
    assert again is not None
    assert again.late_chance <= 1 - RENEW_AT + 1e-9 or (seen.surely_on - today).days >= 160
    assert route.carrier.is_open(seen.surely_on)
