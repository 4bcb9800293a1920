"""The catalogue in a real browser: by keyboard, without script, on a narrow screen, under the strict policy.

Roles and names only, no CSS selectors: what passes here is in the accessibility tree.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from shop.operations.seed_calendars import seed_calendars
from shop.operations.seed_catalogue import seed_catalogue
from tests.conftest import NOW

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAGES = [
    "/",
    "/c/table/",
    "/p/everyday-tee/",
    "/p/hoop-teapot/",
    "/p/everyday-tee/?problem=size",
    "/p/everyday-tee/alert/",
    "/search/?q=linnen&size=m",
    "/wishlist/",
    "/preferences/",
    "/no/",
]


@pytest.fixture(autouse=True)
def _stocked() -> None:
    seed_catalogue(NOW)
    seed_calendars(NOW)


@pytest.fixture
def narrow(browser: Browser) -> Iterator[BrowserContext]:
    """A phone 320 px wide that runs no script."""
    context = browser.new_context(java_script_enabled=False, viewport={"width": 320, "height": 700})
    yield context
    context.close()


def test_skip_link_and_tab_order(page: Page, live_server: LiveServer) -> None:
    """K1: the skip link leads to the content, and no stop of a long walk is out of sight."""
    page.goto(f"{live_server.url}/p/everyday-tee/")

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to main content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()
    for _ in range(30):
        page.keyboard.press("Tab")
        box = page.evaluate(
            "(() => { const r = document.activeElement.getBoundingClientRect();"
            " return [r.width, r.height, r.bottom > 0 && r.top < innerHeight] })()"
        )
        assert box[0] > 0
        assert box[1] > 0
        assert box[2] is True


def test_sizes_by_keyboard(page: Page, live_server: LiveServer) -> None:
    """K2: arrows move between sizes, and the sold-out one says so in its name."""
    page.goto(f"{live_server.url}/p/everyday-tee/?colour=sage")
    sizes = page.get_by_role("group", name="Size").get_by_role("radio")

    expect(sizes).to_have_count(6)
    for index in range(6):
        expect(sizes.nth(index)).not_to_be_checked()
    sizes.first.focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name="S", exact=True)).to_be_checked()
    expect(page.get_by_role("radio", name=re.compile("XL.*sold out"))).to_have_count(1)


def test_missing_size_is_explained_and_reached(page: Page, live_server: LiveServer) -> None:
    """K2: the summary has the focus, its link leads to the sizes, the title begins with Error."""
    page.goto(f"{live_server.url}/p/everyday-tee/")
    page.get_by_role("button", name="Add to bag").click()

    expect(page).to_have_title(re.compile("^Error: Everyday tee"))
    expect(page.get_by_role("alert", name="There is a problem")).to_be_focused()
    page.get_by_role("link", name="Choose a size").click()
    expect(page.get_by_role("group", name="Size").get_by_role("radio").first).to_be_focused()


def test_size_guide_opens_and_closes_by_keyboard(page: Page, live_server: LiveServer) -> None:
    """K3: Enter opens, arrows switch the unit, Esc closes and gives the focus back."""
    page.goto(f"{live_server.url}/p/everyday-tee/")
    button = page.get_by_role("button", name="Size guide")

    button.focus()
    page.keyboard.press("Enter")
    table = page.get_by_role("table", name="Your measures by size")
    expect(table).to_be_visible()
    expect(table.get_by_role("columnheader", name="Your chest")).to_be_visible()
    expect(table.get_by_role("rowheader", name="M", exact=True)).to_be_visible()
    expect(table.get_by_text("92–98 cm")).to_be_visible()
    page.get_by_role("radio", name="cm").first.focus()
    page.keyboard.press("ArrowRight")
    expect(table.get_by_text("36.2–38.6 in")).to_be_visible()
    expect(table.get_by_text("92–98 cm")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(table).to_be_hidden()
    expect(button).to_be_focused()


def test_size_guide_and_menu_work_without_script(narrow: BrowserContext, live_server: LiveServer) -> None:
    page = narrow.new_page()
    page.goto(f"{live_server.url}/p/everyday-tee/")

    page.get_by_role("button", name="Size guide").click()
    expect(page.get_by_role("table", name="Your measures by size")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Table").click()
    expect(page.get_by_role("heading", level=1, name="Table")).to_be_visible()


def test_a_picture_is_looked_at_closer_by_keyboard_without_script(
    narrow: BrowserContext, live_server: LiveServer
) -> None:
    """There, larger and back, none of it with a mouse or a script."""
    page = narrow.new_page()
    page.goto(f"{live_server.url}/p/everyday-tee/?colour=sage")

    page.get_by_role("list", name="Pictures").get_by_role("link", name=re.compile("Look closer$")).first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Picture 1 of")
    expect(page.get_by_role("img", name=re.compile("sage", re.IGNORECASE))).to_be_visible()
    seen = page.get_by_role("region", name="Picture")
    assert seen.evaluate("e => e.scrollWidth <= e.clientWidth")
    page.get_by_role("link", name="Show it larger").focus()
    page.keyboard.press("Enter")
    assert seen.evaluate("e => [e.scrollWidth, e.clientWidth < 320]") == [800, True]
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("link", name="Show it larger")).to_be_hidden()
    page.get_by_role("link", name="Show the whole picture").focus()
    page.keyboard.press("Enter")
    assert seen.evaluate("e => e.scrollWidth <= e.clientWidth")
    page.get_by_role("link", name="Back to Everyday tee").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{live_server.url}/p/everyday-tee/?colour=sage#picture-1")


def test_colour_is_a_link_with_its_own_address(narrow: BrowserContext, live_server: LiveServer) -> None:
    page = narrow.new_page()
    page.goto(f"{live_server.url}/p/morning-mug/")

    page.get_by_role("list", name="Glaze").get_by_role("link", name="Indigo").click()

    expect(page).to_have_url(re.compile(r"\?glaze=indigo$"))
    expect(page.get_by_role("img", name=re.compile("Indigo stoneware mug"))).to_be_visible()
    expect(page.get_by_text("3 left")).to_be_visible()


def test_country_is_remembered_without_script(narrow: BrowserContext, live_server: LiveServer) -> None:
    page = narrow.new_page()
    page.goto(f"{live_server.url}/p/morning-mug/?glaze=oat")

    page.get_by_label("Deliver to").select_option("Germany")
    page.get_by_role("button", name="Show dates").click()
    expect(page).to_have_url(re.compile("glaze=oat"))
    page.goto(f"{live_server.url}/p/loop-jug/")
    expect(page.get_by_label("Deliver to")).to_have_value("DE")


def test_theme_is_kept(narrow: BrowserContext, live_server: LiveServer) -> None:
    page = narrow.new_page()
    page.goto(f"{live_server.url}/preferences/")

    page.get_by_role("radio", name="Dark").check()
    page.get_by_role("button", name="Keep these").click()

    expect(page).to_have_url(f"{live_server.url}/")
    assert page.content().count('data-theme="dark"') == 1


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("width", [320, 1350])
def test_page_keeps_to_its_screen_its_host_and_its_policy(
    page: Page, live_server: LiveServer, path: str, width: int
) -> None:
    """No sideways scroll, no other host, no breach of the content policy, nothing in the console."""
    hosts: set[str] = set()
    said: list[str] = []
    page.on("request", lambda request: hosts.add(request.url.split("/")[2]))
    page.on("console", lambda message: said.append(message.text))
    page.add_init_script(
        "window.breaches = []; addEventListener('securitypolicyviolation', e => breaches.push(e.violatedDirective))"
    )
    page.set_viewport_size({"width": width, "height": 800})

    page.goto(f"{live_server.url}{path}")

    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert page.evaluate("breaches") == []
    assert hosts == {live_server.url.split("/")[2]}
    assert [line for line in said if "404" not in line] == []


@pytest.mark.parametrize("path", ["/c/shirts-and-tees/", "/p/everyday-tee/"])
def test_page_bears_wide_text_spacing(page: Page, live_server: LiveServer, path: str) -> None:
    """WCAG 1.4.12: wider spacing makes the page longer, never wider.  Injected by the debugger, past the policy."""
    page.set_viewport_size({"width": 320, "height": 800})
    page.goto(f"{live_server.url}{path}")

    page.evaluate("""() => {
        const sheet = new CSSStyleSheet();
        sheet.replaceSync('* { line-height: 1.5 !important; letter-spacing: .12em !important;'
            + ' word-spacing: .16em !important } p { margin-block-end: 2em !important }');
        document.adoptedStyleSheets = [sheet];
    }""")

    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
