"""What every test may ask for."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

# One fixed moment: Monday 2 March 2026, 09:30 in Lisbon, before the cut-off.
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


@pytest.fixture
def now() -> datetime:
    """Monday 2 March 2026, half past nine in Lisbon."""
    return NOW
