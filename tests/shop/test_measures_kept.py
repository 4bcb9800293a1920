"""Inches and the numbers of another system: chosen on a page, remembered by the device, without script."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from shop.models import OptionValue, SizeGuide, SizeName, VariantMeasurement
from tests.factories.catalogue import definition, tee
from tests.factories.shop import ProductFactory, VariantFactory
from tests.pages import words

pytestmark = pytest.mark.django_db


@pytest.fixture
def named() -> None:
    """A tee whose M is a 40 in the EU and a 12 in the UK."""
    product = tee()
    product.size_guide = product.size_guide or SizeGuide.objects.create(code="tees", name="Tees")
    product.save()
    size = OptionValue.objects.get(code="m")
    for system, name in (("eu", "40"), ("uk", "12")):
        SizeName.objects.create(guide=product.size_guide, size=size, system=system, name=name)


def checked(client: Client) -> set[str]:
    page = client.get("/p/tee/").content.decode()
    return set(re.findall(r'name="(?:unit|sizes)"\s+value="(\w+)"(?:\s+form="numbers")?\s+checked', page))


@pytest.mark.usefixtures("named")
def test_device_remembers_the_numbers_and_the_unit(client: Client) -> None:
    assert checked(client) == {"ours", "cm"}

    kept = client.post("/preferences/measures/", {"sizes": "uk", "next": "/p/tee/?colour=ink"})
    client.post("/preferences/measures/", {"unit": "in", "next": "/p/tee/"})

    assert (kept.status_code, kept["Location"]) == (302, "/p/tee/?colour=ink")
    assert (kept.cookies["sizes"].value, kept.cookies["sizes"]["httponly"]) == ("uk", True)
    assert checked(client) == {"uk", "in"}
    page = client.get("/p/tee/")
    assert (page["Cache-Control"], "Cookie" in page["Vary"]) == ("private, no-cache", True)


@pytest.mark.usefixtures("named")
def test_numbers_a_piece_does_not_know_are_shown_as_ours(client: Client) -> None:
    for value in ("us", "'><script>"):
        client.cookies["sizes"] = value

        assert checked(client) == {"ours", "cm"}


@pytest.mark.parametrize("said", [{}, {"sizes": "jp"}, {"unit": "ell", "sizes": ""}])
def test_what_nobody_offers_is_refused(client: Client, said: dict[str, str]) -> None:
    answer = client.post("/preferences/measures/", said)

    assert (answer.status_code, answer.cookies.output()) == (400, "")


@pytest.mark.parametrize("away", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""])
def test_it_leads_nowhere_else(client: Client, away: str) -> None:
    assert client.post("/preferences/measures/", {"unit": "in", "next": away})["Location"] == "/"


def test_piece_is_drawn_to_scale_in_both_units(client: Client) -> None:
    variant = VariantFactory(product=ProductFactory(slug="mug"))
    for code, value_mm in (("piece-height", 90), ("piece-width", 118)):
        VariantMeasurement.objects.create(
            variant=variant, definition=definition(code, code, "product"), value_mm=value_mm
        )

    page = client.get("/p/mug/")

    assert '<rect class="piece" x="120" y="100" width="118" height="90" rx="7" />' in re.sub(
        r"\s+", " ", page.content.decode()
    )
    assert "To scale: 11.8 cm 4.6 in wide and 9 cm 3.5 in high, beside a hand of 19 cm 7.5 in." in words(page)
