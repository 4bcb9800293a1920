from __future__ import annotations

import pytest

from shop.rules.availability import Availability, availability


@pytest.mark.parametrize(
    ("available", "making_days", "expected"),
    [
        (-1, 0, Availability.SOLD_OUT),
        (0, 0, Availability.SOLD_OUT),
        (0, 6, Availability.SOLD_OUT),
        (1, 0, Availability.FEW_LEFT),
        (3, 0, Availability.FEW_LEFT),
        (4, 0, Availability.IN_STOCK),
        (1, 6, Availability.MADE_TO_ORDER),
        (20, 6, Availability.MADE_TO_ORDER),
    ],
)
def test_availability_says_few_only_when_true(available: int, making_days: int, expected: Availability) -> None:
    assert availability(available, making_days) is expected
