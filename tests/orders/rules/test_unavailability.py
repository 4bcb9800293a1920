"""Whose pieces are missing, what may be chosen, what goes back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.rules.unavailability import Choice, Claim, OnlyPackedLeft, Settlement, offered, settle, whose

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)


def claim(line: int, pieces: int, *, breaks_in_days: int, placed_days_ago: int = 0) -> Claim:
    breaks_at = MONDAY + timedelta(days=breaks_in_days)
    return Claim(line, line, line, pieces, breaks_at, MONDAY - timedelta(days=placed_days_ago))


def test_the_promise_with_most_time_left_gives_first_and_of_equals_the_one_placed_last() -> None:
    soon, late, later = claim(1, 2, breaks_in_days=1), claim(2, 2, breaks_in_days=5), claim(3, 2, breaks_in_days=5)
    older = claim(4, 2, breaks_in_days=5, placed_days_ago=3)

    losses = whose(5, [soon, late, older, later])

    assert [(loss.claim.line_id, loss.pieces) for loss in losses] == [(3, 2), (2, 2), (4, 1)]


def test_packed_parcels_are_left_alone() -> None:
    with pytest.raises(OnlyPackedLeft) as refusal:
        whose(5, [claim(1, 3, breaks_in_days=1)])

    assert refusal.value.missing == 2


@given(
    short=st.integers(1, 30),
    claims=st.lists(st.tuples(st.integers(1, 9), st.integers(0, 4), st.integers(0, 4)), max_size=8),
)
def test_nobody_loses_more_than_she_has_and_together_it_is_what_is_short(
    short: int, claims: list[tuple[int, int, int]]
) -> None:
    rows = [
        claim(number, pieces, breaks_in_days=days, placed_days_ago=ago)
        for number, (pieces, days, ago) in enumerate(claims)
    ]
    if sum(row.pieces for row in rows) < short:
        with pytest.raises(OnlyPackedLeft):
            whose(short, rows)
        return
    losses = whose(short, rows)

    assert sum(loss.pieces for loss in losses) == short
    assert all(0 < loss.pieces <= loss.claim.pieces for loss in losses)
    assert len({loss.claim.line_id for loss in losses}) == len(losses)
    assert losses == whose(short, reversed(rows))


def test_what_is_offered_keeps_the_order_of_the_page() -> None:
    everything = offered(others=True, later=True, rest=True, may_cancel=True)
    assert everything == (Choice.OTHER, Choice.LATER, Choice.REST, Choice.CANCEL)
    assert offered(others=False, later=False, rest=False, may_cancel=True) == (Choice.CANCEL,)


@pytest.mark.parametrize(
    ("amount", "due", "captured", "granted", "found"),
    [
        (500, 2890, 2890, 0, Settlement(0, 500, True)),  # paid: it goes back
        (500, 2890, 0, 0, Settlement(500, 0, False)),  # not paid: asked for less
        (500, 2890, 2600, 0, Settlement(500, 210, False)),  # partly paid: too much is there now
        (500, 2890, 2890, 2600, Settlement(0, 290, True)),  # most went back for another reason before
    ],
)
def test_a_paid_piece_goes_back_and_any_other_is_not_asked_for(
    amount: int, due: int, captured: int, granted: int, found: Settlement
) -> None:
    assert settle(amount, due_minor=due, captured_minor=captured, granted_minor=granted) == found


@given(amount=st.integers(1, 10_000), due=st.integers(0, 10_000), captured=st.integers(0, 10_000), part=st.floats(0, 1))
def test_never_more_goes_back_than_came_in(amount: int, due: int, captured: int, part: float) -> None:
    granted = int(captured * part)
    parts = settle(amount, due_minor=due, captured_minor=captured, granted_minor=granted)

    assert 0 <= parts.back_minor <= captured - granted
    assert parts.less_due_minor in {0, amount}
    assert parts.paid == (captured >= due)
