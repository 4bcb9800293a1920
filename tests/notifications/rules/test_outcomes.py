"""What becomes of a message after each answer."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from notifications.rules.outcomes import Answer, Outcome, Verdict, judge, pause_seconds
from notifications.rules.states import NEXT


def verdict(outcome: Outcome, **changed: object) -> Verdict:
    values: dict[str, object] = {"attempt": 1, "age_seconds": 0, "doubted": False, "critical": True, "jitter": 0}
    return judge(Answer(outcome, 451), **(values | changed))  # type: ignore[arg-type]


def test_each_answer_has_its_verdict() -> None:
    assert verdict(Outcome.ACCEPTED) == Verdict("sent")
    assert verdict(Outcome.PERMANENT) == Verdict("failed")
    assert verdict(Outcome.TEMPORARY) == Verdict("queued", 60)
    assert verdict(Outcome.TEMPORARY, age_seconds=73 * 3600) == Verdict("failed")
    assert verdict(Outcome.UNKNOWN) == Verdict("queued", 60, unconfirmed=True)
    assert verdict(Outcome.UNKNOWN, doubted=True) == Verdict("sent", unconfirmed=True)
    assert verdict(Outcome.UNKNOWN, critical=False) == Verdict("sent", unconfirmed=True)


def test_pauses_double_and_end_at_ten_minutes_with_jitter() -> None:
    assert [pause_seconds(code=0, attempt=n, jitter=0) for n in (1, 2, 3, 6, 60)] == [15, 30, 60, 480, 480]
    assert [pause_seconds(code=code, attempt=1, jitter=0) for code in (421, 450, 452, 499)] == [30, 60, 120, 60]
    assert pause_seconds(code=451, attempt=60, jitter=1) == 600


@given(st.sampled_from(Outcome), st.integers(1, 5000), st.floats(0, 1e6), st.booleans(), st.booleans(), st.floats(0, 1))
def test_every_verdict_is_a_step_of_the_state_table(
    outcome: Outcome, attempt: int, age: float, doubted: bool, critical: bool, jitter: float
) -> None:
    answer = Answer(outcome, 450)

    result = judge(answer, attempt=attempt, age_seconds=age, doubted=doubted, critical=critical, jitter=jitter)

    assert result.state in NEXT["claimed"]
    assert 0 <= result.wait_seconds <= 600
