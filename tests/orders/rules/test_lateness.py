"""Late before late, as a pure rule."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.rules.lateness import Progress, Told, assess, renewed_range
from orders.rules.promise import Route
from shop.rules.calendar import DayPlan, WorkingCalendar

_DAY = DayPlan(((time(9), time(18)),), time(14))
_REST = DayPlan()


def _calendar(code: str, days: int) -> WorkingCalendar:
    return WorkingCalendar(code, "Europe/Lisbon", (_DAY,) * days + (_REST,) * (7 - days))


ROUTE = Route(_calendar("workshop", 5), _calendar("carrier", 6), _calendar("destination", 6), 1, 2, 3)
# Ordered Monday 2 March 2026, leaves on Tuesday, arrives by Friday 6 March.
TOLD = Told(
    deliver_by_on=date(2026, 3, 6),
    pack_by_at=datetime(2026, 3, 2, 18, tzinfo=UTC),
    hand_over_by_at=datetime(2026, 3, 3, 18, tzinfo=UTC),
    breaks_at=datetime(2026, 3, 7, 0, tzinfo=UTC),
)
TUESDAY, WEDNESDAY, FRIDAY = (datetime(2026, 3, day, 10, tzinfo=UTC) for day in (3, 4, 6))
GONE = Progress(packed=True, handed_over_at=TUESDAY, carrier_status="in_transit", last_scan_at=WEDNESDAY)


def test_assess_believes_the_promise_while_the_plan_stands() -> None:
    finding = assess(told=TOLD, progress=Progress(), route=ROUTE, at=TUESDAY)

    assert (finding.late, finding.at_risk) == (False, True)
    assert finding.look_again_at == TOLD.hand_over_by_at


def test_assess_counts_anew_once_the_hand_over_was_missed() -> None:
    finding = assess(told=TOLD, progress=Progress(), route=ROUTE, at=WEDNESDAY)

    # Packed on Thursday at the earliest, three carrier days, Sunday not counted; one more day to be safe.
    assert (finding.cause, finding.predicted_on) == ("workshop", date(2026, 3, 9))
    assert (finding.deliver_from_on, finding.deliver_by_on) == (date(2026, 3, 9), date(2026, 3, 10))


def test_assess_tells_a_missing_transfer_from_a_slow_workshop() -> None:
    finding = assess(told=TOLD, progress=Progress(packed=True, unpaid=True), route=ROUTE, at=WEDNESDAY)

    assert (finding.cause, finding.reason_code) == ("payment", "payment")


@pytest.mark.parametrize(
    ("reason", "cause"),
    [
        ("weather", "weather"),
        ("road_closed", "weather"),
        ("vehicle", "carrier"),
        ("address", "address"),
        ("", "carrier"),
    ],
)
def test_assess_believes_the_courier_about_a_later_day(reason: str, cause: str) -> None:
    progress = replace(GONE, carrier_status="held", reason=reason, eta_on=date(2026, 3, 9))

    finding = assess(told=TOLD, progress=progress, route=ROUTE, at=WEDNESDAY)

    assert (finding.late, finding.cause, finding.predicted_on) == (True, cause, date(2026, 3, 9))
    assert (finding.deliver_from_on, finding.deliver_by_on) == (date(2026, 3, 9), date(2026, 3, 10))


def test_assess_is_calm_about_a_day_inside_the_promise() -> None:
    progress = replace(GONE, eta_on=date(2026, 3, 6))

    assert not assess(told=TOLD, progress=progress, route=ROUTE, at=WEDNESDAY).late


def test_assess_hears_silence_after_two_whole_carrier_days() -> None:
    told = replace(TOLD, deliver_by_on=date(2026, 3, 7), breaks_at=datetime(2026, 3, 8, 0, tzinfo=UTC))
    thursday, friday = datetime(2026, 3, 5, 23, tzinfo=UTC), datetime(2026, 3, 6, 8, tzinfo=UTC)
    progress = replace(GONE, last_scan_at=TUESDAY)

    assert not assess(told=told, progress=progress, route=ROUTE, at=thursday).late
    finding = assess(told=told, progress=progress, route=ROUTE, at=friday)

    assert (finding.late, finding.cause) == (True, "silence")


def test_assess_tells_before_the_last_day_has_passed() -> None:
    noon, evening = datetime(2026, 3, 6, 12, tzinfo=UTC), datetime(2026, 3, 6, 20, tzinfo=UTC)
    fresh = replace(GONE, last_scan_at=FRIDAY)
    in_the_van = replace(fresh, carrier_status="out_for_delivery")

    assert not assess(told=TOLD, progress=fresh, route=ROUTE, at=noon - timedelta(minutes=1)).late
    assert assess(told=TOLD, progress=fresh, route=ROUTE, at=noon).reason_code == "not_in_van"
    assert not assess(told=TOLD, progress=in_the_van, route=ROUTE, at=noon).late
    assert assess(told=TOLD, progress=in_the_van, route=ROUTE, at=evening).reason_code == "van_full"
    assert evening < TOLD.breaks_at


def test_assess_sends_again_what_comes_back() -> None:
    progress = replace(GONE, carrier_status="returning", reason="address")

    finding = assess(told=TOLD, progress=progress, route=ROUTE, at=WEDNESDAY)

    assert (finding.late, finding.cause, finding.reason_code) == (True, "address", "coming_back")


def test_renewed_range_waits_for_the_day_somebody_is_home() -> None:
    told = replace(TOLD, home_weekdays=frozenset({5}))

    found = renewed_range(predicted_on=date(2026, 3, 9), told=told, route=ROUTE, at=WEDNESDAY)

    assert found == (date(2026, 3, 14), date(2026, 3, 14))


moments = st.datetimes(datetime(2026, 3, 2), datetime(2026, 4, 2), timezones=st.just(UTC))


@given(
    at=moments,
    eta_on=st.none() | st.dates(date(2026, 3, 1), date(2026, 4, 20)),
    status=st.sampled_from(["", "accepted", "in_transit", "held", "out_for_delivery", "attempt_failed", "returning"]),
    gone=st.booleans(),
    packed=st.booleans(),
    reason=st.sampled_from(["", "weather", "customs", "not_home"]),
)
def test_assess_never_tells_a_closed_day_nor_one_that_is_no_later(
    at: datetime, eta_on: date | None, status: str, gone: bool, packed: bool, reason: str
) -> None:
    progress = Progress(packed=packed or gone)
    if gone:
        progress = replace(GONE, carrier_status=status, eta_on=eta_on, reason=reason)

    finding = assess(told=TOLD, progress=progress, route=ROUTE, at=at)

    assert finding.look_again_at is not None
    assert finding.look_again_at > at
    if finding.late:
        first, last = finding.deliver_from_on, finding.deliver_by_on
        assert first is not None
        assert last is not None
        assert TOLD.deliver_by_on < finding.predicted_on <= last
        assert ROUTE.destination.local_day(at) < first < last
        assert all(ROUTE.carrier.is_open(day) and ROUTE.destination.is_open(day) for day in (first, last))
