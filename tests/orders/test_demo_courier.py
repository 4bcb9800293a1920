"""The demo courier over real HTTP: in order, once, late with the first parcel, patient when the shop is away."""

from __future__ import annotations

from datetime import datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from orders.models import DelayCase, Parcel, TrackingEvent
from orders.operations.delays import watch_promises
from shop.models import Inbound
from shop.operations.inbound import process_inbound
from tests.factories.orders import placed_order
from tests.orders.test_operations_fulfilment import handed_over

pytestmark = pytest.mark.django_db(transaction=True)

HOUR_IN_A_SECOND = 3600


def report(server: LiveServer | None, speed: float = HOUR_IN_A_SECOND) -> str:
    out = StringIO()
    url = server.url if server else "http://127.0.0.1:9"
    call_command("demo_courier", once=True, url=url, speed=speed, stdout=out, stderr=StringIO())
    return out.getvalue()


def taken(minutes_ago: float, *numbers: str) -> datetime:
    """Hand over parcels of these numbers, in this order."""
    at = timezone.now() - timedelta(minutes=minutes_ago)
    for offset, number in enumerate(numbers):
        order = placed_order(at=at, number=f"KP-{number}")
        handed_over(order, at + timedelta(milliseconds=offset), number=number)
    return at


def test_courier_reports_each_scan_once_however_often_it_starts(live_server: LiveServer) -> None:
    taken(5, "HP-FIRST", "HP-SECOND")

    first, second = report(live_server), report(live_server)
    while process_inbound(timezone.now()):
        pass

    assert [line for line in first.splitlines() if "SECOND" in line] == [
        f"HP-SECOND: {code}" for code in ("accepted", "in_transit", "out_for_delivery", "delivered")
    ]
    assert second == ""
    assert (Inbound.objects.count(), TrackingEvent.objects.count()) == (10, 10)
    assert set(Parcel.objects.values_list("status", flat=True)) == {"delivered"}
    assert set(Inbound.objects.values_list("state", flat=True)) == {"processed"}


def test_the_first_parcel_is_held_and_its_shopper_is_told_in_time(live_server: LiveServer) -> None:
    taken(0.3, "HP-FIRST")  # eighteen seconds: accepted, on the road, held

    report(live_server)
    process_inbound(timezone.now())
    watch_promises(timezone.now())

    assert Parcel.objects.get().carrier_status == "held"
    case = DelayCase.objects.get()
    assert case.cause in {"weather", "carrier"}
    assert case.noticed_at < case.broken_promise.breaks_at


def test_courier_says_so_when_the_shop_is_away() -> None:
    taken(5, "HP-FIRST")

    with pytest.raises(CommandError, match="The shop does not answer"):
        report(None)

    assert Inbound.objects.count() == 0


def test_courier_leaves_other_carriers_parcels_alone(live_server: LiveServer) -> None:
    taken(5, "HP-FIRST")
    Parcel.objects.update(carrier="own")

    assert report(live_server) == ""


def test_courier_refuses_a_speed_of_nothing(live_server: LiveServer) -> None:
    with pytest.raises(CommandError, match="--speed"):
        report(live_server, speed=0)
