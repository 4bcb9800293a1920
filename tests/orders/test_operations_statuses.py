"""The derived columns of an order."""

from __future__ import annotations

from datetime import datetime

import pytest

from orders.models import Parcel
from orders.operations.statuses import recompute_statuses
from shop.queries.audit import breaches
from tests.factories.orders import placed_order


@pytest.mark.django_db
def test_recompute_statuses_follows_the_parcel(now: datetime) -> None:
    order = placed_order(at=now)
    assert (order.fulfilment_status, order.next_due_kind) == ("open", "pack")

    Parcel.objects.filter(order=order).update(status="packed")
    recompute_statuses(order)

    assert (order.fulfilment_status, order.next_due_kind) == ("packed", "label")
    assert breaches() == []
