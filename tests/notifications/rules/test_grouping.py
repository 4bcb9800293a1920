"""Small news travels together and never waits longer than its own time."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from notifications.rules.grouping import MOST_IN_ONE, Small, bundles, due_at

NOON = datetime(2026, 3, 2, 12)


def piece(ident: int, reader: str, minutes: int) -> Small:
    return Small(ident, reader, NOON + timedelta(minutes=minutes))


def test_what_is_due_takes_along_what_waits_for_the_same_reader() -> None:
    waiting = [piece(1, "ana", 0), piece(2, "ana", 9), piece(3, "rui", 5), piece(4, "eva", -1)]

    assert bundles(waiting, at=NOON) == [(1, 2)]


def test_nothing_is_put_together_before_something_is_due() -> None:
    assert bundles([piece(1, "ana", 1), piece(2, "ana", 2)], at=NOON) == []


def test_important_news_goes_at_once() -> None:
    wait = timedelta(minutes=15)

    assert due_at(small=False, at=NOON, wait=wait) == NOON
    assert due_at(small=True, at=NOON, wait=wait) == NOON + wait


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(-30, 30)), max_size=40))
def test_every_bundle_is_one_readers_and_nothing_due_with_company_is_left_alone(rows: list[tuple[str, int]]) -> None:
    waiting = [piece(ident, reader, minutes) for ident, (reader, minutes) in enumerate(rows)]
    readers = {small.message_id: small.reader for small in waiting}

    found = bundles(waiting, at=NOON)

    inside = [ident for ids in found for ident in ids]
    assert len(inside) == len(set(inside))
    for ids in found:
        assert len({readers[ident] for ident in ids}) == 1
        assert 2 <= len(ids) <= MOST_IN_ONE
    for small in waiting:
        company = [other for other in waiting if other.reader == small.reader]
        if small.due_at <= NOON and 2 <= len(company) <= MOST_IN_ONE:
            assert small.message_id in inside
