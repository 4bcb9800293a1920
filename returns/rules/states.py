"""States of a return as a table: which may follow which.  Only operations move them.

`received` (the pieces are back) and `settled` (what she gets is granted) are two questions and therefore two states.
"""

from __future__ import annotations

NEXT: dict[str, frozenset[str]] = {
    "requested": frozenset({"approved", "declined", "withdrawn"}),
    "approved": frozenset({"received", "withdrawn"}),
    "received": frozenset({"settled"}),
    "settled": frozenset(),
    "declined": frozenset(),
    "withdrawn": frozenset(),
}

OPEN = frozenset(state for state, after in NEXT.items() if after)
# Pieces in these states are spoken for by the case, but not yet counted as returned on the order line.
ON_THE_WAY = frozenset({"requested", "approved"})


class NotNow(Exception):
    """The return is not in a state from which this can be done; `now` says where it is, `wanted` what was tried."""

    def __init__(self, now: str, wanted: str) -> None:
        super().__init__(f"{now} cannot become {wanted}")
        self.now = now
        self.wanted = wanted


def require(now: str, wanted: str) -> None:
    """Raise NotNow unless a return in state `now` may become `wanted`."""
    if wanted not in NEXT[now]:
        raise NotNow(now, wanted)
