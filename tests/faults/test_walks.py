"""Long walks through everything that can happen to orders, and many at once while somebody else looks.

Every walk is one database without rollback.  `--storm=full` takes 10,000 steps in all.
Source: reliability reference T14; issue 3, bars.
"""

from __future__ import annotations

from datetime import datetime
from itertools import count

import pytest

from shop.queries.audit import breaches
from tests.orders.test_paying_out import watched
from tests.walks import Walk

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.faults]
STEPS = {"small": 300, "full": 10_000}
LOOK_EVERY = 100


def test_a_long_walk_keeps_every_invariant(now: datetime, request: pytest.FixtureRequest) -> None:
    walk = Walk(2026, at=now)

    for step in range(STEPS[request.config.getoption("--storm")]):
        walk.step()
        if step % LOOK_EVERY == 0:
            assert breaches() == [], (walk.seed, walk.turn)

    assert len(walk.done) > 18


def test_twenty_at_once_never_give_back_more_than_came_in(now: datetime) -> None:
    """Each of 20 threads walks in the same shop; another connection looks at the sums all the time."""
    shop, numbers = Walk(7, at=now), count(1)
    for _step in range(40):
        shop.step()

    def work(_number: int) -> None:
        walk = shop.fellow(next(numbers))
        for _step in range(12):
            walk.step()

    looks, seen = watched(work, 20)

    assert (looks > 1, seen) == (True, 0)
    assert breaches() == []
