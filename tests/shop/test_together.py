"""Many products changed together: looked at first, whole or not at all, reduced prices left alone."""

from __future__ import annotations

import re
from datetime import datetime

import pytest
from django.http import HttpResponse
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from shop.models import Event, PriceInterval, Product, Variant
from shop.operations.people import sync_roles
from tests.factories.shop import CategoryFactory, VariantFactory
from tests.pages import words
from tests.shop.test_admin import desk_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def ines(now: datetime) -> Client:
    """Ines of the catalogue, signed in."""
    sync_roles(at=now)
    return desk_of("catalogue")


@pytest.fixture
def mugs() -> list[Product]:
    return [VariantFactory(sku=f"MUG-{number}", price_minor=2400 + number).product for number in range(3)]


def page_of(products: list[Product]) -> str:
    return f"/admin/shop/product/together/?ids={','.join(str(product.pk) for product in products)}"


def prices() -> list[int]:
    return list(Variant.objects.order_by("sku").values_list("price_minor", flat=True))


def seen_in(answer: HttpResponse) -> str:
    found = re.search(r'name="seen"\s+value="([^"]+)"', answer.content.decode())
    assert found
    return found[1]


RAISE = {"what": "prices", "percent": "10", "step": "50"}


def test_the_list_leads_there_with_what_was_ticked(ines: Client, mugs: list[Product]) -> None:
    ticked = {"action": "change_together", "_selected_action": [mugs[0].pk, mugs[2].pk]}

    answer = ines.post("/admin/shop/product/", ticked)

    assert (answer.status_code, answer.headers["Location"]) == (303, page_of([mugs[0], mugs[2]]))
    assert "delete_selected" not in ines.get("/admin/shop/product/").content.decode()


def test_prices_are_looked_at_and_then_changed_with_their_record(ines: Client, mugs: list[Product]) -> None:
    look = ines.post(page_of(mugs), RAISE)
    unchanged = prices()
    done = ines.post(page_of(mugs), RAISE | {"save": "1", "seen": seen_in(look)})

    assert ("€26.50" in words(look), unchanged) == (True, [2400, 2401, 2402])
    assert (done.status_code, prices()) == (303, [2650, 2650, 2650])
    assert PriceInterval.objects.filter(ends_at=None, price_minor=2650).count() == 3
    assert Event.objects.get(name="shop.catalogue.imported").payload["changed"] == 3


def test_a_reduced_price_belongs_to_its_reduction(ines: Client, mugs: list[Product]) -> None:
    Variant.objects.filter(sku="MUG-1").update(was_minor=3000)

    look = ines.post(page_of(mugs), RAISE)
    ines.post(page_of(mugs), RAISE | {"save": "1", "seen": seen_in(look)})

    assert "MUG-1 €24.01 stays: it is sold as reduced" in words(look)
    assert prices() == [2650, 2401, 2650]


def test_what_changed_after_the_look_is_looked_at_again(ines: Client, mugs: list[Product]) -> None:
    look = ines.post(page_of(mugs), RAISE)
    Variant.objects.filter(sku="MUG-1").update(price_minor=9900)

    answer = ines.post(page_of(mugs), RAISE | {"save": "1", "seen": seen_in(look)})

    assert answer.status_code == 409
    assert "This is not what you looked at any more. Nothing changed; this is what would happen now." in words(answer)
    assert "MUG-1 was €24.01 when you looked, and is €99.00." in words(answer)
    assert "MUG-0 was" not in words(answer)
    assert prices() == [2400, 9900, 2402]


HIDE = {"what": "hide", "step": "50"}


@pytest.mark.parametrize("seen", ["", "forged"])
@pytest.mark.parametrize("change", [RAISE, HIDE])
def test_without_a_look_nothing_changes(ines: Client, mugs: list[Product], seen: str, change: dict[str, str]) -> None:
    assert ines.post(page_of(mugs), change | {"save": "1", "seen": seen}).status_code == 409
    assert prices() == [2400, 2401, 2402]
    assert not Product.objects.filter(published=False).exists()


@pytest.mark.parametrize("typed", [{"percent": "20"}, {"step": "100"}, {"what": "hide"}])
def test_what_was_typed_after_the_look_is_looked_at_first(
    ines: Client, mugs: list[Product], typed: dict[str, str]
) -> None:
    look = ines.post(page_of(mugs), RAISE)

    answer = ines.post(page_of(mugs), RAISE | typed | {"save": "1", "seen": seen_in(look)})

    assert (answer.status_code, prices()) == (409, [2400, 2401, 2402])
    assert not Product.objects.filter(published=False).exists()


def test_pieces_go_off_sale_and_onto_another_shelf(ines: Client, mugs: list[Product]) -> None:
    shelf = CategoryFactory(slug="second-shelf", name="Second shelf")
    move = {"what": "move", "step": "50", "category": str(shelf.pk)}

    for change in (HIDE, move):
        look = ines.post(page_of(mugs), change)
        assert "3 of 3 would change." in words(look)
        assert not Event.objects.filter(payload__has_key="category_id").exists()
        assert ines.post(page_of(mugs), change | {"save": "1", "seen": seen_in(look)}).status_code == 303

    assert set(Product.objects.filter(pk__in=[mug.pk for mug in mugs]).values_list("published", "category")) == {
        (False, shelf.pk)
    }
    told = Event.objects.filter(name__startswith="shop.products.").order_by("id")
    assert [(event.name, event.payload["product_ids"]) for event in told] == [
        ("shop.products.hidden", [mug.pk for mug in mugs]),
        ("shop.products.moved", [mug.pk for mug in mugs]),
    ]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"step": "50"}, "Choose what is to change"),
        ({"what": "prices", "step": "50"}, "Say by how much, such as 5 or -5."),
        ({"what": "prices", "step": "50", "percent": "-95"}, "greater than or equal to -90"),
        ({"what": "move", "step": "50"}, "Choose the shelf"),
    ],
)
def test_what_is_missing_is_asked_for_and_nothing_changes(
    ines: Client, mugs: list[Product], typed: dict[str, str], sentence: str
) -> None:
    answer = ines.post(page_of(mugs), typed)

    assert (answer.status_code, sentence in words(answer), prices()) == (422, True, [2400, 2401, 2402])


def test_nothing_ticked_leads_back_with_a_sentence(ines: Client) -> None:
    answer = ines.get("/admin/shop/product/together/?ids=x,99999999999999999999,")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/admin/shop/product/")
    assert "Tick the products first" in words(ines.get("/admin/shop/product/"))


@pytest.mark.parametrize("count", [1, 3])
def test_a_look_costs_the_same_however_many(
    ines: Client, mugs: list[Product], count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    ines.post(page_of(mugs[:count]), RAISE)

    with django_assert_num_queries(7):
        ines.post(page_of(mugs[:count]), RAISE)


def test_more_than_can_be_looked_at_are_refused_not_cut(
    ines: Client, mugs: list[Product], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shop.admin.together.MOST", 2)

    answer = ines.get(page_of(mugs))

    assert (answer.status_code, answer.headers["Location"]) == (303, "/admin/shop/product/")
    assert "You ticked more than 2 products; at most that many change together. Nothing changed: tick fewer." in (
        words(ines.get("/admin/shop/product/"))
    )
    allowed = ines.get(page_of(mugs[:2]))
    assert (allowed.status_code, "At most 2 products change together, all of them or none." in words(allowed)) == (
        200,
        True,
    )


def test_the_look_says_which_stay_and_what_becomes_of_the_others(ines: Client, mugs: list[Product]) -> None:
    shelf = CategoryFactory(slug="second-shelf", name="Second shelf")
    Product.objects.filter(pk=mugs[0].pk).update(published=False, category=shelf, name="Cup")
    Product.objects.filter(pk=mugs[1].pk).update(name="Jug")

    hide = words(ines.post(page_of(mugs[:2]), HIDE))
    move = words(ines.post(page_of(mugs[:2]), {"what": "move", "step": "50", "category": str(shelf.pk)}))

    assert "1 of 2 would change. Product Now Then Cup not on sale stays Jug on sale not on sale" in hide
    assert "1 of 2 would change. Product Now Then Cup Second shelf stays Jug Table Second shelf" in move


def test_what_somebody_put_elsewhere_after_the_look_is_named_with_both(ines: Client, mugs: list[Product]) -> None:
    shelf, other = CategoryFactory(slug="second", name="Second"), CategoryFactory(slug="third", name="Third")
    move = {"what": "move", "step": "50", "category": str(shelf.pk)}
    Product.objects.filter(pk=mugs[0].pk).update(name="Cup")
    look = ines.post(page_of(mugs), move)
    Product.objects.filter(pk=mugs[0].pk).update(category=other)

    answer = ines.post(page_of(mugs), move | {"save": "1", "seen": seen_in(look)})

    assert answer.status_code == 409
    assert "Cup was Table when you looked, and is Third." in words(answer)
    assert not Product.objects.filter(category=shelf).exists()


def test_what_somebody_put_on_sale_after_the_look_is_named(ines: Client, mugs: list[Product]) -> None:
    Product.objects.filter(pk=mugs[0].pk).update(name="Cup", published=False)
    look = ines.post(page_of(mugs), HIDE)
    Product.objects.filter(pk=mugs[0].pk).update(published=True)

    answer = ines.post(page_of(mugs), HIDE | {"save": "1", "seen": seen_in(look)})

    assert (answer.status_code, Product.objects.filter(published=True).count()) == (409, 3)
    assert "Cup was not on sale when you looked, and is on sale." in words(answer)
