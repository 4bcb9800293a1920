"""From the product to "Thank you": by keyboard, without a script on a phone, and in every state without a fault.

Roles and names only, no CSS selectors: what passes here is in the accessibility tree.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from orders.models import Order
from orders.operations.seed_services import seed_services
from orders.operations.taxing import seed_tax_rates
from shop.operations.seed_calendars import seed_calendars
from shop.operations.seed_catalogue import seed_catalogue
from tests.conftest import NOW

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

A_DAY_OR_RANGE = re.compile(r"Thank you, Ana\. It will arrive (on )?\w+ \d+")


@pytest.fixture(autouse=True)
def _stocked() -> None:
    seed_catalogue(NOW)
    seed_calendars(NOW)
    seed_tax_rates(NOW)
    seed_services(NOW)


@pytest.fixture
def phone(browser: Browser) -> Iterator[BrowserContext]:
    """A phone 390 px wide that runs no script."""
    context = browser.new_context(
        java_script_enabled=False, viewport={"width": 390, "height": 844}, reduced_motion="reduce"
    )
    yield context
    context.close()


def type_into(page: Page, label: str, text: str) -> None:
    """Go to a field and type."""
    page.get_by_label(label, exact=True).focus()
    page.keyboard.type(text)


def fits(page: Page) -> bool:
    """Nothing scrolls sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


def test_a_guest_checks_out_by_keyboard(page: Page, live_server: LiveServer) -> None:
    """K6: no mouse from the product to the thanks, in at most sixty key presses besides typing."""
    presses = 0

    def tab_to(name: str, key: str) -> None:
        nonlocal presses
        target = page.get_by_role("link", name=name).or_(page.get_by_role("button", name=name)).first
        for _ in range(40):
            if target.evaluate("element => element === document.activeElement"):
                break
            page.keyboard.press("Tab")
            presses += 1
        page.keyboard.press(key)
        presses += 1

    page.goto(f"{live_server.url}/p/hoop-teapot/")
    page.get_by_role("button", name="Add to bag").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Your bag")).to_be_visible()
    page.get_by_role("spinbutton").first.focus()
    tab_to("Check out", "Enter")
    expect(page.get_by_role("heading", name="Checkout")).to_be_visible()

    type_into(page, "E-mail address", "ana@example.com")
    # After her name come the box for news, which she leaves, the country, which is right, and the button to change it.
    for text in ("Ana Costa", "", "", "", "Rua das Flores 12", "", "4050-262", "Porto"):
        page.keyboard.press("Tab")
        page.keyboard.type(text)
        presses += 1
    page.get_by_role("radio", name=re.compile("^Bank transfer")).focus()
    page.keyboard.press("Space")
    presses += 1
    tab_to("Order, pay by transfer", "Enter")

    expect(page.get_by_role("heading", level=1, name=A_DAY_OR_RANGE)).to_be_visible()
    expect(page.get_by_text("Please transfer the money")).to_be_visible()
    assert presses <= 60
    assert Order.objects.values_list("status", "payment_status").get() == ("placed", "pending")


def test_a_guest_checks_out_on_a_phone_without_script(phone: BrowserContext, live_server: LiveServer) -> None:
    page = phone.new_page()
    page.goto(f"{live_server.url}/p/everyday-tee/")
    page.get_by_role("radio", name=re.compile("^XXL")).check()
    page.get_by_role("button", name="Add to bag").click()
    assert fits(page)
    page.get_by_role("button", name="Check out").click()
    assert fits(page)

    page.get_by_role("button", name=re.compile("^Pay ")).click()
    expect(page.get_by_role("alert")).to_contain_text("Enter the street and the number of the house.")
    expect(page).to_have_title(re.compile("^Error: "))
    assert fits(page)

    for label, text in {
        "E-mail address": "ana@example.com",
        "Full name": "Ana Costa",
        "Street and number": "Rua das Flores 12",
        "Postcode": "4050262",
        "Town": "Porto",
        "Card number": "4000 0000 0000 0002",
        "Security code": "123",
    }.items():
        page.get_by_label(label, exact=True).fill(text)
    page.get_by_label(re.compile("^Valid until")).fill("04/29")
    page.get_by_role("button", name=re.compile("^Pay ")).click()
    expect(page.get_by_role("alert")).to_contain_text("Your card was declined")
    expect(page.get_by_label("Street and number")).to_have_value("Rua das Flores 12")
    expect(page.get_by_label("Card number", exact=True)).to_have_value("")

    page.get_by_label("Card number", exact=True).fill("4242 4242 4242 4242")
    page.get_by_label(re.compile("^Valid until")).fill("04/29")
    page.get_by_label("Security code", exact=True).fill("123")
    page.get_by_role("button", name=re.compile("^Pay ")).click()
    expect(page.get_by_role("heading", level=1, name=A_DAY_OR_RANGE)).to_be_visible()
    assert fits(page)
    assert Order.objects.filter(status="placed").count() == 1


def test_sum_and_day_follow_the_radios_without_script(phone: BrowserContext, live_server: LiveServer) -> None:
    page = phone.new_page()
    page.goto(f"{live_server.url}/p/hoop-teapot/")
    page.get_by_role("button", name="Add to bag").click()
    page.get_by_role("button", name="Check out").click()
    button = page.get_by_role("button", name=re.compile("^(Pay|Order)"))
    before = button.inner_text()

    page.get_by_role("radio", name=re.compile("18:00 and 21:00.*Faster")).check()
    expect(button).not_to_have_text(before, use_inner_text=True)
    expect(button).to_have_text(re.compile(r"^Pay €\d+\.\d\d$"), use_inner_text=True)
    page.get_by_role("radio", name=re.compile("^Cash on delivery")).check()

    expect(button).to_have_text("Order, pay at the door", use_inner_text=True)
    expect(page.get_by_label("Card number", exact=True)).to_be_hidden()


def test_a_line_comes_back_and_the_order_is_cancelled(page: Page, live_server: LiveServer) -> None:
    page.goto(f"{live_server.url}/p/hoop-teapot/")
    page.get_by_role("button", name="Add to bag").click()
    page.get_by_role("button", name=re.compile("^Remove")).click()
    expect(page.get_by_role("heading", name="Your bag is empty")).to_be_visible()
    page.get_by_role("button", name="Put it back").click()
    page.get_by_role("button", name="Check out").click()
    page.get_by_role("radio", name=re.compile("^Cash on delivery")).check()
    for label, text in {
        "E-mail address": "ana@example.com",
        "Full name": "Ana Costa",
        "Street and number": "Rua das Flores 12",
        "Postcode": "4050-262",
        "Town": "Porto",
    }.items():
        page.get_by_label(label, exact=True).fill(text)
    page.get_by_role("button", name="Order, pay at the door").click()

    page.get_by_text("Cancel this order").click()
    page.get_by_role("button", name="Cancel the whole order").click()

    expect(page.get_by_role("heading", name="Your order is cancelled")).to_be_visible()
    assert Order.objects.values_list("status", flat=True).get() == "cancelled"
