"""When a provider is asked about a parcel."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from orders.rules.polling import next_ask

AT = datetime(2026, 3, 9, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "gone_days", "silent_hours", "hours"),
    [
        ("in_transit", 2, 3, 8),
        ("in_transit", 2, 25, 2),
        ("", 1, None, 2),
        ("out_for_delivery", 2, 1, 2),
        ("held", 2, 1, 2),
        ("delivered", 2, 1, None),
        ("returned", 2, 1, None),
        ("in_transit", 61, 1, None),
    ],
)
def test_next_ask(status: str, gone_days: int, silent_hours: int | None, hours: int | None) -> None:
    turn = next_ask(
        at=AT,
        handed_over_at=AT - timedelta(days=gone_days),
        last_scan_at=AT - timedelta(hours=silent_hours) if silent_hours is not None else None,
        status=status,
    )

    assert turn == (AT + timedelta(hours=hours) if hours is not None else None)
