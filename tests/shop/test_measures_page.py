"""Measures pasted from a spreadsheet: looked at first, written whole, nobody's change overwritten."""

from __future__ import annotations

import re
from datetime import datetime

import pytest
from django.http import HttpResponse
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from shop.models import Event, Product, VariantMeasurement
from shop.operations.people import sync_roles
from tests.factories.catalogue import definition, tee
from tests.pages import words
from tests.shop.test_admin import desk_of

pytestmark = pytest.mark.django_db

TABLE = "Size\tWidth\nS\t46,5\nM\t"


@pytest.fixture
def ines(now: datetime) -> Client:
    """Ines of the catalogue, signed in."""
    sync_roles(at=now)
    return desk_of("catalogue")


def page_of(product: Product) -> str:
    return f"/admin/shop/product/{product.pk}/measures/"


def seen_in(answer: HttpResponse) -> str:
    found = re.search(r'name="seen"\s+value="([^"]+)"', answer.content.decode())
    assert found
    return found[1]


def widths() -> dict[str, int]:
    rows = VariantMeasurement.objects.filter(definition__code="garment-width").order_by("variant__sku")
    return dict(rows.values_list("variant__sku", "value_mm"))


def test_the_page_shows_what_is_known_as_a_table_to_copy(ines: Client) -> None:
    product = tee()

    page = ines.get(page_of(product)).content.decode()

    first = widths()["tee-sage/s"]
    assert f"Size\tWidth\nS\t{first / 10:g}" in page


def test_a_look_changes_nothing_and_saving_writes_every_colour_of_a_size(ines: Client) -> None:
    product = tee()
    before = widths()

    look = ines.post(page_of(product), {"unit": "cm", "table": TABLE})
    unchanged = widths()
    saved = ines.post(page_of(product), {"unit": "cm", "table": TABLE, "save": "1", "seen": seen_in(look)})

    assert (look.status_code, unchanged, saved.status_code) == (200, before, 303)
    assert widths() == before | {"tee-sage/s": 465, "tee-ink/s": 465}
    assert Event.objects.get(name="shop.catalogue.imported").payload["changed"] == 2


def test_what_is_wrong_is_named_and_what_was_pasted_stays(ines: Client) -> None:
    product = tee()

    answer = ines.post(page_of(product), {"unit": "cm", "table": "Size\tWidth\nXXL\t46"})

    assert answer.status_code == 422
    assert "There is no size or article called “XXL”." in words(answer)
    assert "XXL\t46" in answer.content.decode()


def test_what_somebody_changed_after_the_look_is_not_overwritten(ines: Client) -> None:
    product = tee()
    look = ines.post(page_of(product), {"unit": "cm", "table": TABLE})
    VariantMeasurement.objects.filter(variant__sku="tee-ink/s").update(value_mm=999)

    answer = ines.post(page_of(product), {"unit": "cm", "table": TABLE, "save": "1", "seen": seen_in(look)})

    assert answer.status_code == 409
    assert "Somebody changed measures of this piece meanwhile." in words(answer)
    assert "tee-ink/s, Width was 46 cm when you looked, and is 99.9 cm." in words(answer)
    assert widths()["tee-ink/s"] == 999
    assert (
        ines.post(page_of(product), {"unit": "cm", "table": TABLE, "save": "1", "seen": seen_in(answer)}).status_code
        == 303
    )


@pytest.mark.parametrize("seen", ["", "forged"])
def test_without_a_look_nothing_is_written(ines: Client, seen: str) -> None:
    product = tee()

    answer = ines.post(page_of(product), {"unit": "cm", "table": TABLE, "save": "1", "seen": seen})

    assert (answer.status_code, 465 in widths().values()) == (409, False)


def test_a_table_that_says_what_is_known_would_change_nothing(ines: Client) -> None:
    product = tee()
    table = re.search(r"<textarea[^>]*>\s*(.*?)</textarea>", ines.get(page_of(product)).content.decode(), re.DOTALL)
    assert table

    assert "Nothing: it says what is known already." in words(
        ines.post(page_of(product), {"unit": "cm", "table": table[1]})
    )


def test_of_two_measures_of_one_name_the_one_the_piece_has_is_meant(ines: Client) -> None:
    product = tee()
    definition("aaa-width", "Width", "product", 9)
    definition("zzz-width", "Width", "product", 9)

    look = ines.post(page_of(product), {"unit": "cm", "table": TABLE})
    ines.post(page_of(product), {"unit": "cm", "table": TABLE, "save": "1", "seen": seen_in(look)})

    assert widths()["tee-sage/s"] == 465
    assert set(VariantMeasurement.objects.values_list("definition__code", flat=True)) == {"garment-width"}


@pytest.mark.parametrize("pieces", [1, 3])
def test_the_page_costs_the_same_however_many_pieces_there_are(
    ines: Client, pieces: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    products = [tee(slug=f"tee-{number}") for number in range(pieces)]
    ines.get(page_of(products[0]))

    with django_assert_num_queries(9):
        ines.get(page_of(products[0]))
