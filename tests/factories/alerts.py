"""People who wait for a piece."""

from __future__ import annotations

from datetime import datetime

from shop.models import StockAlert, Variant
from tests.factories.shop import VariantFactory


def a_wait(
    *, at: datetime, variant: Variant | None = None, email: str = "ana@example.com", confirmed: bool = True
) -> StockAlert:
    """Ana waits for a mug that is sold out, and has confirmed it."""
    return StockAlert.objects.create(
        variant=variant or VariantFactory(stock=0),
        email=email,
        locale="en",
        asked_at=at,
        confirmed_at=at if confirmed else None,
    )
