"""When a fault is regretted, and how much goes with it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from support.rules.regret import Act, Policy, Verdict, gift_minor, judge, policy_for

FOUND = datetime(2026, 3, 2, 9, tzinfo=UTC)
NOTE, SMALL, LARGE = Policy(0, 1, None, 0, 365), Policy(4, 500, None, 0, 365), Policy(8, 1000, None, 0, 365)


@pytest.mark.parametrize(
    ("facts", "verdict"),
    [
        ({}, Verdict(Act.WRITE)),
        ({"erased": True, "talks": True}, Verdict(Act.LEAVE, "erased")),
        ({"given_by_agent": True, "talks": True}, Verdict(Act.LEAVE, "agent")),
        ({"talks": True}, Verdict(Act.WAIT)),
        ({"talks": True, "at": FOUND + timedelta(days=30)}, Verdict(Act.LEAVE, "talking")),
    ],
)
def test_a_fault_is_regretted_unless_somebody_speaks_with_her_or_gave_something(
    facts: dict[str, object], verdict: Verdict
) -> None:
    known = {"erased": False, "given_by_agent": False, "talks": False, "found_at": FOUND, "at": FOUND}

    assert judge(**(known | facts)) == verdict  # type: ignore[arg-type]


def test_the_policy_with_the_most_days_that_were_reached_counts() -> None:
    rows = [SMALL, LARGE, NOTE]

    assert [policy_for(rows, days_late=days) for days in (1, 3, 4, 7, 8, 30)] == [
        NOTE,
        NOTE,
        SMALL,
        SMALL,
        LARGE,
        LARGE,
    ]
    assert policy_for([SMALL], days_late=3) is None


def test_a_share_is_rounded_down_and_a_small_order_gets_none() -> None:
    share = Policy(0, None, 1000, 2_000, 365)

    assert [gift_minor(share, order_minor=total) for total in (1_999, 2_000, 2_899)] == [0, 200, 289]
