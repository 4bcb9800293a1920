"""Addresses by country: parts, order, names, what is required, and how they are written on a label."""

from __future__ import annotations

import pytest

from orders.models import Order
from orders.queries.address_formats import address_format, address_lines


@pytest.mark.parametrize(
    ("country", "parts", "postcode", "required"),
    [
        ("PT", ("street", "extra", "postcode", "city"), "Postcode", {"street", "postcode", "city"}),
        ("DE", ("street", "extra", "postcode", "city"), "Postcode", {"street", "postcode", "city"}),
        ("IE", ("street", "extra", "city", "region", "postcode"), "Eircode", {"street", "city"}),
        ("IT", ("street", "extra", "postcode", "city", "region"), "Postcode", {"street", "postcode", "city", "region"}),
        ("US", ("street", "extra", "city", "region", "postcode"), "ZIP code", {"street", "postcode", "city", "region"}),
        ("ZZ", ("street", "extra", "postcode", "city"), "Postcode", {"street", "city"}),
    ],
)
def test_a_country_asks_for_its_own_parts(
    country: str, parts: tuple[str, ...], postcode: str, required: set[str]
) -> None:
    found = address_format(country)

    assert (found.parts, str(found.labels["postcode"]), found.required) == (parts, postcode, required)


def test_regions_are_chosen_where_there_is_a_list() -> None:
    assert ("VA", "Virginia") in address_format("US").regions
    assert str(address_format("US").labels["region"]) == "State"
    assert ("Co. Cork", "Co. Cork") in address_format("IE").regions
    assert address_format("DE").regions == ()


@pytest.mark.parametrize(
    ("country", "good", "bad"), [("PT", "4050-262", "4050"), ("FR", "75011", "7501"), ("US", "95014", "9501")]
)
def test_a_postcode_is_checked_where_the_data_knows_it(country: str, good: str, bad: str) -> None:
    found = address_format(country)

    assert (found.knows_postcode(good), found.knows_postcode(bad)) == (True, False)


@pytest.mark.parametrize(
    ("country", "region", "lines"),
    [
        ("PT", "", ["Ana Costa", "Rua das Flores 12", "2.º Esq.", "4050-262 Porto"]),
        ("IT", "MI", ["Ana Costa", "Rua das Flores 12", "2.º Esq.", "4050-262 Porto Milano"]),
        ("IE", "", ["Ana Costa", "Rua das Flores 12", "2.º Esq.", "Porto", "4050-262"]),
        ("US", "VA", ["Ana Costa", "Rua das Flores 12", "2.º Esq.", "Porto, Virginia 4050-262"]),
        ("ZZ", "", ["Ana Costa", "Rua das Flores 12", "2.º Esq.", "4050-262 Porto"]),
    ],
)
def test_an_address_is_written_as_its_country_writes_it(country: str, region: str, lines: list[str]) -> None:
    order = Order(
        full_name="Ana Costa",
        street="Rua das Flores 12",
        extra="2.º Esq.",
        postcode="4050-262",
        city="Porto",
        region=region,
        country=country,
    )

    assert address_lines(order) == lines
