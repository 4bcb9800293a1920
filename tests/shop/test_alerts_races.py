"""Two sweeps at the same moment do not tell twice as many people."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from django.db import connection, transaction

from shop.models import StockAlert
from shop.operations import alerts
from tests.factories.alerts import a_wait
from tests.factories.shop import VariantFactory

pytestmark = pytest.mark.django_db(transaction=True)


def tell(at: datetime) -> int:
    try:
        return alerts.tell_waiting(at)
    finally:
        connection.close()


def until_somebody_waits(other: object) -> None:
    """Look until the other sweep waits for us, or is through."""
    for _ in range(500):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0] or other.done():  # type: ignore[attr-defined]
                return
        time.sleep(0.01)


@pytest.mark.parametrize(("guarded", "told"), [(True, 3), (False, 6)])
def test_two_sweeps_share_one_turn(now: datetime, monkeypatch: pytest.MonkeyPatch, guarded: bool, told: int) -> None:
    """One piece is back: three people are told.  Without the lock the second sweep counts its own three."""
    if not guarded:
        monkeypatch.setattr(alerts, "_take_turn", lambda variant_id: None)
    variant = VariantFactory(stock=1)
    for number in range(9):
        a_wait(at=now + timedelta(seconds=number), variant=variant, email=f"p{number}@example.com")

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            assert alerts.tell_waiting(now) == 3
            other = pool.submit(tell, now)
            until_somebody_waits(other)
        other.result(timeout=30)

    assert StockAlert.objects.filter(told_at__isnull=False).count() == told
