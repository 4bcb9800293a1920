"""An address is asked for as its country writes it: at the checkout, in the address book, and after the order."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from orders.forms.incident import IncidentForm
from orders.models import Order, SavedAddress
from orders.operations.access import issue_link
from orders.queries.mine import prefill_for
from orders.queries.quotes import quote_again, timetable
from orders.rules.bag import Ready
from orders.rules.incident import Where
from orders.rules.promise import Wish
from shop.models import User
from tests.factories.bags import filled_bag
from tests.factories.incidents import declared
from tests.factories.orders import placed_order, saved_address, service_level
from tests.factories.shop import UserFactory
from tests.owners import OwnersClient
from tests.pages import words

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    """The browser of whoever ordered."""
    return OwnersClient()


AMERICAN = {"street": "12 Elm St", "extra": "", "city": "Fairfax", "region": "VA", "postcode": "22030", "country": "US"}
IRISH = {"street": "1 Main St", "extra": "", "city": "Cork", "region": "", "postcode": "", "country": "IE"}
PORTUGUESE = {"street": "Rua A 1", "extra": "", "postcode": "4050-262", "city": "Porto", "country": "PT"}
WHO = {"full_name": "Ana Costa", "phone": ""}


@pytest.fixture
def ana(client: Client) -> Client:
    """Ana's browser, signed in; we deliver to Portugal, the States and Ireland."""
    for country in ("PT", "US", "IE"):
        service_level(f"door-{country.lower()}", country=country)
    client.force_login(UserFactory(email="ana@example.com"))
    return client


def link(order: Order) -> str:
    return reverse("orders:delivery", args=[issue_link(order=order, at=timezone.now())])


def asked(page: Any) -> list[str]:
    """The parts of the address a page asks for, in its order."""
    parts = "street|extra|postcode|city|region"
    return re.findall(rf'<(?:input|select)[^>]*? name="({parts})"', page.content.decode())


def tokens(page: Any) -> dict[str, str]:
    tags = re.findall(r"<(?:input|select)[^>]*>", page.content.decode())
    found = [(re.search(r'name="([^"]+)"', tag), re.search(r'autocomplete="([^"]+)"', tag)) for tag in tags]
    return {name[1]: token[1] for name, token in found if name and token}


def order_to(place: dict[str, str], now: datetime) -> Order:
    order = placed_order(at=now)
    Order.objects.filter(pk=order.pk).update(**place)
    order.refresh_from_db()
    return order


# -- After the order --------------------------------------------------------------------------------------------------


def test_an_american_address_is_asked_for_with_its_state(client: Client, now: datetime) -> None:
    order = order_to(AMERICAN, now)
    page = client.get(link(order))

    assert asked(page) == ["street", "extra", "city", "region", "postcode"]
    assert "ZIP code" in words(page)
    assert {name: tokens(page)[name] for name in asked(page)} == {
        "street": "address-line1", "extra": "address-line2", "city": "address-level2", "region": "address-level1",
        "postcode": "postal-code",
    }  # fmt: skip
    refused = client.post(link(order), AMERICAN | {"region": "", "postcode": ""})
    assert refused.status_code == 422
    assert "Choose the state." in words(refused)
    assert "Fill in: ZIP code." in words(refused)
    assert "Enter a postcode like" in words(client.post(link(order), AMERICAN | {"postcode": "2203"}))


def test_a_region_that_stands_on_an_order_is_a_choice_and_is_kept(client: Client, now: datetime) -> None:
    order = order_to(AMERICAN | {"region": "Virginia"}, now)

    assert '<option value="VA" selected>' in client.get(link(order)).content.decode()
    Order.objects.update(**IRISH | {"region": "Munster"})
    assert '<option value="Munster" selected>' in client.get(link(order)).content.decode()


# -- The address book -------------------------------------------------------------------------------------------------


def test_the_book_knows_state_and_county_and_a_place_without_a_postcode(ana: Client) -> None:
    book = reverse("orders:addresses")

    refused = ana.post(book, WHO | AMERICAN | {"region": ""})
    assert (refused.status_code, "Choose the state." in words(refused)) == (422, True)
    assert SavedAddress.objects.count() == 0
    for place in (AMERICAN, IRISH, IRISH | {"region": "Co. Cork", "postcode": "d02x285"}):
        assert ana.post(book, WHO | place).status_code == 302

    rows = SavedAddress.objects.order_by("id").values_list("country", "region", "postcode")
    assert list(rows) == [("US", "VA", "22030"), ("IE", "", ""), ("IE", "Co. Cork", "D02 X285")]
    assert "12 Elm St Fairfax, Virginia 22030 United States" in words(ana.get(book))


def test_the_book_shows_the_fields_of_another_country_and_keeps_what_was_typed(ana: Client) -> None:
    book = reverse("orders:addresses")
    assert asked(ana.get(book)) == ["street", "extra", "postcode", "city"]

    page = ana.post(book, WHO | PORTUGUESE | {"country": "US", "action": "fields"})

    assert (page.status_code, page.context["form"].errors) == (200, {})
    assert asked(page) == ["street", "extra", "city", "region", "postcode"]
    assert 'value="Rua A 1"' in page.content.decode()
    assert SavedAddress.objects.count() == 0


def test_a_region_does_not_come_along_to_a_country_that_writes_none(ana: Client) -> None:
    ana.post(reverse("orders:addresses"), WHO | PORTUGUESE | {"region": "VA"})

    assert SavedAddress.objects.get().region == ""


def test_a_kept_address_is_changed_with_its_region(ana: Client, now: datetime) -> None:
    row = saved_address(User.objects.get(), at=now, **AMERICAN)
    page = ana.get(reverse("orders:address", args=[row.pk]))

    assert '<option value="VA" selected>' in page.content.decode()
    ana.post(reverse("orders:address", args=[row.pk]), WHO | AMERICAN | {"region": "CA"})
    assert SavedAddress.objects.get().region == "CA"


@pytest.mark.parametrize(("region", "begins_with"), [("VA", "VA"), ("Virginia", "VA"), ("", "")])
def test_checkout_begins_with_the_region_she_keeps(ana: Client, now: datetime, region: str, begins_with: str) -> None:
    saved_address(User.objects.get(), at=now, **AMERICAN | {"region": region})
    ana.cookies["country"] = "US"
    _cart, token = filled_bag(at=timezone.now())
    ana.cookies["bag"] = token

    form = ana.get("/checkout/").context["form"]

    assert (form["region"].value(), form["city"].value()) == (begins_with, "Fairfax")
    assert [part.name for part in form.address_parts] == ["street", "extra", "city", "region", "postcode"]


def test_checkout_begins_with_the_region_of_her_last_order(ana: Client, now: datetime) -> None:
    Order.objects.filter(pk=placed_order(at=now, customer=User.objects.get()).pk).update(**AMERICAN)

    assert prefill_for(User.objects.get().pk, country="US")["region"] == "VA"


# -- The promise ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("region", "longer"), [("VA", True), ("CA", False)])
def test_a_change_reckons_with_the_crisis_of_its_region_as_a_new_order_does(
    now: datetime, region: str, longer: bool
) -> None:
    declared(at=now, countries=["US"], regions=["VA"], postcodes=[], extra_days=4)
    service = service_level("door-us", country="US")
    order = order_to(AMERICAN | {"region": region}, now)
    Order.objects.update(service=service)
    order.refresh_from_db()
    products = frozenset(order.lines.values_list("variant__product", flat=True))
    where = Where("US", order.postcode, region, products)

    again = quote_again(order, ready=Ready(2), payment_days=0, products=products, at=now)
    new = timetable("US", at=now, where=where).quote(service, Wish(2, wait_for_home=True))
    plain = timetable("US", at=now, where=Where("US")).quote(service, Wish(2))

    assert again.estimate.deliver_by_on == new.estimate.deliver_by_on
    assert (again.estimate.deliver_by_on > plain.estimate.deliver_by_on) is longer
    assert ("crises" in again.basis()) is longer


@pytest.mark.parametrize(
    ("typed", "kept"), [("Virginia", ["VA"]), ("va, California", ["CA", "VA"]), ("Atlantis", None)]
)
def test_a_crisis_names_regions_as_addresses_do(typed: str, kept: list[str] | None) -> None:
    form = IncidentForm({"countries": "US", "regions": typed})
    form.is_valid()

    if kept is None:
        assert "No address there says “Atlantis”." in str(form.errors["regions"])
    else:
        assert form.cleaned_data["regions"] == kept


def test_a_region_of_a_country_without_a_list_stays_as_it_was_typed() -> None:
    form = IncidentForm({"countries": "PT", "regions": "Madeira"})
    form.is_valid()

    assert form.cleaned_data["regions"] == ["Madeira"]
