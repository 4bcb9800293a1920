"""The numbers of orders on the first page of the admin."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from orders.models import Promise
from tests.factories.notifications import delay
from tests.factories.orders import placed_order
from tests.orders.test_admin_desk import signed_in, staff

pytestmark = pytest.mark.django_db


def test_every_number_of_orders_leads_to_that_many_orders() -> None:
    placed_order(at=timezone.now())
    client = signed_in(staff("pack_parcel", "hand_over_parcel"))

    todos = client.get("/admin/").context["todos"]

    counts = {str(each["label"]): each["count"] for each in todos}
    assert counts == {
        "orders that are late": 0,
        "orders to pack": 1,
        "orders to hand over": 0,
        "orders whose delay we told too late, last two weeks": 0,
    }
    for each in todos:
        assert client.get(each["url"]).context["cl"].result_count == each["count"], each["url"]


def test_a_delay_told_after_the_promised_day_is_counted_and_one_told_before_is_not() -> None:
    now = timezone.now()
    late, in_time, untold = (
        delay(placed_order(at=now - timedelta(days=5), number=f"KP-1111-000{n}"), at=now - timedelta(days=1))
        for n in range(3)
    )
    moment = timedelta(minutes=1)
    Promise.objects.filter(pk=late.new_promise_id).update(told_at=late.broken_promise.breaks_at + moment)
    Promise.objects.filter(pk=in_time.new_promise_id).update(told_at=in_time.broken_promise.breaks_at - moment)
    client = signed_in(staff())

    (todo,) = (each for each in client.get("/admin/").context["todos"] if "told too late" in str(each["label"]))
    shown = client.get(todo["url"]).context["cl"].result_list

    assert todo["count"] == 1
    assert [order.number for order in shown] == [late.order.number]
    assert untold.new_promise.told_at is None
