"""How often we write of our own accord: never more than the cap, never too late, never longer than needed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from notifications.rules.frequency import Cap, Turn, judge, opens_at

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
CAPS = st.builds(Cap, st.integers(1, 4), st.integers(1, 30).map(lambda days: timedelta(days=days)))
HOURS = st.lists(st.integers(0, 24 * 120), max_size=40).map(sorted)


def most_in_a_window(moments: list[datetime], cap: Cap) -> int:
    return max((sum(one <= other < one + cap.window for other in moments) for one in moments), default=0)


@given(cap=CAPS, hours=HOURS)
def test_whoever_asks_before_each_mail_never_writes_more_than_the_cap(cap: Cap, hours: list[int]) -> None:
    went: list[datetime] = []
    for hour in hours:
        at = START + timedelta(hours=hour)
        if judge(went, cap=cap, at=at, written_at=at, patience=timedelta()).turn == Turn.GO:
            went.append(at)

    assert most_in_a_window(went, cap) <= cap.most
    assert bool(went) == bool(hours)  # the first always goes


@given(cap=CAPS, hours=HOURS)
def test_nobody_waits_longer_than_she_has_to(cap: Cap, hours: list[int]) -> None:
    counted = [START + timedelta(hours=hour) for hour in hours]
    at = START + timedelta(days=60)
    counted = [moment for moment in counted if moment <= at]

    free_at = opens_at(counted, cap=cap, at=at)

    assert opens_at(counted, cap=cap, at=free_at) == free_at
    if free_at > at:
        just_before = free_at - timedelta(microseconds=1)
        assert opens_at(counted, cap=cap, at=just_before) == free_at


@given(cap=CAPS, hours=HOURS, waited=st.integers(0, 40), patience=st.integers(0, 40))
def test_what_waits_has_its_turn_in_time_and_what_would_not_is_dropped(
    cap: Cap, hours: list[int], waited: int, patience: int
) -> None:
    at = START + timedelta(days=60)
    counted = [moment for hour in hours if (moment := START + timedelta(hours=hour)) <= at]
    written_at, bears = at - timedelta(days=waited), timedelta(days=patience)

    verdict = judge(counted, cap=cap, at=at, written_at=written_at, patience=bears)

    in_time = verdict.opens_at <= written_at + bears
    assert (verdict.turn == Turn.GO) == (verdict.opens_at == at)
    assert verdict.turn == Turn.GO or (verdict.turn == Turn.WAIT) == in_time


def test_two_weeks_lie_between_two_mails_nobody_asked_for() -> None:
    cap = Cap(1, timedelta(days=14))

    turns = [
        judge([START - timedelta(days=days)], cap=cap, at=START, written_at=START, patience=timedelta(days=10)).turn
        for days in (0, 3, 4, 13, 14)
    ]

    assert turns == [Turn.DROP, Turn.DROP, Turn.WAIT, Turn.WAIT, Turn.GO]
