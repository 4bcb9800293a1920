"""A few orders of a long history, as a young shop would have them: for measuring a cold start.

Of the orders bought in the weeks before a day as many as it is to know, spread evenly, and from that day on as many a
day as before: its own orders go on.  Older ones and all between are bought elsewhere, and nothing is known of them.
Known orders that have not arrived yet are known as that: who only knew what has arrived would believe that all is fast.
Source: delivery reference 1.5 (learning curve: so many orders of about four months), 6 (no peeking).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import count, takewhile

from orders.rules.estimates.replay import Past

WEEKS_BEFORE = timedelta(days=120)


class TooFewOrders(Exception):
    """Fewer orders were bought before that day than are to be known; `there` are."""

    def __init__(self, there: int) -> None:
        super().__init__(f"{there} orders")
        self.there = there


def few_of(history: Sequence[Past], *, number: int, from_on: date) -> frozenset[str]:
    """Return the orders known: `number` (1 or more) of those bought before `from_on`, and as many a day after it.

    Which they are depends on nothing but the order of purchase.  Raises TooFewOrders.
    """
    bought = [past.purchased_at.date() for past in history]
    before = [past for past, on in zip(history, bought, strict=True) if from_on - WEEKS_BEFORE <= on < from_on]
    after = [past for past, on in zip(history, bought, strict=True) if on >= from_on]
    if len(before) < number:
        raise TooFewOrders(len(before))
    spread = len(before) / number
    own = [before[int(index * spread)].order for index in range(number)]
    later = takewhile(lambda place: place < len(after), (int(index * spread) for index in count()))
    return frozenset(own + [after[place].order for place in later])
