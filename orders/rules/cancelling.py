"""Until when an order can be cancelled: until packing starts.  Source: commerce reference 4.22, b-18."""

from __future__ import annotations

from collections.abc import Iterable

_UNTOUCHED = {"planned", "cancelled"}


def may_be_cancelled(order_status: str, parcel_statuses: Iterable[str]) -> bool:
    """Tell whether an order of this status, with parcels of these statuses, can still be cancelled."""
    return order_status == "placed" and all(status in _UNTOUCHED for status in parcel_statuses)
