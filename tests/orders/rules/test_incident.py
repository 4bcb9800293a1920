"""What a crisis does to one promise: later by working days, never earlier, never on a closed day; and whom it hits."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import example, given
from hypothesis import strategies as st

from orders.rules.incident import (
    Concerns,
    Crisis,
    Hits,
    Moved,
    Said,
    Scope,
    Where,
    concerns,
    move,
    places_left_open,
    reaches,
    slowed,
    still_active,
)
from tests.orders.rules.calendars import closed, route

MONDAY = date(2026, 3, 2)
THURSDAY, FRIDAY = date(2026, 3, 5), date(2026, 3, 6)
DAYS = st.integers(0, 40).map(lambda n: MONDAY + timedelta(days=n))


def said(**fields: object) -> Said:
    values: dict[str, object] = {
        "deliver_from_on": date(2026, 3, 4),
        "deliver_by_on": THURSDAY,
        "starts_on": MONDAY,
        "hand_over_on": date(2026, 3, 3),
        "gone": False,
        "road_rests": frozenset(),
    }
    return Said(**(values | fields))  # type: ignore[arg-type]


def crisis(**fields: object) -> Crisis:
    values: dict[str, object] = {
        "id": 7,
        "name": "Storm",
        "hits": Hits.ROAD,
        "scope": Scope(),
        "starts_on": MONDAY,
        "ends_on": date(2026, 3, 13),
        "extra_days": 2,
        "public_text": "Storm.",
        "longer": True,
    }
    return Crisis(**(values | fields))  # type: ignore[arg-type]


def test_on_the_road_it_moves_by_days_the_courier_drives_and_somebody_receives() -> None:
    way = route(destination_closed=closed(FRIDAY))

    found = move(said(), hits=Hits.ROAD, extra_days=2, counted_on=MONDAY, route=way)

    # Friday 6 is closed there and nobody drives on Sunday 8: Thursday + 2 is Saturday 7 and Monday 9.
    assert found == Moved(date(2026, 3, 7), date(2026, 3, 9))


def test_in_the_workshop_the_hand_over_moves_and_the_way_after_it_stays_as_long() -> None:
    found = move(said(), hits=Hits.WORKSHOP, extra_days=4, counted_on=MONDAY, route=route())

    # Tuesday 3 + 4 working days is Monday 9; then one and two days of driving, as before.
    assert found == Moved(date(2026, 3, 10), date(2026, 3, 11), date(2026, 3, 9))


def test_a_day_that_closed_after_the_promise_makes_its_way_no_shorter() -> None:
    way = route(destination_closed=closed(date(2026, 3, 4)))

    def moved(**fields: object) -> Moved | None:
        return move(said(**fields), hits=Hits.WORKSHOP, extra_days=1, counted_on=MONDAY, route=way)

    # Two days of driving were promised; they leave on Wednesday 4, on which nobody receives any more.
    assert moved() == Moved(THURSDAY, FRIDAY, date(2026, 3, 4))
    # Without that record every week day somebody drives counts: the way comes out the same.
    assert moved(road_rests=None) == moved()


def test_a_day_that_opened_after_the_promise_does_not_swallow_the_crisis() -> None:
    was_closed = said(deliver_from_on=THURSDAY, road_rests=frozenset({date(2026, 3, 4)}))

    found = move(was_closed, hits=Hits.WORKSHOP, extra_days=1, counted_on=MONDAY, route=route())

    assert found == Moved(FRIDAY, FRIDAY, date(2026, 3, 4))


def test_the_promise_stays_when_the_hand_over_moves_over_days_nobody_ever_drove() -> None:
    wednesday = date(2026, 3, 4)
    rests = {"deliver_from_on": THURSDAY, "road_rests": frozenset({wednesday})}
    way = route(destination_closed=closed(wednesday))

    found = move(said(**rests), hits=Hits.WORKSHOP, extra_days=1, counted_on=MONDAY, route=way)

    assert found == Moved(THURSDAY, THURSDAY, wednesday)


def test_what_has_left_us_is_not_moved_by_the_workshop_and_what_she_knew_is_not_counted_again() -> None:
    assert move(said(gone=True), hits=Hits.WORKSHOP, extra_days=4, counted_on=MONDAY, route=route()) is None
    assert move(said(known_days=2), hits=Hits.ROAD, extra_days=2, counted_on=MONDAY, route=route()) is None
    assert move(said(known_days=2), hits=Hits.ROAD, extra_days=3, counted_on=MONDAY, route=route()) == Moved(
        THURSDAY, FRIDAY
    )


# What was written down of the days nobody drove: nothing closed, nothing written down, a day that may be open today.
RESTS = st.sampled_from([frozenset(), None, frozenset({date(2026, 3, 4)}), frozenset({THURSDAY})])


@given(
    st.sampled_from(Hits),
    st.integers(1, 15),
    DAYS,
    DAYS,
    st.booleans(),
    st.frozensets(st.integers(0, 5), max_size=3),
    RESTS,
)
@example(Hits.WORKSHOP, 1, MONDAY, date(2026, 3, 4), False, frozenset(), None)
@example(Hits.WORKSHOP, 1, MONDAY, MONDAY, False, frozenset(), frozenset({date(2026, 3, 4)}))
def test_never_earlier_never_closed_and_only_when_somebody_is_at_home(
    hits: Hits,
    extra: int,
    counted_on: date,
    shut: date,
    gone: bool,
    home: frozenset[int],
    rests: frozenset[date] | None,
) -> None:
    way, before = route(destination_closed=closed(shut)), said(gone=gone, home_weekdays=home, road_rests=rests)

    found = move(before, hits=hits, extra_days=extra, counted_on=counted_on, route=way)

    if found is None:
        assert hits == Hits.WORKSHOP
        assert gone
        return
    never_driven = {shut} & (rests or set())
    leaves_on = found.hand_over_on or before.hand_over_on
    if hits == Hits.WORKSHOP and leaves_on in never_driven:
        assert before.deliver_by_on <= found.deliver_by_on
    else:
        assert before.deliver_by_on < found.deliver_by_on
    assert before.deliver_from_on <= found.deliver_from_on <= found.deliver_by_on
    for day in (found.deliver_from_on, found.deliver_by_on):
        assert way.carrier.is_open(day)
        assert way.destination.is_open(day)
        assert not home or day.weekday() in home
    assert found.hand_over_on is None or way.workshop.is_open(found.hand_over_on)


@given(st.sampled_from(Hits), st.integers(1, 10), DAYS)
def test_more_extra_days_never_arrive_earlier(hits: Hits, extra: int, counted_on: date) -> None:
    fewer = move(said(), hits=hits, extra_days=extra, counted_on=counted_on, route=route())
    more = move(said(), hits=hits, extra_days=extra + 1, counted_on=counted_on, route=route())

    assert fewer is not None
    assert more is not None
    assert fewer.deliver_by_on < more.deliver_by_on


def test_it_reaches_only_orders_whose_way_lies_in_its_days() -> None:
    def on_the_road(first: date, last: date, **fields: object) -> bool:
        return reaches(said(**fields), hits=Hits.ROAD, starts_on=first, ends_on=last, today=MONDAY)

    assert on_the_road(MONDAY, MONDAY + timedelta(days=1))
    assert on_the_road(THURSDAY, FRIDAY)
    assert not on_the_road(FRIDAY, FRIDAY)  # she has it by then
    assert not on_the_road(MONDAY, FRIDAY, hand_over_on=date(2026, 3, 9), deliver_by_on=date(2026, 3, 12))
    late = said(deliver_by_on=date(2026, 2, 27), gone=True)
    assert reaches(late, hits=Hits.ROAD, starts_on=MONDAY, ends_on=FRIDAY, today=MONDAY)
    assert not reaches(said(gone=True), hits=Hits.WORKSHOP, starts_on=MONDAY, ends_on=FRIDAY, today=MONDAY)


def test_a_new_order_is_concerned_when_everything_that_is_known_fits() -> None:
    storm = crisis(scope=Scope(countries=frozenset({"PT"}), postcodes=("80", "81"), products=frozenset({5})))

    def of(where: Where, **way: int) -> Concerns:
        ids = {"workshop_id": 1, "service_id": 1} | way
        return concerns(storm, where, all_couriers=frozenset({"own"}), **ids)

    assert of(Where("ES")) == Concerns.NO
    assert of(Where("PT")) == Concerns.MAYBE
    assert of(Where("PT", " 8000-001", None, frozenset({5, 6}))) == Concerns.YES
    assert of(Where("PT", "4050-262", None, frozenset({5}))) == Concerns.NO
    assert of(Where("PT", "8000-001", None, frozenset({6}))) == Concerns.NO


def test_a_crisis_of_one_courier_concerns_new_orders_only_when_there_is_no_other() -> None:
    strike = crisis(scope=Scope(couriers=frozenset({"own"})))
    ids = {"workshop_id": 1, "service_id": 1}

    assert concerns(strike, Where("PT"), all_couriers=frozenset({"own"}), **ids) == Concerns.YES
    assert concerns(strike, Where("PT"), all_couriers=frozenset({"own", "ctt"}), **ids) == Concerns.NO


def test_new_orders_go_the_longer_way_unless_nobody_wants_that() -> None:
    way = route()

    assert slowed(way, [crisis(longer=False)]) == way
    slow = slowed(way, [crisis(), crisis(hits=Hits.WORKSHOP, extra_days=3)])
    assert (slow.handling_days, slow.transit_min_days, slow.transit_max_days) == (
        way.handling_days + 3,
        way.transit_min_days + 2,
        way.transit_max_days + 2,
    )


def test_the_fewest_places_count_and_only_on_its_days() -> None:
    both = [crisis(places=5), crisis(places=2, ends_on=THURSDAY)]

    assert [places_left_open(both, day) for day in (THURSDAY, FRIDAY, date(2026, 3, 14))] == [2, 5, None]


def test_what_nobody_looks_at_ends_by_itself() -> None:
    def active(today: date) -> bool:
        return still_active(ends_on=THURSDAY, review_on=FRIDAY, today=today)

    assert [active(THURSDAY), active(FRIDAY), active(date(2026, 3, 7))] == [True, True, False]
