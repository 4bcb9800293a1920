"""K7: the tracking page and the desk in a real browser, by roles and names only."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from orders.models import Order
from orders.operations.access import issue_link
from orders.operations.delays import note_delay
from shop.models import User
from tests.accounts import newest_code
from tests.conftest import NOW
from tests.factories.orders import placed_order
from tests.orders.test_operations_delays import late_parcel
from tests.orders.test_operations_fulfilment import parcel_of

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.unaudited("events of a March long gone are not relayed here"),
]


@pytest.fixture
def plain(browser: Browser) -> Iterator[BrowserContext]:
    """A phone that runs no script."""
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 800})
    yield context
    context.close()


def track_url(server: LiveServer, order: Order) -> str:
    return f"{server.url}/orders/{issue_link(order=order, at=timezone.now())}/"


def test_tracking_answers_when_and_shows_where_it_is(page: Page, live_server: LiveServer) -> None:
    """The heading says when, five steps, the current one exposed, every action reached by keyboard."""
    page.goto(track_url(live_server, placed_order(at=NOW)))

    expect(page.get_by_role("heading", level=1)).to_have_text("Arrives Wed 4 – Thu 5 March")
    steps = page.get_by_role("region", name="The way to you").get_by_role("list").first.get_by_role("listitem")
    expect(steps).to_have_count(5)
    current = [step.get_attribute("aria-current") for step in steps.all()]
    assert current == [None, "step", None, None, None]
    acts = page.get_by_role("region", name="What you can do")
    asking = acts.get_by_role("link", name="Ask us about this order")
    for act in (asking, acts.get_by_text("Cancel this order", exact=True)):
        act.focus()
        expect(act).to_be_focused()


def test_cancelling_asks_once_more_and_who_it_is_without_script(plain: BrowserContext, live_server: LiveServer) -> None:
    order = placed_order(at=NOW)
    page = plain.new_page()
    page.goto(track_url(live_server, order))

    page.get_by_text("Cancel this order", exact=True).click()
    page.get_by_role("button", name="Yes, cancel this order").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Is it you?")
    page.get_by_role("button", name="Mail me a code").click()
    page.get_by_label("Code", exact=True).fill(newest_code().lower())
    page.get_by_role("button", name="Go on").click()

    expect(page.get_by_role("heading", level=1)).to_contain_text("cancelled")
    order.refresh_from_db()
    assert order.status == "cancelled"


def test_a_delay_is_told_first_and_fits_a_narrow_screen(plain: BrowserContext, live_server: LiveServer) -> None:
    order, _parcel = late_parcel(NOW)
    note_delay(order_id=order.pk, at=NOW + timedelta(days=2))
    page = plain.new_page()
    strangers: list[str] = []
    page.on("request", lambda request: strangers.append(request.url) if live_server.url not in request.url else None)

    page.goto(track_url(live_server, order))

    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("^2 days later than we hoped: arrives Fri 6"))
    expect(page.get_by_text("Heavy weather slowed the roads, and the van had to wait.").first).to_be_visible()
    page.get_by_text("Why this date").click()
    expect(page.get_by_text("one working day more is in there, to be safe")).to_be_visible()
    assert strangers == []


def test_staff_packs_and_hands_over_without_script(plain: BrowserContext, live_server: LiveServer) -> None:
    User.objects.create_superuser(email="dilini@example.com", password="a-long-password-1")
    order = placed_order(at=NOW)
    page = plain.new_page()
    page.goto(f"{live_server.url}/admin/orders/order/")
    page.get_by_label("E-mail").fill("dilini@example.com")
    page.get_by_label("Password").fill("a-long-password-1")
    page.get_by_role("button", name="Sign in", exact=True).click()

    page.get_by_role("link", name="To pack").click()
    page.get_by_role("link", name=order.number).click()
    page.get_by_role("button", name="Packed").click()
    page.get_by_label("Tracking number").fill("hp 1001")
    page.get_by_role("button", name="Hand over").click()

    expect(page.get_by_text("Parcel 1 is with Heron Parcels as HP1001.")).to_be_visible()
    assert parcel_of(order).status == "handed_over"
