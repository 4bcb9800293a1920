"""The language of pages: who chooses it, where it is remembered, and that German is complete."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

import holidays
import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone, translation
from pytest_django import Settings

from notifications.models import Message
from orders.messages import words
from orders.models import Order
from orders.operations.access import issue_link
from shop.messages.holidays import KNOWN
from shop.models import StockAlert, User
from tests.addresses import every_address
from tests.factories.orders import placed_order
from tests.factories.shop import StaffFactory, UserFactory, VariantFactory
from tests.headers import faults_of
from tests.languages import unknown_texts
from tests.shop.test_role_matrix import World, address_url, all_rows, name_of, rolled_back, tokens

pytestmark = pytest.mark.django_db

GERMAN, ENGLISH, ARABIC = ({"accept-language": code} for code in ("de-AT,de;q=0.9,en;q=0.5", "en-GB,en", "ar"))


def language_of(answer: object) -> tuple[str, str]:
    """Return language and direction as the page declares them."""
    found = re.search(r'<html\s+lang="([^"]*)"\s+dir="([^"]*)"', answer.content.decode())  # type: ignore[attr-defined]
    return (found[1], found[2]) if found else ("", "")


def test_every_page_of_a_customer_is_german_without_a_word_left_in_english() -> None:
    world = World(timezone.now())
    faults, pages = [], 0

    for address in every_address():
        row = all_rows().get(name_of(address))
        if row is None or address.name.startswith("admin:"):
            continue
        with rolled_back():
            url = address_url(address, {**tokens(world, address, "customer"), **row.with_()})
            for model in (Order, Message, StockAlert):
                model.objects.update(locale="de")
            for method in ("get", "post") if row.post else ("get",):
                with unknown_texts("de") as unknown, rolled_back():
                    answer = getattr(world.as_("customer"), method)(url, headers=GERMAN)
                named = f"{method.upper()} {address.name}"
                spoken = b"<html" not in answer.content or b'lang="de"' in answer.content
                faults += [f"{named}: {text!r}" for text in sorted(unknown)]
                faults += [f"{named}: {fault}" for fault in faults_of(answer)] if method == "get" else []
                faults += [] if spoken else [f"{named}: not German"]
                pages += spoken and answer.status_code == 200 and method == "get"

    assert faults == [], "Choices of a model that customers read belong into SHOWN_CHOICES of shop/catalogues."
    assert pages > 30


def test_a_text_nobody_translated_is_heard() -> None:
    with unknown_texts("de") as unknown, translation.override("de"):
        translation.gettext("Nobody translated this.")
        translation.gettext("Bag")
        translation.ngettext("%(number)s piece", "%(number)s pieces", 3)

    assert unknown == {"Nobody translated this."}


@pytest.mark.parametrize(
    ("cookie", "headers", "spoken"),
    [
        ("", ENGLISH, ("en", "ltr")),
        ("", GERMAN, ("de", "ltr")),
        ("en", GERMAN, ("en", "ltr")),
        ("de", ENGLISH, ("de", "ltr")),
        ("xx", GERMAN, ("de", "ltr")),
        ("", {"accept-language": "fi"}, ("en", "ltr")),
    ],
)
def test_a_choice_wins_over_the_browser_and_the_browser_over_the_shop(
    client: Client, cookie: str, headers: dict[str, str], spoken: tuple[str, str]
) -> None:
    if cookie:
        client.cookies["language"] = cookie

    answer = client.get("/", headers=headers)

    assert language_of(answer) == spoken
    assert answer.headers["Content-Language"] == spoken[0]
    assert {"Accept-Language", "Cookie"} <= {part.strip() for part in answer.headers["Vary"].split(",")}


def test_the_next_one_of_a_thread_finds_the_shops_own_language(client: Client) -> None:
    assert language_of(client.get("/", headers=GERMAN))[0] == "de"

    assert translation.get_language() == "en"


def test_what_an_owner_wrote_is_marked_where_the_page_speaks_another_language(client: Client) -> None:
    product = VariantFactory(product__summary="Cotton for every day.").product

    german, english = (client.get(f"/p/{product.slug}/", headers=asked).text for asked in (GERMAN, ENGLISH))

    assert '<p class="lead" lang="en" dir="ltr">Cotton for every day.</p>' in german
    assert '<p class="lead" >Cotton for every day.</p>' in english


def test_a_language_written_from_the_right_turns_the_page(client: Client, settings: Settings) -> None:
    settings.LANGUAGES = [*settings.LANGUAGES, ("ar", "العربية")]

    assert language_of(client.get("/", headers=ARABIC)) == ("ar", "rtl")


def test_the_footer_offers_every_language_and_leads_back(client: Client) -> None:
    page = client.get("/help/?a=1", headers=ENGLISH).content.decode()
    kept = Client(enforce_csrf_checks=True).post("/preferences/language/", {"language": "de", "next": "/help/?a=1"})

    assert re.findall(r'name="language"\s+value="(\w+)"\s+lang="\1"', page) == ["en", "de"]
    assert 'name="next" value="/help/?a=1"' in page
    assert (kept.status_code, kept.headers["Location"]) == (302, "/help/?a=1")
    cookie = kept.cookies["language"]
    assert (cookie.value, cookie["samesite"], cookie["httponly"], cookie["max-age"]) == ("de", "Lax", True, 31_536_000)


@pytest.mark.parametrize("back", ["", "https://evil.example/", "//evil.example", "javascript:alert(1)", "shop:home"])
def test_a_language_leads_to_no_other_site(client: Client, back: str) -> None:
    answer = client.post("/preferences/language/", {"language": "de", "next": back})

    assert answer.headers["Location"] == "/"


def test_a_language_nobody_speaks_is_refused(client: Client) -> None:
    answer = client.post("/preferences/language/", {"language": "xx", "next": "/"})

    assert (answer.status_code, dict(answer.cookies)) == (400, {})


def test_the_choice_of_who_is_signed_in_goes_into_her_account(client: Client) -> None:
    ana, rui = UserFactory(email="ana@example.com"), UserFactory(email="rui@example.com")
    client.force_login(ana)

    client.post("/preferences/language/", {"language": "de"})

    assert dict(User.objects.values_list("pk", "language")) == {ana.pk: "de", rui.pk: ""}


def test_signing_in_brings_the_language_of_the_account(client: Client) -> None:
    person = UserFactory(email="ana@example.com", language="de")
    person.set_password("a sentence I remember")
    person.save()

    answer = client.post("/account/login/", {"login": "ana@example.com", "password": "a sentence I remember"})

    assert answer.status_code == 302
    assert answer.cookies["language"].value == "de"


def test_staff_work_in_their_own_language_whatever_the_browser_asks(client: Client) -> None:
    client.force_login(StaffFactory())
    client.cookies["language"] = "de"

    answer = client.get("/admin/", headers=GERMAN)

    assert language_of(answer)[0] == "en"
    assert "Abmelden" not in answer.content.decode()


@pytest.mark.parametrize(("cookie", "spoken"), [("", "de"), ("en", "en")])
def test_an_orders_page_speaks_its_language_to_who_has_not_chosen(
    client: Client, now: datetime, cookie: str, spoken: str
) -> None:
    token = issue_link(order=placed_order(at=now, locale="de"), at=timezone.now())
    if cookie:
        client.cookies["language"] = cookie

    page = client.get(f"/orders/{token}/", headers=ENGLISH)
    after = client.get("/help/", headers=ENGLISH)

    assert language_of(page)[0] == page.headers["Content-Language"] == spoken
    assert language_of(after)[0] == "en"


def test_who_comes_from_her_account_keeps_its_language(client: Client, now: datetime) -> None:
    ana = UserFactory(email="ana@example.com")
    placed_order(at=now, number="KP-2041-7736", customer=ana)
    client.force_login(ana)

    page = client.get("/account/orders/KP-2041-7736/", headers=GERMAN, follow=True)

    assert (page.status_code, language_of(page)[0]) == (200, "de")


def test_adding_a_language_is_adding_its_file(tmp_path: Path) -> None:
    from shop.catalogues.listing import languages_in

    for code in ("de", "pt_BR"):
        (tmp_path / code / "LC_MESSAGES").mkdir(parents=True)
        (tmp_path / code / "LC_MESSAGES" / "django.po").touch()

    assert languages_in(tmp_path) == ["de", "pt-br"]
    assert settings.LANGUAGES == [("en", "English"), ("de", "Deutsch")]


def test_public_holidays_are_called_by_their_name_and_an_owners_reason_as_she_wrote_it() -> None:
    told = [["2026-12-08", "Immaculate Conception"], ["2026-12-09", "We paint the workshop"], ["2026-12-10", ""]]

    with translation.override("de"):
        said = words.rests(told)

    assert said == (
        "Dienstag, 8. Dezember (Mariä Empfängnis), Mittwoch, 9. Dezember (We paint the workshop),"
        " Donnerstag, 10. Dezember"
    )
    listed = {str(name) for code in ("PT", "DE", "AT", "IE", "FR") for name in country_holidays(code)}
    assert sorted(listed - set(KNOWN)) == []


def country_holidays(code: str) -> set[str]:
    """The names the library gives us for a country we deliver to, as the calendars are seeded with."""
    found = holidays.country_holidays(code, years=(2026, 2027), language="en_US")
    return {name for day in found.values() for name in day.split("; ")}
