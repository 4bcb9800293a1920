"""Parcels: what goes into the first box when one becomes two, and when an order is over because one came back.

Source: commerce reference 3.10, c-19; delivery reference 1.7 (returned: it is our turn).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping


class BadSplit(Exception):
    """The pieces named for the first box do not make two boxes out of one."""


def split(inside: Mapping[int, int], first: Mapping[int, int]) -> tuple[dict[int, int], dict[int, int]]:
    """Return what stays in the first box and what moves into the second, by line id, without empty lines.

    `inside` is what the parcel holds; a line that `first` does not name moves whole.  Raises BadSplit for more pieces
    than there are, negative ones, foreign lines, and when one of the two boxes would be empty.
    """
    if not first.keys() <= inside.keys() or any(not 0 <= first[line] <= inside[line] for line in first):
        raise BadSplit
    stays = {line: pieces for line in inside if (pieces := first.get(line, 0))}
    moves = {line: rest for line in inside if (rest := inside[line] - first.get(line, 0))}
    if not stays or not moves:
        raise BadSplit
    return stays, moves


def nothing_reaches_her(others: Iterable[str]) -> bool:
    """Tell whether an order is over once one of its parcels came back: none of the `others`, by status, is left."""
    return all(status == "cancelled" for status in others)
