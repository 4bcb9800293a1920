"""The wish list: a guest's on her device, an account's everywhere, and nobody else's."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.conf import settings
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from orders.models import Cart, CartLine, Wishlist, WishlistLine
from orders.operations import wishlist
from orders.queries.wishlist import wished
from shop.models import Product, StockLevel, Variant
from tests.factories.catalogue import tee
from tests.factories.orders import service_level
from tests.factories.shop import UserFactory
from tests.pages import words

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _monday(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)


@pytest.fixture
def product() -> Product:
    service_level()
    return tee(stock={"sage/m": 0})


def variant(product: Product, sku: str) -> Variant:
    return product.variants.get(sku=f"tee-{sku}")


def keep(client: Client, product: Product, sku: str = "") -> None:
    chosen = {"variant": variant(product, sku).pk} if sku else {}
    assert client.post("/wishlist/add/", {"product": product.slug, **chosen}).status_code == 302


def test_guest_keeps_pieces_on_her_device_once(client: Client, product: Product) -> None:
    for sku in ("ink/m", "ink/m", "sage/m", ""):
        keep(client, product, sku)

    cookie = client.cookies["wishlist"]
    said = words(client.get("/wishlist/"))
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert Wishlist.objects.get().token_hash != cookie.value
    assert WishlistLine.objects.count() == 3
    assert "Ink, M In stock." in said
    assert "Sage, M Sold out for now." in said
    assert said.count("Into the bag") == 1
    assert "demo/products/tee-ink-400.webp" in client.get("/wishlist/").content.decode()  # her colour, not the first


def test_stranger_sees_and_changes_nothing(client: Client, product: Product) -> None:
    keep(client, product, "ink/m")
    line = WishlistLine.objects.get()
    stranger = Client()
    stranger.cookies["wishlist"] = "guessed"

    assert "Nothing on your list yet" in words(stranger.get("/wishlist/"))
    for button in ("remove", "bag"):
        assert stranger.post(f"/wishlist/lines/{line.pk}/", {button: "1"}).status_code == 404
    assert (WishlistLine.objects.count(), Cart.objects.count()) == (1, 0)


def test_what_a_guest_kept_comes_along_to_her_account(client: Client, product: Product, now: datetime) -> None:
    keep(client, product, "ink/m")
    token, ana = client.cookies["wishlist"].value, UserFactory()
    hers, _ = wishlist.open_wishlist(token="", customer=ana, at=now)
    wishlist.keep_piece(wishlist_id=hers.pk, slug="tee", variant_id=variant(product, "ink/m").pk, at=now)
    client.force_login(ana)

    assert words(client.get("/wishlist/")).count("Ink, M") == 3  # one line, named on its two buttons
    keep(client, product, "ink/s")
    client.logout()

    assert Wishlist.objects.get().customer == ana
    assert [line.form for line in wished([hers.pk])] == ["Ink, S", "Ink, M"]
    client.cookies["wishlist"] = token
    assert "Nothing on your list yet" in words(client.get("/wishlist/"))  # an account opens by signing in alone


def test_into_the_bag_or_not_at_all(client: Client, product: Product) -> None:
    keep(client, product, "ink/m")
    line = WishlistLine.objects.get()
    address = f"/wishlist/lines/{line.pk}/"
    StockLevel.objects.filter(variant=line.variant).update(on_hand=0)

    refused = client.post(address, {"bag": "1"})
    assert (refused.status_code, CartLine.objects.count(), WishlistLine.objects.count()) == (409, 0, 1)
    assert "Everyday tee is sold out." in words(refused)

    StockLevel.objects.filter(variant=line.variant).update(on_hand=1)
    moved = client.post(address, {"bag": "1"})
    assert (moved.status_code, moved["Location"]) == (302, "/bag/")
    assert CartLine.objects.get().variant == line.variant
    assert WishlistLine.objects.count() == 0


def test_piece_no_longer_on_sale_stays_with_a_word(client: Client, product: Product) -> None:
    keep(client, product, "ink/m")
    Product.objects.update(published=False)

    assert "Everyday tee Ink, M No longer on sale." in words(client.get("/wishlist/"))
    assert client.post("/wishlist/add/", {"product": "tee"}).status_code == 422


def test_list_holds_so_many(client: Client, product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wishlist, "MOST", 1)
    keep(client, product)

    refused = client.post("/wishlist/add/", {"product": "tee", "variant": variant(product, "ink/m").pk})

    assert (refused.status_code, WishlistLine.objects.count()) == (409, 1)
    keep(client, product)  # what is there already needs no room


@pytest.mark.parametrize(
    "posted", [{}, {"product": "nothing"}, {"product": "tee", "variant": "0"}, {"product": "\x00"}, {"product": "a b"}]
)
def test_nonsense_is_refused_and_leaves_no_list(client: Client, product: Product, posted: dict[str, str]) -> None:
    assert client.post("/wishlist/add/", posted).status_code == 422
    assert (Wishlist.objects.count(), "wishlist" in client.cookies) == (0, False)


@pytest.mark.parametrize("number", [1, 3])
def test_list_asks_the_same_for_one_and_three(
    number: int, product: Product, now: datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    mine, _ = wishlist.open_wishlist(token="", customer=None, at=now)
    for sku in ("ink/m", "ink/s", "sage/s")[:number]:
        wishlist.keep_piece(wishlist_id=mine.pk, slug="tee", variant_id=variant(product, sku).pk, at=now)

    with django_assert_num_queries(7):
        assert len(wished([mine.pk])) == number


def test_lists_nobody_can_open_any_more_are_forgotten(now: datetime) -> None:
    for customer in (None, UserFactory()):
        wishlist.open_wishlist(token="", customer=customer, at=now - timedelta(days=366))
    wishlist.open_wishlist(token="", customer=None, at=now)

    assert [wishlist.forget_wishlists(now), wishlist.forget_wishlists(now)] == [1, 0]
    assert Wishlist.objects.count() == 2


def test_page_of_a_piece_offers_to_keep_it_without_a_size(client: Client, product: Product) -> None:
    body = client.get("/p/tee/").content.decode()

    assert 'formaction="/wishlist/add/"' in body
    assert settings.COOKIE_PREFIX + "wishlist" not in client.cookies
