"""The web process is killed with -9 in the middle of an order: whoever presses again ends on one order, charged once.

Source: reliability reference T04, T12, 2.8.
"""

from __future__ import annotations

import http.client
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from orders.models import Order, PaymentEvent, Submission, TestCardEntry
from orders.operations.finishing import finish_placements
from shop.models import StockLevel
from tests.factories.bags import filled_bag
from tests.factories.shop import VariantFactory
from tests.faults.front import BY_CARD, Browser, hidden_fields
from tests.faults.harness import database_url
from tests.processes import CHECKOUT, clean_environment, free_port, wait_for

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

AFTER_REPLY = "after the reply of the provider"


@pytest.fixture(scope="module")
def port(django_db_setup: None) -> Iterator[int]:
    """A web server that dies where it is told; its requests find the database of the test that runs."""
    number = free_port()
    environment = clean_environment(
        KINGPOST_TESTING="1",
        DATABASE_URL=database_url(),
        TRUSTED_PROXY="on",
        SITE_URL=f"http://127.0.0.1:{number}",
        LOG_LEVEL="ERROR",
        DJANGO_SETTINGS_MODULE="shop.settings",
    )
    server = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "tests.faults.dying", str(number)], env=environment, cwd=CHECKOUT
    )
    try:
        wait_for(lambda: answers(number), seconds=60, what="the web server")
        yield number
    finally:
        server.kill()
        server.wait(timeout=20)


def answers(port: int) -> bool:
    try:
        return Browser(port, "", 0).ask("GET", "/healthz")[0] == 200
    except OSError:
        return False


@pytest.fixture
def ana(port: int) -> Browser:
    """Ana with a mug in her bag; there are twenty."""
    _cart, token = filled_bag((VariantFactory(stock=20), 1), at=timezone.now())
    return Browser(port, token, 7)


def filled_in(ana: Browser) -> dict[str, str]:
    return BY_CARD | hidden_fields(ana.ask("GET")[1])


def press_and_see_it_die(ana: Browser, form: dict[str, str], point: str) -> None:
    ana.headers["X-Dies-At"] = point
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        ana.ask("POST", **form)
    del ana.headers["X-Dies-At"]


def press(ana: Browser, form: dict[str, str]) -> str:
    """Press the button and return the page she ends on."""
    status, page = ana.ask("POST", **form)
    assert status == 302, page
    return ana.ask("GET", ana.led_to)[1]


def a_minute_later() -> None:
    """Let the lease of whoever died run out."""
    Submission.objects.filter(state="claimed").update(lease_until=timezone.now() - timedelta(seconds=1))


@pytest.mark.parametrize(
    ("point", "left_behind"),
    [
        ("before the commit of the order", []),
        ("after the commit, before the provider is asked", ["placing"]),
        (AFTER_REPLY, ["placing"]),
        ("before the commit of the money", ["placing"]),
        ("after the last commit, before the answer", ["placed"]),
    ],
)
def test_whoever_presses_again_ends_on_the_one_order(ana: Browser, point: str, left_behind: list[str]) -> None:
    form = filled_in(ana)
    press_and_see_it_die(ana, form, point)
    assert list(Order.objects.values_list("status", flat=True)) == left_behind
    a_minute_later()

    pages = [press(ana, form), press(ana, form)]

    order = Order.objects.get()
    assert all(order.number in page and "Thank you, Ana." in page for page in pages)
    assert (order.status, order.payment_status) == ("placed", "paid")
    assert TestCardEntry.objects.values_list("kind", "amount_minor").get() == ("charge", order.total_minor)
    assert PaymentEvent.objects.values_list("kind", "amount_minor").get() == ("capture", order.total_minor)
    assert StockLevel.objects.values_list("on_hand", "allocated").get() == (20, 1)
    assert finish_placements(timezone.now()) == 0


def test_whoever_presses_again_at_once_sees_the_order_and_the_sweep_finishes_it(ana: Browser) -> None:
    form = filled_in(ana)
    press_and_see_it_die(ana, form, AFTER_REPLY)

    page = press(ana, form)

    order = Order.objects.get()
    assert (order.number in page, "must not order again" in page, order.status) == (True, True, "placing")
    a_minute_later()
    assert finish_placements(timezone.now()) == 1
    order.refresh_from_db()
    assert (order.status, order.payment.captured_minor) == ("placed", order.total_minor)
    assert TestCardEntry.objects.count() == 1
    assert "Thank you, Ana." in ana.ask("GET", ana.led_to)[1]


def test_without_a_key_of_its_own_the_charge_would_be_made_twice(ana: Browser) -> None:
    """The control: what the provider's key spares the shopper."""
    ana.headers["X-Unguarded"] = "key of the charge"
    form = filled_in(ana)
    press_and_see_it_die(ana, form, AFTER_REPLY)
    a_minute_later()

    press(ana, form)

    order = Order.objects.get()
    assert list(TestCardEntry.objects.values_list("amount_minor", flat=True)) == [order.total_minor] * 2
