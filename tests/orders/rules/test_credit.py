"""What goes back as store credit: how it is divided between the account that paid and whoever ordered."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from orders.rules.credit import divide_back

sums = st.integers(0, 10**7)


@given(paid=sums, refunds=st.lists(sums, max_size=8))
def test_however_it_goes_back_in_parts_the_account_that_paid_comes_first_and_gets_no_more(
    paid: int, refunds: list[int]
) -> None:
    had = others = 0
    for amount in refunds:
        back, rest = divide_back(amount_minor=amount, room_minor=paid - had)
        assert (back + rest, min(back, rest) >= 0) == (amount, True)
        had, others = had + back, others + rest

    assert had == min(sum(refunds), paid)
    assert had + others == sum(refunds)
