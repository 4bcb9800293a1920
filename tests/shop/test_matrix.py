"""Variants as a table: many changed at once, missing ones added, nobody's change overwritten."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from shop.models import Event, OptionValue, PriceInterval, Product, StockLevel, Variant
from shop.operations.matrix import Change, ChangedMeanwhile, NewVariant, save_matrix
from shop.operations.people import sync_roles
from shop.queries.matrix import matrix_of
from shop.rules.catalogue_file import BadFile
from tests.factories.catalogue import option, tee
from tests.factories.shop import ProductFactory, StaffFactory, VariantFactory
from tests.pages import words
from tests.shop.test_admin import desk_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def ines(now: datetime) -> Client:
    """Ines of the catalogue, signed in."""
    sync_roles(at=now)
    return desk_of("catalogue")


def page_of(product: Product) -> str:
    return f"/admin/shop/product/{product.pk}/matrix/"


def as_shown(product: Product) -> dict[str, str]:
    """What the form sends back when nothing was touched."""
    data = {}
    for variant in Variant.objects.filter(product=product).order_by("id"):
        data[f"was-{variant.sku}"] = f"{variant.price_minor}|{variant.active}"
        data[f"price-{variant.sku}"] = f"{variant.price_minor / 100:.2f}"
        if variant.active:
            data[f"active-{variant.sku}"] = "on"
    return data


def test_sizes_stand_across_and_colours_down() -> None:
    found = matrix_of(tee())

    assert found.columns == ("S", "M")
    assert [label for label, _cells in found.rows] == ["Sage", "Ink"]
    assert [[cell.sku for cell in cells] for _label, cells in found.rows] == [
        ["tee-sage/s", "tee-sage/m"],
        ["tee-ink/s", "tee-ink/m"],
    ]
    assert [cell.left for cell in found.cells] == [20] * 4


def test_a_piece_without_options_is_one_cell() -> None:
    product = VariantFactory().product

    found = matrix_of(product)

    assert (found.columns, [label for label, _cells in found.rows]) == (("",), [""])
    assert [cell.variant for cell in found.cells] == list(product.variants.order_by("id"))


def test_a_piece_without_variants_offers_its_first() -> None:
    product = ProductFactory(slug="bowl")

    cell = matrix_of(product).cells[0]

    assert (cell.sku, cell.variant, cell.options) == ("BOWL", None, ())


def test_prices_and_what_is_on_sale_change_together(ines: Client) -> None:
    product, client = tee(), ines
    data = as_shown(product) | {"price-tee-sage/s": "41,50"}
    del data["active-tee-ink/m"]

    answer = client.post(page_of(product), data)

    assert answer.status_code == 303
    assert Variant.objects.get(sku="tee-sage/s").price_minor == 4150
    assert list(Variant.objects.filter(active=False).values_list("sku", flat=True)) == ["tee-ink/m"]
    assert PriceInterval.objects.filter(variant__sku="tee-sage/s", ends_at=None).get().price_minor == 4150
    told = Event.objects.get(name="shop.catalogue.imported")
    assert (told.actor.email, told.payload["changed"]) == ("catalogue@example.com", 2)


def test_nothing_touched_writes_nothing(ines: Client) -> None:
    product, client = tee(), ines

    assert client.post(page_of(product), as_shown(product)).status_code == 303
    assert not Event.objects.filter(name="shop.catalogue.imported").exists()


def test_a_missing_size_is_added_with_a_place_on_the_shelf(ines: Client) -> None:
    product, client = tee(), ines
    large = option("size", "l", "L", 2)
    wanted = f"{page_of(product)}?with={large.pk}"
    assert "Add" in words(client.get(wanted))

    answer = client.post(wanted, as_shown(product) | {"add-TEE-SAGE-L": "on", "price-TEE-SAGE-L": "38"})

    added = Variant.objects.get(sku="TEE-SAGE-L")
    assert answer.status_code == 303
    assert (added.label, added.price_minor, added.product) == ("Sage, L", 3800, product)
    assert set(added.options.values_list("code", flat=True)) == {"sage", "l"}
    assert StockLevel.objects.filter(variant=added).count() == 1
    assert not Variant.objects.filter(sku="TEE-INK-L").exists()


@pytest.mark.parametrize("price", ["", "free", "0", "-3", "1.999", "1.250", "1,250", "38.000", "1.250,00", "9" * 30])
def test_no_price_is_a_sentence_and_what_was_typed_stays(ines: Client, price: str) -> None:
    product, client = tee(), ines
    data = as_shown(product) | {"price-tee-sage/s": price, "price-tee-ink/s": "99.00"}

    answer = client.post(page_of(product), data)

    assert answer.status_code == 422
    assert "tee-sage/s needs a price above nothing, such as 38.00." in words(answer)
    assert 'value="99.00"' in answer.content.decode()
    assert not Variant.objects.filter(price_minor=9900).exists()


def test_what_somebody_changed_meanwhile_is_not_overwritten(ines: Client) -> None:
    product, client = tee(), ines
    data = as_shown(product) | {"price-tee-sage/s": "41.50"}
    Variant.objects.filter(sku="tee-ink/s").update(price_minor=5000)

    answer = client.post(page_of(product), data)

    assert answer.status_code == 422
    assert (
        "Somebody changed tee-ink/s since you opened this page: it was 38.00, on sale, it is 50.00, on sale."
        in words(answer)
    )
    assert "tee-sage/s since" not in words(answer)
    assert not Variant.objects.filter(price_minor=4150).exists()


def test_what_was_taken_off_sale_meanwhile_is_named_so(ines: Client) -> None:
    product, client = tee(), ines
    data = as_shown(product) | {"was-tee-sage/m": "x|True"}
    Variant.objects.filter(sku="tee-ink/s").update(active=False)

    told = words(client.post(page_of(product), data))

    assert "changed tee-ink/s since you opened this page: it was 38.00, on sale, it is 38.00, not on sale." in told
    assert "changed tee-sage/m since you opened this page: it was something nobody can read, it is 38.00" in told


@pytest.mark.parametrize("price", ["29.00", "30.41", "38.00", "50.00"])
def test_a_reduced_price_belongs_to_its_reduction(ines: Client, price: str) -> None:
    product, client = tee(), ines
    Variant.objects.filter(sku="tee-sage/s").update(price_minor=3040, was_minor=3800)
    data = as_shown(product)

    shown = client.get(page_of(product))
    answer = client.post(page_of(product), data | {"price-tee-sage/s": price, "price-tee-ink/s": "41.00"})

    assert "reduced: its price belongs to the reduction" in words(shown)
    assert shown.content.decode().count("readonly") == 1
    assert answer.status_code == 422
    assert "tee-sage/s is sold as reduced; end the reduction, then change the price." in words(answer)
    assert sorted(Variant.objects.values_list("price_minor", flat=True)) == [3040, 3800, 3800, 3800]
    assert client.post(page_of(product), data | {"price-tee-ink/s": "41.00"}).status_code == 303


def test_a_size_somebody_added_meanwhile_is_not_overwritten(now: datetime) -> None:
    product, staff = tee(), StaffFactory()
    option("size", "l", "L", 2)
    mine = NewVariant("TEE-SAGE-L", (("colour", "sage"), ("size", "l")), 3800)
    save_matrix(product_id=product.pk, changes=[], new=[mine], by=staff, at=now)

    with pytest.raises(ChangedMeanwhile):
        save_matrix(product_id=product.pk, changes=[], new=[replace(mine, price_minor=100)], by=staff, at=now)

    assert Variant.objects.get(sku="TEE-SAGE-L").price_minor == 3800


def test_without_what_was_shown_nothing_is_written(ines: Client) -> None:
    product, client = tee(), ines

    assert client.post(page_of(product), {"price-tee-sage/s": "1.00"}).status_code == 422
    assert not Variant.objects.filter(price_minor=100).exists()


def test_an_article_of_another_piece_is_refused(now: datetime) -> None:
    product, theirs, staff = tee(), VariantFactory(), StaffFactory()

    with pytest.raises(ChangedMeanwhile):
        save_matrix(
            product_id=product.pk,
            changes=[Change(theirs.sku, (theirs.price_minor, True), (1, True))],
            new=[], by=staff, at=now,
        )  # fmt: skip
    with pytest.raises(BadFile):
        save_matrix(product_id=product.pk, changes=[], new=[NewVariant(theirs.sku, (), 100)], by=staff, at=now)
    theirs.refresh_from_db()
    assert theirs.price_minor != 1


@pytest.mark.parametrize("more", [1, 3])
def test_the_page_costs_the_same_however_many_variants(
    ines: Client, more: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    product, client = tee(), ines
    for number in range(more):
        variant = Variant.objects.create(product=product, sku=f"MORE-{number}", price_minor=100)
        variant.options.add(option("size", f"x{number}", f"X{number}", 5), OptionValue.objects.get(code="sage"))
    client.get(page_of(product))

    with django_assert_num_queries(9):
        client.get(page_of(product))
