"""Which way a message takes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from notifications.rules.wishes import in_order, next_way, ways

CHANNELS = st.sampled_from(["email", "sms", "whatsapp"])


def test_without_a_word_from_her_it_is_mail_alone() -> None:
    assert ways(("email", "sms"), wishes={}, optional=False) == ("email",)


def test_she_gets_it_where_she_wants_it() -> None:
    assert ways(("email", "sms"), wishes={"sms": True}, optional=True) == ("email", "sms")
    assert ways(("email", "sms"), wishes={"sms": True, "email": False}, optional=False) == ("sms",)


def test_what_she_switched_off_stands_on_the_page_unless_she_must_hear_it() -> None:
    assert ways(("email",), wishes={"email": False}, optional=True) == ("inbox",)
    assert ways(("email",), wishes={"email": False}, optional=False) == ("email",)


def test_a_closed_mail_address_leaves_the_other_way() -> None:
    assert ways(("sms",), wishes={}, optional=False) == ("sms",)
    assert ways((), wishes={}, optional=False) == ()
    assert ways((), wishes={}, optional=True) == ("inbox",)


@given(st.lists(CHANNELS, unique=True, min_size=1), st.dictionaries(CHANNELS, st.booleans()))
def test_what_she_must_hear_always_has_a_way(reachable: list[str], wishes: dict[str, bool]) -> None:
    found = ways(tuple(reachable), wishes=wishes, optional=False)

    assert found
    assert set(found) <= set(reachable)


@given(st.lists(CHANNELS, unique=True), st.dictionaries(CHANNELS, st.booleans()))
def test_what_she_does_not_want_rings_nowhere(reachable: list[str], wishes: dict[str, bool]) -> None:
    found = ways(tuple(reachable), wishes=wishes, optional=True)

    assert not [channel for channel in found if wishes.get(channel) is False]


def test_the_next_way_is_the_first_untried_one() -> None:
    reachable = in_order(("email", "sms"), first="sms")

    assert reachable == ("sms", "email")
    assert next_way(reachable, tried={"sms"}) == "email"
    assert next_way(reachable, tried={"sms", "email"}) == ""
