"""The numbers of orders on the first page of the admin."""

from __future__ import annotations

import pytest
from django.utils import timezone

from tests.factories.orders import placed_order
from tests.orders.test_admin_desk import signed_in, staff

pytestmark = pytest.mark.django_db


def test_every_number_of_orders_leads_to_that_many_orders() -> None:
    placed_order(at=timezone.now())
    client = signed_in(staff("pack_parcel", "hand_over_parcel"))

    todos = client.get("/admin/").context["todos"]

    counts = {str(each["label"]): each["count"] for each in todos}
    assert counts == {"orders that are late": 0, "orders to pack": 1, "orders to hand over": 0}
    for each in todos:
        assert client.get(each["url"]).context["cl"].result_count == each["count"], each["url"]
