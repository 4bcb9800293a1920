"""Who waits, and since when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from support.rules.waiting import Utterance, first_response_at, waiting_since

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def at(minute: int) -> datetime:
    return START + timedelta(minutes=minute)


def asked(minute: int, *, waived: bool = False, automated: bool = False) -> Utterance:
    return Utterance("in", at(minute), waived=waived, automated=automated)


def answered(minute: int, accepted: int | None, *, automated: bool = False) -> Utterance:
    return Utterance("out", at(minute), at(accepted) if accepted is not None else None, automated=automated)


def test_waiting_begins_with_the_first_unanswered_message() -> None:
    assert waiting_since([asked(0), asked(5)]) == at(0)


def test_an_answer_ends_waiting_only_once_it_was_accepted() -> None:
    assert waiting_since([asked(0), answered(3, None)]) == at(0)
    assert waiting_since([asked(0), answered(3, 4)]) is None


def test_an_answer_settles_nothing_its_author_could_not_see() -> None:
    assert waiting_since([asked(0), answered(3, 9), asked(5)]) == at(5)


def test_a_failed_answer_restores_the_original_waiting() -> None:
    thread = [asked(0), answered(3, 4), asked(10), answered(12, 13)]

    thread[3] = answered(12, None)

    assert waiting_since(thread) == at(10)


def test_automated_messages_notes_and_waived_ones_count_for_nothing() -> None:
    note = Utterance("note", at(2), at(2))

    assert waiting_since([asked(0), answered(1, 1, automated=True), note]) == at(0)
    assert waiting_since([asked(0, waived=True), asked(1, automated=True)]) is None
    assert first_response_at([asked(0), answered(1, 1, automated=True)]) is None


def test_first_response_is_the_first_accepted_answer_to_a_question() -> None:
    assert first_response_at([answered(0, 1), asked(2), answered(3, None), answered(4, 6)]) == at(6)
    assert first_response_at([answered(0, 1)]) is None


utterances = st.builds(
    Utterance,
    kind=st.sampled_from(["in", "out", "note", "system"]),
    written_at=st.integers(0, 500).map(at),
    accepted_at=st.none() | st.integers(0, 500).map(at),
    automated=st.booleans(),
    waived=st.booleans(),
)


def reference(thread: list[Utterance]) -> datetime | None:
    """The rule said once more, message by message."""
    waiting: datetime | None = None
    for said in thread:
        if said.kind == "out" and said.accepted_at and not said.automated:
            waiting = None
        elif said.kind == "in" and not said.automated and not said.waived:
            waiting = said.written_at if waiting is None else min(waiting, said.written_at)
    return waiting


@given(st.lists(utterances, max_size=12))
def test_waiting_since_is_what_the_messages_say(thread: list[Utterance]) -> None:
    assert waiting_since(thread) == reference(thread)


@given(st.lists(utterances, max_size=12), utterances)
def test_only_a_persons_accepted_answer_ends_waiting(thread: list[Utterance], more: Utterance) -> None:
    before, after = waiting_since(thread), waiting_since([*thread, more])

    if not more.answers and before is not None:
        assert after is not None
        assert after <= before


@given(st.lists(utterances, max_size=12), st.data())
def test_taking_an_answer_back_never_makes_anybody_wait_less(thread: list[Utterance], data: st.DataObject) -> None:
    answers = [place for place, said in enumerate(thread) if said.answers]
    if answers:
        place = data.draw(st.sampled_from(answers))
        failed = list(thread)
        failed[place] = Utterance("out", thread[place].written_at)
        before, after = waiting_since(thread), waiting_since(failed)
        assert before is None or (after is not None and after <= before)
