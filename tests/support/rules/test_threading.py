"""Which conversation a mail joins, and that it is never somebody else's."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from support.rules.threading import Decision, OrderThread, Reason, Thread, decide

HERS = Thread(1, frozenset({"ana@example.com"}))
OTHERS = Thread(2, frozenset({"rui@example.com"}))
HER_ORDER = OrderThread(7, frozenset({"ana@example.com"}), 3)


def test_a_signed_address_wins_over_references_and_numbers() -> None:
    decision = decide(
        sender="ana@example.com", addressed=HERS, referenced=[Thread(9, HERS.people)], named_order=HER_ORDER
    )

    assert decision == Decision(Reason.REPLY_ADDRESS, conversation_id=1)


def test_references_join_only_their_own_people() -> None:
    assert decide(sender="ana@example.com", referenced=[OTHERS, HERS]) == Decision(Reason.REFERENCE, conversation_id=1)
    assert decide(sender="eva@example.com", referenced=[OTHERS]) == Decision(Reason.OTHER_SENDER, follows_id=2)


def test_a_forwarded_reply_address_opens_nobody_elses_thread() -> None:
    assert decide(sender="eva@example.com", addressed=HERS) == Decision(Reason.OTHER_SENDER, follows_id=1)


def test_the_order_of_a_reply_address_finds_its_conversation_or_begins_one() -> None:
    without = OrderThread(7, HER_ORDER.people)

    assert decide(sender="ana@example.com", addressed_order=HER_ORDER) == Decision(Reason.ORDER_ADDRESS, 3, 7)
    assert decide(sender="ana@example.com", addressed_order=without) == Decision(Reason.ORDER_ADDRESS, None, 7)
    assert decide(sender="eva@example.com", addressed_order=HER_ORDER) == Decision(Reason.OTHER_SENDER)


def test_an_order_number_counts_only_from_the_orders_address() -> None:
    assert decide(sender="ana@example.com", named_order=HER_ORDER) == Decision(Reason.ORDER_NUMBER, 3, 7)
    assert decide(sender="eva@example.com", named_order=HER_ORDER) == Decision(Reason.NEW)


def test_what_was_closed_long_ago_begins_anew_and_says_what_it_follows() -> None:
    old = Thread(1, HERS.people, closed_long_ago=True)

    assert decide(sender="ana@example.com", addressed=old) == Decision(Reason.CLOSED_LONG_AGO, follows_id=1)


threads = st.builds(Thread, st.integers(1, 5), st.frozensets(st.sampled_from(["a@x", "b@x", "c@x"])), st.booleans())
orders = st.builds(
    OrderThread, st.integers(1, 5), st.frozensets(st.sampled_from(["a@x", "b@x", "c@x"])), st.none() | st.integers(6, 9)
)


@given(st.none() | threads, st.none() | orders, st.lists(threads, max_size=3), st.none() | orders)
def test_nobody_ever_joins_a_thread_she_is_not_in(
    addressed: Thread | None, order: OrderThread | None, referenced: list[Thread], named: OrderThread | None
) -> None:
    decision = decide(
        sender="a@x", addressed=addressed, addressed_order=order, referenced=referenced, named_order=named
    )

    known = [one for one in [addressed, *referenced] if one] + [one for one in (order, named) if one]
    allowed = {one.conversation_id for one in known if "a@x" in one.people}
    assert decision.conversation_id is None or decision.conversation_id in allowed
    assert decision.order_id is None or "a@x" in {p for one in (order, named) if one for p in one.people}
