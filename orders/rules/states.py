"""States as tables: which status may follow which.  Only operations move them."""

from __future__ import annotations

PARCEL_NEXT: dict[str, frozenset[str]] = {
    "planned": frozenset({"packed", "cancelled"}),
    "packed": frozenset({"handed_over", "cancelled"}),
    "handed_over": frozenset({"delivered", "cancelled"}),  # cancelled: it came back to us
    "delivered": frozenset(),
    "cancelled": frozenset(),
}

_ORDER_OF_PROGRESS = ("planned", "packed", "handed_over", "delivered")
_FULFILMENT = {"planned": "open", "packed": "packed", "handed_over": "handed_over", "delivered": "delivered"}


class Impossible(Exception):
    """The thing is not in a state from which this can be done."""


def may_become(now: str, wanted: str) -> bool:
    """Tell whether a parcel in state `now` may become `wanted`."""
    return wanted in PARCEL_NEXT[now]


def fulfilment_of(parcel_statuses: list[str]) -> str:
    """Return an order's fulfilment: as far as its least advanced living parcel; `open` without any."""
    living = [status for status in parcel_statuses if status != "cancelled"]
    if not living:
        return "open"
    return _FULFILMENT[min(living, key=_ORDER_OF_PROGRESS.index)]
