"""Which way a message takes: what she wishes, where she can be reached, and what cannot be silenced altogether.

Pure: channels are names in the order in which she wants to be tried.  Source: commerce reference 4.20, issue of the
one voice (transactional cannot be silenced altogether; fallback order per customer).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

MAIL = "email"
PAGE = "inbox"  # the page of the order: nothing is sent, it stands there to be read
STAFF = "staff"


def in_order(open_ways: Sequence[str], *, first: str) -> tuple[str, ...]:
    """Return the ways she can be reached, the one she prefers first."""
    return tuple(sorted(open_ways, key=lambda way: way != first))


def ways(reachable: Sequence[str], *, wishes: Mapping[str, bool], optional: bool) -> tuple[str, ...]:
    """Return the channels a message goes out on.

    Without a word from her it is mail alone.  What she may switch off and did stands on the page of her order only;
    what she must hear goes the first way she can be reached, whatever she switched off.  Empty: nobody can reach her.
    """
    wanted = tuple(way for way in reachable if wishes.get(way, way == MAIL))
    if wanted:
        return wanted
    switched_off = any(not wanted for wanted in wishes.values())
    if optional and (switched_off or not reachable):
        return (PAGE,)
    return tuple(reachable[:1])


def next_way(reachable: Sequence[str], *, tried: Collection[str]) -> str:
    """Return where to try after the tried ways failed, or nothing."""
    return next((way for way in reachable if way not in tried), "")
