from __future__ import annotations

from datetime import datetime

import pytest

from shop import seeding


def test_seeds_run_in_the_order_of_registration(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    monkeypatch.setattr(seeding, "_seeds", {})
    seeding.register("shop.first", lambda at: f"first {at:%Y}")
    seeding.register("orders.second", lambda at: "second")

    assert list(seeding.run(at=now)) == [("shop.first", "first 2026"), ("orders.second", "second")]
    assert seeding.registered() == ("shop.first", "orders.second")
