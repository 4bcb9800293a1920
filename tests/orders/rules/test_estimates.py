"""The estimator: tables, clock, arrival, level, and that a replay never looks ahead."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import accumulate, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orders.rules.estimates.arrival import Arrival, hand_overs, sure
from orders.rules.estimates.days import DayCount
from orders.rules.estimates.few import TooFewOrders, few_of
from orders.rules.estimates.learning import Learner, fee_band
from orders.rules.estimates.level import DestinationLevel, LevelControl, asked_level, careful
from orders.rules.estimates.replay import Past, Replay
from orders.rules.estimates.scores import Calibration, Score, average_precision, calibration, days_at_share, score
from orders.rules.estimates.tables import Guess, LifeTables, Ratio, Table
from orders.rules.estimates.warning import time_to_tell
from shop.rules.calendar import NoOpenDay

FIRST, LAST = date(2025, 1, 1), date(2026, 12, 31)
WORKSHOP = DayCount(FIRST, LAST, lambda day: day.weekday() < 5)
CARRIER = DayCount(FIRST, LAST, lambda day: day.weekday() < 6)


def test_days_are_counted_over_what_is_closed() -> None:
    friday, saturday, monday = date(2025, 3, 7), date(2025, 3, 8), date(2025, 3, 10)

    assert WORKSHOP.forward(saturday) == WORKSHOP.forward(monday) == WORKSHOP.back(saturday) + 1
    assert WORKSHOP.day(WORKSHOP.back(saturday)) == friday
    assert CARRIER.forward(saturday) == CARRIER.back(saturday)
    with pytest.raises(NoOpenDay):
        WORKSHOP.forward(LAST + timedelta(days=1))


def ladder(*tables: Table, ratios: tuple[Ratio, ...] = (), ages: int = 10) -> LifeTables:
    return LifeTables(tables or [Table(40)], ratios, ages=ages)


def learned(tables: LifeTables, keys: tuple[str, ...], seen: list[tuple[int, bool]]) -> LifeTables:
    """Let one group see exposures (age, ended)."""
    tables.learn([(tables.cells(keys), age, ended) for age, ended in seen])
    return tables


def test_a_guess_alone_is_promised_as_the_merchant_made_it() -> None:
    chances = ladder().chances(("door",), Guess(2, 4))

    assert chances[:2] == [0.0, 0.0]
    assert chances[2:4] == pytest.approx([1 / 3, 1 / 2])
    assert chances[4] == pytest.approx(0.998)  # as good as certain


def test_data_replaces_the_guess_little_by_little() -> None:
    tables = ladder()
    before = tables.chances(("door",), Guess(2, 2))[1]
    found = []
    for _ in range(3):
        tables.pass_day()
        learned(tables, ("door",), [(0, False), (1, True)] * 15)
        found.append(tables.chances(("door",), Guess(2, 2))[1])

    assert before == 0.0
    assert 0.4 < found[0] < found[1] < found[2] < 0.8


def test_a_group_with_few_parcels_leans_on_its_parent() -> None:
    tables = ladder(Table(40), Table(40, lean=10), ages=5)
    learned(tables, ("all", "many"), [(1, True)] * 100)
    learned(tables, ("all", "one"), [(1, False)])

    assert tables.chances(("all", "one"))[1] == pytest.approx(10 * (100.06 / 101.5) / 11)
    assert tables.chances(("all", "never seen"))[1] == pytest.approx(100.06 / 101.5)


def test_old_exposures_fade_by_half_in_a_half_life() -> None:
    tables = learned(ladder(Table(2), ages=3), ("all",), [(0, False)] * 8)
    tables.pass_day()
    tables.pass_day()

    assert tables.parcels(0, "all") == pytest.approx(4.0)


def test_fading_never_overflows() -> None:
    tables = ladder(Table(1), ratios=(Ratio(1, 5),), ages=3)
    for _ in range(2500):
        tables.pass_day()
        learned(tables, ("all", "all"), [(0, True), (0, False)])

    assert tables.chances(("all", "all"))[0] == pytest.approx(0.5, abs=0.15)


def test_a_ratio_counts_what_ended_beside_what_the_tables_expect() -> None:
    tables = ladder(Table(1e9), ratios=(Ratio(1e9, 5, later=(2,)),), ages=4)
    learned(tables, ("all", "usual"), [(age, index < 200) for age in range(4) for index in range(1000)])
    learned(tables, ("all", "fast"), [(0, index < 40) for index in range(100)])  # of old ones it has none

    unknown, fast = tables.chances(("all", "never seen")), tables.chances(("all", "fast"))

    assert unknown[0] == pytest.approx((240 + 0.06) / 1100.5)
    assert fast[0] == pytest.approx(1 - (1 - unknown[0]) ** (45 / (100 * 200.06 / 1000.5 + 5)))
    assert fast[2:] == pytest.approx(unknown[2:])


def test_a_ratio_is_believed_as_far_as_it_is_trusted() -> None:
    chances = {}
    for trust in (0.0, 0.5, 1.0):
        tables = ladder(Table(1e9, lean=0), ratios=(Ratio(1e9, 5, trust=trust),), ages=3)
        learned(tables, ("all", "usual"), [(0, index < 10) for index in range(1000)])
        learned(tables, ("all", "fast"), [(0, index < 500) for index in range(1000)])
        chances[trust] = tables.chances(("all", "fast"))[0], tables.chances(("all", "never seen"))[0]

    assert chances[0.0][0] == chances[0.0][1]
    assert chances[0.0][0] < chances[0.5][0] < chances[1.0][0]


def test_fees_are_banded_a_fifth_apart() -> None:
    assert [fee_band(fee) for fee in (None, 0.0, 1.0, 16.0, 17.0, 19.1)] == [None, 0, 0, 16, 16, 17]


# -- Arrival --------------------------------------------------------------------------------------------------------
CHANCES = st.lists(st.floats(0.0, 0.9), min_size=8, max_size=30)


def cumulative(chances: list[float]) -> list[float]:
    return [0.0, *accumulate(-math.log(1.0 - chance) for chance in chances)]


def arrival(chances: list[float], start: int, already: int = 0) -> Arrival:
    """What arrives when the workshop takes a day or two and begins on its day `start`."""
    days = [CARRIER.forward(WORKSHOP.day(start + age)) for age in range(20)]
    return Arrival(hand_overs([0.2, 0.6, 0.7, 0.9, 0.97], days), cumulative([*chances, 0.2]), already=already)


@settings(max_examples=60, deadline=None)
@given(CHANCES, st.integers(0, 60), st.integers(1, 9), st.floats(0.3, 0.95), st.floats(0.0, 0.04))
def test_later_orders_and_higher_targets_are_never_promised_earlier(
    chances: list[float], start: int, later: int, target: float, more: float
) -> None:
    first = arrival(chances, start)
    day = first.day_for(target)

    assert first.day_for(target + more) >= day
    assert arrival(chances, start + later).day_for(target) >= day
    assert arrival([min(chance * 1.1, 0.95) for chance in chances], start).day_for(target) <= day
    assert first.chance_by(day) >= target or day - first.hand_overs[0].carrier_day == 160
    assert day == first.hand_overs[0].carrier_day or first.chance_by(day - 1) < target


@settings(max_examples=60, deadline=None)
@given(CHANCES, st.integers(0, 60), st.integers(0, 60))
def test_the_chance_only_grows_from_day_to_day(chances: list[float], start: int, already: int) -> None:
    found = arrival(chances, start, already)
    first = found.hand_overs[0].carrier_day
    grown = [found.chance_by(first + age) for age in range(-1, 100)]

    assert grown[0] == 0.0
    assert all(0.0 <= before <= after <= 1.0 for before, after in pairwise(grown))


def test_what_is_on_its_way_is_judged_by_what_has_not_happened() -> None:
    hazard = cumulative([0.0, 0.5, 0.5, 0.5])
    fresh, waited, long = (
        Arrival(sure(10), hazard),
        Arrival(sure(10), hazard, already=2),
        Arrival(sure(10), hazard, already=7),
    )

    assert fresh.chance_by(12) == pytest.approx(0.75)
    assert waited.chance_by(12) == pytest.approx(0.5)  # a day less has passed without it
    assert waited.day_for(0.75) > fresh.day_for(0.75)
    assert long.chance_by(16) == pytest.approx(0.0)  # seven days have passed
    assert long.chance_by(17) == pytest.approx(0.5)  # beyond the table: as in its last age


def test_hand_overs_are_complete() -> None:
    assert sum(each.chance for each in hand_overs([0.2, 0.5, 0.1], [1, 2, 3])) == pytest.approx(1.0)


# -- Level, warning, scores -----------------------------------------------------------------------------------------
def test_the_level_follows_what_was_kept_within_its_bounds() -> None:
    assert asked_level(0.95, due=0, missed=0) == pytest.approx(0.95)
    assert asked_level(0.95, due=400, missed=20) == pytest.approx(0.95)
    assert asked_level(0.95, due=400, missed=21) == pytest.approx(0.95122, abs=1e-5)
    assert asked_level(0.95, due=400, missed=12) == pytest.approx(0.9377, abs=1e-4)
    assert asked_level(0.95, due=10**6, missed=10**6) == asked_level(0.95, due=10**6, missed=10**5)
    assert asked_level(0.95, due=10**6, missed=10**6) == pytest.approx(0.95232, abs=1e-5)
    assert asked_level(0.95, due=10**9, missed=0) == pytest.approx(0.92720, abs=1e-5)


def test_a_level_forgets_what_was_missed_long_ago() -> None:
    level = LevelControl(0.9)
    for _ in range(600):
        level.settle(kept=False)
    strict = level.asked
    for _ in range(28):
        level.pass_day()

    assert (level.due, level.missed) == (pytest.approx(150.0), pytest.approx(150.0))
    assert 0.9 < level.asked <= strict


def test_padding_is_gone_eight_weeks_after_a_jam() -> None:
    """Half of a fortnight's promises broken, then 98 of 100 kept: less than the target is asked before two months."""
    level, asked = LevelControl(0.95), []
    for day in range(14 + 56):
        for number in range(50):
            level.settle(kept=number % 2 == 0 if day < 14 else number != 0)
        level.pass_day()
        asked.append(level.asked)

    assert asked[13] == max(asked) > 0.95
    assert asked[13 + 28] > 0.95
    assert asked[-1] < 0.95


def test_a_destination_earns_back_its_misses_with_promises_kept_there() -> None:
    assert careful(0.95, kept=0) == pytest.approx(0.965)
    assert careful(0.95, kept=8 * 7 / 3) == pytest.approx(0.965)
    assert careful(0.95, kept=72) == pytest.approx(0.955)
    assert careful(0.95, kept=10**9) == pytest.approx(0.95)


@given(st.floats(0.0, 0.999), st.floats(0.0, 0.999), st.floats(0.0, 5000.0), st.floats(0.0, 5000.0))
def test_care_never_asks_less_and_keeps_the_order_of_targets(
    one: float, other: float, kept: float, more: float
) -> None:
    low, high = sorted((one, other))

    assert low - 1e-12 <= careful(low, kept=kept) <= careful(high, kept=kept) + 1e-12
    assert careful(low, kept=kept + more) <= careful(low, kept=kept) + 1e-12


def test_broken_promises_earn_nothing_and_the_median_needs_no_care() -> None:
    proven, broken = DestinationLevel(LevelControl(0.95)), DestinationLevel(LevelControl(0.95))
    for _ in range(100):
        proven.settle(kept=True)
        broken.settle(kept=False)

    assert proven.asked < careful(0.95, kept=0) < broken.asked
    assert (proven.region.due, broken.region.missed) == (100, 100)
    assert DestinationLevel(LevelControl(0.5)).asked == pytest.approx(0.5)


def test_an_age_of_the_coarsest_table_leans_on_its_neighbours_unless_somebody_guessed() -> None:
    plain, beside = ladder(ages=12), LifeTables([Table(40)], ages=12, beside=5)
    for tables in (plain, beside):
        learned(tables, ("all",), [(age, index < 5) for age in range(12) for index in range(10) if age != 6])

    assert plain.chances(("all",))[6] == pytest.approx(0.12)  # nobody has seen it
    assert beside.chances(("all",))[6] == pytest.approx((5 * (40 + 0.06) / 80.5) / 5, abs=1e-3)
    assert beside.chances(("all",))[:2] == plain.chances(("all",))[:2]
    assert beside.chances(("all",), Guess(2, 4)) == plain.chances(("all",), Guess(2, 4))


def test_what_was_learned_fades_slower_until_there_is_enough() -> None:
    young, grown = (learned(LifeTables([Table(2)], ages=3, enough=10), ("all",), [(0, False)] * n) for n in (8, 40))
    for _ in range(2):
        young.pass_day()
        grown.pass_day()

    assert young.parcels(0, "all") == pytest.approx(8 * 2**-0.25)
    assert grown.parcels(0, "all") == pytest.approx(20.0)


@pytest.mark.parametrize(
    ("late", "days_left", "tell"), [(0.6, 9, True), (0.59, 4, False), (0.5, 3, True), (0.49, 0, False)]
)
def test_it_is_told_when_it_is_likely_enough_for_the_days_left(late: float, days_left: int, tell: bool) -> None:
    assert time_to_tell(late, days_left) is tell


def test_scores_are_those_on_paper() -> None:
    found = score([(10, 8), (10, 12)], 0.9)

    assert (found.on_time, found.mean_days, found.median_days) == (0.5, 10, 10)
    assert found.pinball == pytest.approx((0.1 * 2 + 0.9 * 2) / 2)
    assert average_precision([(0.9, True), (0.8, False), (0.7, True)]) == pytest.approx((1 + 2 / 3) / 2)
    assert average_precision([(0.5, True), (0.5, False)]) == pytest.approx(0.5)
    rows = calibration([(0.91, True), (0.95, False), (0.2, False)])
    assert rows[0] == Calibration(0.2, 0.0, 1)
    assert (rows[1].foretold, rows[1].realised, rows[1].orders) == (pytest.approx(0.93), 0.5, 2)


def test_days_are_compared_at_the_same_share_kept() -> None:
    columns = [Score(100, 0.9, 20.0, 18.0, 1.0), Score(100, 0.8, 16.0, 15.0, 2.0), Score(100, 0.96, 26.0, 23.0, 0.5)]

    assert days_at_share(columns, 0.93) == (pytest.approx(23.0), pytest.approx(20.5))
    assert days_at_share(columns, 0.8) == (16.0, 15.0)
    assert days_at_share(columns, 0.97) is None
    assert days_at_share(columns[:1], 0.9) is None


# -- Replay ---------------------------------------------------------------------------------------------------------
def history(seed: int = 1, orders: int = 160) -> list[Past]:
    """Orders of two sellers over ten weeks."""
    dice, rows = random.Random(seed), []
    for index in range(orders):
        bought = datetime(2025, 2, 3, 10) + timedelta(hours=10 * index)
        gone = bought.date() + timedelta(days=dice.choice((0, 1, 1, 2, 4)))
        came = gone + timedelta(days=dice.choice((2, 3, 3, 4, 5, 9)))
        lane = dice.choice(("north", "south"))
        promised = bought.date() + timedelta(days=9)
        keys = ("all", f"s{index % 2}"), ("all", lane, "all")
        rows.append(Past(f"o{index}", bought, *keys, gone, came, promised))
    return rows


def learner() -> Learner:
    return Learner(
        WORKSHOP,
        CARRIER,
        handling=ladder(Table(40), ratios=(Ratio(80, 5),), ages=20),
        transit=ladder(Table(20), Table(20, 10), ratios=(Ratio(3, 30),), ages=30),
    )


def replayed(rows: list[Past], from_on: date) -> list[tuple[object, ...]]:
    """What the replay says, as plain values."""
    run = Replay(learner(), [0.9], from_on, warn=True)
    told = run.run(rows)
    return [(row.past.order, row.promised, row.warned) for row in told]


def test_a_promise_knows_nothing_of_what_happens_on_its_day_or_later() -> None:
    rows = history()
    cut = rows[100].purchased_at.date()

    def unknown(row: Past) -> Past:
        gone = row.handed_over_on if row.handed_over_on and row.handed_over_on < cut else None
        came = row.delivered_on if row.delivered_on and row.delivered_on < cut else None
        return replace(row, handed_over_on=gone, delivered_on=came)

    whole = {name: promised for name, promised, _ in replayed(rows, FIRST)}
    blind = {name: promised for name, promised, _ in replayed([unknown(row) for row in rows], FIRST)}
    until = [row.order for row in rows if row.purchased_at.date() <= cut]

    assert [whole[name] for name in until] == [blind[name] for name in until]
    assert whole != blind  # from there on it does learn


def test_what_never_arrives_is_promised_no_farther_than_the_horizon_at_any_target() -> None:
    """Each target once began where the one below ended: four of them lay years ahead, beyond every calendar."""
    rows = [replace(row, delivered_on=None) if index > 5 else row for index, row in enumerate(history())]

    told = Replay(learner(), [0.9, 0.95, 0.97, 0.99], rows[140].purchased_at.date(), warn=True).run(rows)

    farthest = [
        max(CARRIER.back(day) for day in row.promised.values()) - CARRIER.back(row.past.purchased_at.date())
        for row in told
    ]
    assert len(told) > 10
    assert 160 <= max(farthest) <= 160 + 3


def test_no_notice_goes_out_after_arrival_and_new_days_are_later() -> None:
    told = Replay(learner(), [0.9], FIRST, warn=True).run(history())
    noticed = [row for row in told if row.warned and row.warned.noticed_on]

    assert noticed
    for row in noticed:
        bought_on, noticed_on = row.past.purchased_at.date(), row.warned.noticed_on if row.warned else None
        assert bought_on < (noticed_on or bought_on) <= (row.past.delivered_on or date.min)
        assert ((row.warned and row.warned.renewed_on) or date.min) > (row.past.promised_on or date.max)


def test_a_young_shop_knows_so_many_orders_and_nothing_else() -> None:
    rows = history()
    from_on = rows[100].purchased_at.date()
    known = few_of(rows, number=20, from_on=from_on)

    before = [row for row in rows if row.purchased_at.date() < from_on]
    assert sum(row.order in known for row in before) == 20
    assert len(known) == 20 + math.ceil((len(rows) - len(before)) * 20 / len(before))
    with pytest.raises(TooFewOrders) as few:
        few_of(rows, number=200, from_on=from_on)
    assert few.value.there == len(before)


def test_what_is_not_known_changes_no_promise_of_a_young_shop() -> None:
    rows = history()
    known = few_of(rows, number=20, from_on=rows[100].purchased_at.date())
    other = [row if row.order in known else replace(row, handed_over_on=None, delivered_on=None) for row in rows]

    def promises(of: list[Past], knowing: frozenset[str] | None) -> list[dict[float, date]]:
        return [row.promised for row in Replay(learner(), [0.9], FIRST, known=knowing).run(of)]

    assert promises(rows, known) == promises(other, known)
    assert promises(rows, None) != promises(other, None)
    assert promises(rows, frozenset(row.order for row in rows)) == promises(rows, None)


def test_a_destination_is_cared_for_by_itself() -> None:
    """Two destinations of one region: the one with few orders is promised later than it would be together with all."""
    rows = [
        replace(row, destination="few" if index % 20 == 0 else "many") for index, row in enumerate(history(orders=600))
    ]
    together = [replace(row, destination=None) for row in rows]

    apart, whole = (Replay(learner(), [0.9], date(2025, 6, 1)).run(of) for of in (rows, together))
    longer = [one.promised[0.9] > other.promised[0.9] for one, other in zip(apart, whole, strict=True)]

    assert all(one.promised[0.9] >= other.promised[0.9] for one, other in zip(apart, whole, strict=True))
    assert any(late for late, row in zip(longer, apart, strict=True) if row.past.destination == "few")
