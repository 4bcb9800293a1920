"""The bag: what goes in, what is said aloud, and what a stranger cannot do."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from orders.models import Cart, CartLine, Order, OrderDraft
from orders.operations import basket
from orders.queries.bag import bag_lines, bag_of, count_pieces
from shop.models import Variant
from tests.factories.bags import filled_bag, ordered
from tests.factories.orders import service_level
from tests.factories.shop import VariantFactory
from tests.pages import words

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _monday(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)


@pytest.fixture
def ana(client: Client, now: datetime) -> tuple[Client, Cart, Variant]:
    """Ana's browser with two mugs in the bag."""
    variant = VariantFactory()
    cart, token = filled_bag((variant, 2), at=now)
    client.cookies["bag"] = token
    return client, cart, variant


def test_adding_opens_a_bag_with_a_safe_cookie(client: Client) -> None:
    service_level()
    variant = VariantFactory()

    response = client.post("/bag/add/", {"variant": variant.pk, "quantity": 2})

    assert (response.status_code, response["Location"]) == (302, "/bag/")
    cookie = response.cookies["bag"]
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Lax", 30 * 24 * 3600)
    assert Cart.objects.get().token_hash != cookie.value
    assert CartLine.objects.values_list("variant", "quantity", "shown_price_minor").get() == (variant.pk, 2, 2400)
    page = client.get("/bag/").content.decode()
    assert variant.product.name in page
    assert "€48.00" in page
    assert "Thu 5 – Fri 6 March" in page


def test_adding_again_counts_together(ana: tuple[Client, Cart, Variant]) -> None:
    client, cart, variant = ana

    client.post("/bag/add/", {"variant": variant.pk, "quantity": 3})

    assert [(line.variant.pk, line.quantity) for line in bag_lines(cart)] == [(variant.pk, 5)]


def test_the_cookie_is_secure_on_https(client: Client, settings: object) -> None:
    settings.HTTPS = True  # type: ignore[attr-defined]
    variant = VariantFactory()

    assert client.post("/bag/add/", {"variant": variant.pk, "quantity": 1}).cookies["bag"]["secure"] is True


@pytest.mark.parametrize(
    ("quantity", "status", "sentence"),
    [
        ("0", 422, "from 1 to 20"),
        ("-1", 422, "from 1 to 20"),
        ("many", 422, "from 1 to 20"),
        ("", 422, "from 1 to 20"),
        ("9" * 40, 422, "from 1 to 20"),
        ("21", 422, "One bag holds up to 20 of each piece"),
        ("6", 409, "are left. Your bag is as it was"),
    ],
)
def test_a_quantity_nobody_can_have_is_refused(client: Client, quantity: str, status: int, sentence: str) -> None:
    variant = VariantFactory(stock=5)

    response = client.post("/bag/add/", {"variant": variant.pk, "quantity": quantity})

    assert response.status_code == status
    assert sentence in response.content.decode()
    assert CartLine.objects.count() == 0


@pytest.mark.parametrize("variant", ["", "nonsense", "0", "999999999", "9" * 30])
def test_an_unknown_size_is_refused(client: Client, variant: str) -> None:
    response = client.post("/bag/add/", {"variant": variant, "quantity": 1})

    assert response.status_code == 422
    assert "error-summary" in response.content.decode()
    assert CartLine.objects.count() == 0
    assert not Cart.objects.exists()


def test_a_missing_size_leads_back_to_the_product(client: Client) -> None:
    variant = VariantFactory()

    response = client.post("/bag/add/", {"quantity": 1, "product": variant.product.slug})

    assert response["Location"] == f"{variant.product.get_absolute_url()}?problem=size"


def test_hidden_and_inactive_pieces_are_not_sold(client: Client) -> None:
    hidden, inactive = VariantFactory(product__published=False), VariantFactory(active=False)

    for variant in (hidden, inactive):
        response = client.post("/bag/add/", {"variant": variant.pk, "quantity": 1})
        assert response.status_code == 422
        assert "no longer on sale" in response.content.decode()
    assert CartLine.objects.count() == 0


def test_a_line_changes_goes_and_comes_back(ana: tuple[Client, Cart, Variant]) -> None:
    client, cart, variant = ana
    line = CartLine.objects.get()

    client.post(f"/bag/lines/{line.pk}/", {"quantity": "7"})
    assert CartLine.objects.get().quantity == 7
    response = client.post(f"/bag/lines/{line.pk}/", {"quantity": "7", "remove": "1"})
    assert CartLine.objects.count() == 0
    page = client.get(response["Location"]).content.decode()
    assert "is out of your bag" in page
    assert "Put it back" in page
    client.post("/bag/add/", {"variant": variant.pk, "quantity": 7})

    assert [(line.variant.pk, line.quantity) for line in bag_lines(cart)] == [(variant.pk, 7)]


def test_nought_takes_a_line_out(ana: tuple[Client, Cart, Variant]) -> None:
    client, _cart, _variant = ana

    client.post(f"/bag/lines/{CartLine.objects.get().pk}/", {"quantity": "0"})

    assert CartLine.objects.count() == 0


def test_a_quantity_beyond_the_shelf_changes_nothing(ana: tuple[Client, Cart, Variant]) -> None:
    client, _cart, variant = ana
    VariantFactory(product=variant.product, stock=1)
    line = CartLine.objects.get()

    response = client.post(f"/bag/lines/{line.pk}/", {"quantity": "25"})

    assert response.status_code == 422
    line.refresh_from_db()
    assert line.quantity == 2


def test_a_stranger_reaches_no_line(ana: tuple[Client, Cart, Variant], now: datetime) -> None:
    line = CartLine.objects.get()
    stranger = Client()
    _cart, token = filled_bag((VariantFactory(), 1), at=now)
    for cookie in ("", "forged", token):
        stranger.cookies["bag"] = cookie
        for data in ({"quantity": "9"}, {"remove": "1"}):
            assert stranger.post(f"/bag/lines/{line.pk}/", data).status_code == 404

    line.refresh_from_db()
    assert line.quantity == 2


def test_a_get_changes_nothing(ana: tuple[Client, Cart, Variant]) -> None:
    client, _cart, variant = ana

    assert client.get("/bag/add/", {"variant": variant.pk, "quantity": 1}).status_code == 405
    assert client.get(f"/bag/lines/{CartLine.objects.get().pk}/", {"remove": 1}).status_code == 405
    assert client.get("/bag/", {"removed": "7'; DROP", "quantity": "x"}).status_code == 200
    assert CartLine.objects.get().quantity == 2


def test_changes_since_the_last_visit_are_said_aloud(ana: tuple[Client, Cart, Variant]) -> None:
    client, _cart, variant = ana
    Variant.objects.filter(pk=variant.pk).update(price_minor=2600)
    variant.stock.update(allocated=19)

    page = words(client.get("/bag/"))

    assert "cost €24.00 when you put it in; it costs €26.00 now." in page
    assert f"Only 1 of {variant.product.name} (Sage) are left, and your bag has 2." in page
    assert "Check out" not in page


def test_an_empty_bag_says_what_to_do(client: Client) -> None:
    page = client.get("/bag/").content.decode()

    assert "Your bag is empty" in page
    assert "Look around" in page


def test_a_bag_lives_thirty_days(now: datetime) -> None:
    _cart, token = filled_bag(at=now)

    assert bag_of(token, at=now + timedelta(days=29)) is not None
    assert bag_of(token, at=now + timedelta(days=31)) is None
    assert count_pieces(token, at=now + timedelta(days=31)) == 0


def test_a_bag_that_became_an_order_is_closed(now: datetime) -> None:
    order = ordered(at=now)

    with pytest.raises(basket.BagClosed):
        basket.put_in_bag(cart_id=order.cart_id, variant_id=VariantFactory().pk, quantity=1, at=now)


def test_the_header_counts_pieces_only_with_a_bag(ana: tuple[Client, Cart, Variant]) -> None:
    client, _cart, _variant = ana

    assert "Bag 2 pieces" in words(client.get("/bag/"))
    assert 'class="count"' not in Client().get("/bag/").content.decode()


@pytest.mark.parametrize("lines", [1, 3])
def test_the_page_costs_the_same_for_one_and_three_lines(
    client: Client, now: datetime, lines: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    _cart, token = filled_bag(*((VariantFactory(), 1) for _ in range(lines)), at=now)
    client.cookies["bag"] = token
    client.get("/bag/")

    with django_assert_num_queries(13):
        client.get("/bag/")


def test_lines_that_arrive_on_other_days_say_so(client: Client, now: datetime) -> None:
    _cart, token = filled_bag((VariantFactory(), 1), (VariantFactory(making_days=5), 1), at=now)
    client.cookies["bag"] = token

    page = words(client.get("/bag/"))

    assert "Alone it would arrive Thu 5 – Fri 6 March." in page
    assert "We send everything together, when the last piece is ready." in page


def test_bags_nobody_used_for_a_month_are_forgotten(now: datetime) -> None:
    forgotten, spent, paying, held, kept = (filled_bag(at=now - timedelta(days=31))[0] for _ in range(5))
    orders = {cart: ordered(at=now) for cart in (spent, paying)}
    for cart, order in orders.items():
        Order.objects.filter(pk=order.pk).update(cart=cart, status="placing" if cart is paying else "placed")
    OrderDraft.objects.create(cart=held, expires_at=now, made_at=now)
    basket.put_in_bag(cart_id=kept.pk, variant_id=VariantFactory().pk, quantity=1, at=now)
    used_today = Cart.objects.filter(touched_at=now).exclude(pk=kept.pk)

    assert [basket.forget_bags(now), basket.forget_bags(now)] == [2, 0]

    left = set(Cart.objects.exclude(pk__in=used_today))
    assert left == {paying, held, kept}
    assert not CartLine.objects.filter(cart__in=[forgotten.pk, spent.pk]).exists()
    assert Order.objects.filter(cart=None).get() == orders[spent]
