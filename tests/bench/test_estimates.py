"""How many promises one core works out in a second, beside a floor: the same convolution with nothing around it.

`make bench`.  CPU seconds of this process, so that a busy machine does not lie.  Bars: 2,000 a second, and a night's
learning from 30,000 orders in 5 s (delivery reference 6).
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest

from orders.rules.estimates.days import DayCount
from orders.rules.estimates.learning import Learner, Sending
from orders.rules.estimates.replay import Past, Replay
from orders.rules.estimates.service import Trip, learn
from orders.rules.estimates.tables import Guess

pytestmark = [pytest.mark.bench]

ORDERS, ASKED = 4000, 3000
LEAST_PER_SECOND = 2000
TRIPS, MOST_SECONDS = 30_000, 5.0
FIRST = date(2025, 1, 1)


def history() -> list[Past]:
    """Orders of 300 sellers to 25 states over nine months."""
    dice, rows = random.Random(7), []
    for index in range(ORDERS):
        bought = datetime(2025, 2, 3, 8) + timedelta(minutes=97 * index)
        gone = bought.date() + timedelta(days=dice.choice((0, 1, 1, 2, 3, 6)))
        state, seller = dice.randrange(25), int(300 * dice.random() ** 2)
        came = gone + timedelta(days=2 + state // 3 + int(dice.expovariate(0.3)))
        keys = ("all", state // 5, state, (state, index % 2), (state, index % 9), seller, index % 12, index % 9, "all")
        rows.append(Past(f"o{index}", bought, ("all", seller, seller), keys, gone, came))
    return rows


def test_promises_are_worked_out_fast() -> None:
    days = DayCount(FIRST, FIRST + timedelta(days=900), lambda day: day.weekday() < 5)
    learner, rows = Learner(days, days), history()
    Replay(learner, [0.95], date(2025, 9, 1)).run(rows)
    asked = [Sending(row.order, days.forward(row.purchased_at.date()), row.handling, row.transit) for row in rows]

    ours = per_second(lambda: [learner.arrival(each).day_for(0.95) for each in asked[-ASKED:]])
    floor = per_second(lambda: [bare(0.95) for _ in range(ASKED)])

    print(f"\nestimates: {ours:,.0f}/s beside a floor of {floor:,.0f}/s ({ours / floor:.2f})")
    assert ours >= LEAST_PER_SECOND


def test_a_night_learns_fast() -> None:
    dice, trips = random.Random(1), []
    for index in range(TRIPS):
        planned = FIRST + timedelta(days=index * 360 // TRIPS)
        gone = planned + timedelta(days=dice.choice((0, 0, 0, 1, 3)))
        trips.append(Trip(planned, gone, gone + timedelta(days=dice.choice((2, 3, 3, 4, 9))), planned))
    begun = time.process_time()

    found = learn(
        trips,
        workshop=lambda day: day.weekday() < 5,
        carrier=lambda day: day.weekday() < 6,
        guess=Guess(2, 4),
        target_bp=9500,
        until=FIRST + timedelta(days=359),
    )

    took = time.process_time() - begun
    print(f"\na night's learning from {TRIPS:,} orders: {took:.2f} s of CPU")
    assert found is not None
    assert took <= MOST_SECONDS


def per_second(work: Callable[[], object]) -> float:
    """Return how many of ASKED pieces a second of this process's CPU does."""
    begun = time.process_time()
    work()
    return ASKED / (time.process_time() - begun)


def bare(target: float) -> int:
    """Convolve ten hand-overs with seventy ages, and walk to the target."""
    arrived = [1.0 - math.exp(-0.15 * age) for age in range(71)]
    chance, day = 0.0, 0
    while chance < target and day < 60:
        chance = sum(0.1 * arrived[day - start] for start in range(10) if day >= start)
        day += 1
    return day
