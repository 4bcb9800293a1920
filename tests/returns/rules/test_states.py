"""The table of states."""

from __future__ import annotations

import pytest

from returns.rules.states import NEXT, ON_THE_WAY, OPEN, NotNow, require


def test_states_lead_from_the_request_to_an_end() -> None:
    reached = {"requested"}
    for _ in NEXT:
        reached |= {after for state in reached for after in NEXT[state]}

    assert reached == set(NEXT)
    assert frozenset({"requested", "approved", "received"}) == OPEN
    assert frozenset({"requested", "approved"}) == ON_THE_WAY


@pytest.mark.parametrize("now", sorted(NEXT))
@pytest.mark.parametrize("wanted", sorted(NEXT))
def test_require_refuses_what_the_table_does_not_name(now: str, wanted: str) -> None:
    if wanted in NEXT[now]:
        require(now, wanted)
    else:
        with pytest.raises(NotNow) as refused:
            require(now, wanted)
        assert (refused.value.now, refused.value.wanted) == (now, wanted)


def test_money_is_never_granted_before_the_pieces_came() -> None:
    assert [state for state, after in NEXT.items() if "settled" in after] == ["received"]
