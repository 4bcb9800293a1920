"""What else the bag can do: wait, be merged, say what changed, ask kindly about two sizes, send in two parcels."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.test import Client

from orders.models import Cart, CartLine
from orders.operations import basket, vouchers
from orders.operations.merging import merge_bags
from orders.queries.bag import bag_lines, bag_of, saved_lines
from shop.models import StockReservation, User
from shop.operations import stock
from tests.accounts import sign_in
from tests.breaches import sql
from tests.factories.bags import filled_bag, ordered, voucher
from tests.factories.catalogue import tee
from tests.factories.orders import service_level
from tests.factories.shop import UserFactory, VariantFactory
from tests.pages import words

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _monday(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)


def pieces(cart: Cart | None) -> dict[int, int]:
    assert cart is not None
    return {line.variant.pk: line.quantity for line in bag_lines(cart)}


# -- Saved for later ------------------------------------------------------------------------------------------------


def test_a_line_waits_below_the_bag_and_comes_back_at_the_price_of_today(client: Client, now: datetime) -> None:
    variant = VariantFactory()
    cart, client.cookies["bag"] = filled_bag((variant, 2), (VariantFactory(), 1), at=now)
    line = cart.lines.order_by("id")[0]

    client.post(f"/bag/lines/{line.pk}/", {"later": "1"})

    assert (len(bag_lines(cart)), [one.quantity for one in saved_lines(cart)]) == (1, [2])
    variant.price_minor = 2600
    variant.save()
    page = words(client.get("/bag/"))
    assert "Saved for later" in page
    assert "It cost €24.00 when you put it aside; it costs €26.00 now." in page
    client.post(f"/bag/lines/{line.pk}/", {"back": "1"})
    line.refresh_from_db()
    assert (line.saved_at, line.shown_price_minor, pieces(cart)[variant.pk]) == (None, 2600, 2)


def test_what_is_saved_is_not_ordered_and_survives_the_order(client: Client, now: datetime) -> None:
    kept, bought = VariantFactory(), VariantFactory()
    cart, client.cookies["bag"] = filled_bag((kept, 1), (bought, 1), at=now)
    line = cart.lines.get(variant=kept)
    basket.save_for_later(cart_id=cart.pk, line_id=line.pk, at=now)
    order = ordered(at=now)  # any order; the bag's own is made of it below
    order.cart = cart
    order.save()

    assert "Saved for later" in words(client.get("/bag/"))
    answer = client.post(f"/bag/lines/{line.pk}/", {"back": "1"})

    new = Cart.objects.order_by("-id")[0]
    assert (answer.status_code, new.pk != cart.pk, pieces(new)) == (302, True, {kept.pk: 1})
    assert bag_of(answer.cookies["bag"].value, at=now) == new


def test_what_is_gone_meanwhile_stays_saved(client: Client, now: datetime) -> None:
    variant = VariantFactory(stock=2)
    cart, client.cookies["bag"] = filled_bag((variant, 2), at=now)
    line = cart.lines.get()
    basket.save_for_later(cart_id=cart.pk, line_id=line.pk, at=now)
    stock.allocate(wanted=[stock.Wanted(variant.pk, 1, "k")], order_number="KP-1", at=now)

    answer = client.post(f"/bag/lines/{line.pk}/", {"back": "1"})

    line.refresh_from_db()
    assert (answer.status_code, line.saved_at) == (409, now)


def test_a_stranger_cannot_move_anybodys_line(client: Client, now: datetime) -> None:
    hers, _token = filled_bag(at=now)
    _his, client.cookies["bag"] = filled_bag(at=now)
    line = hers.lines.get()

    for button in ("later", "back"):
        assert client.post(f"/bag/lines/{line.pk}/", {button: "1"}).status_code == 404
    line.refresh_from_db()
    assert (line.cart_id, line.saved_at) == (hers.pk, None)


# -- Merging at login -----------------------------------------------------------------------------------------------


@pytest.fixture
def ana() -> User:
    user: User = UserFactory(email="ana@example.com")
    return user


def test_two_bags_become_one_and_nothing_is_doubled(ana: User, now: datetime) -> None:
    mug, bowl, plate = VariantFactory(), VariantFactory(), VariantFactory()
    old, _token = filled_bag((mug, 2), (bowl, 1), at=now - timedelta(days=3))
    merge_bags(cart_id=old.pk, customer=ana, at=now - timedelta(days=3))
    _row, code = voucher(at=now)
    vouchers.add_voucher(cart_id=old.pk, code=code, at=now)
    basket.wrap_as_gift(cart_id=old.pk, wrap=True, message="Hello", hide_prices=False, at=now)
    here, token = filled_bag((mug, 1), (plate, 1), at=now)

    found = merge_bags(cart_id=here.pk, customer=ana, at=now)

    assert (found.cart, found.brought) == (here, 1)
    assert pieces(found.cart) == {mug.pk: 2, plate.pk: 1, bowl.pk: 1}
    here.refresh_from_db()
    assert (here.customer, here.gift_message, here.cart_vouchers.count()) == (ana, "Hello", 1)
    assert (Cart.objects.count(), bag_of(token, at=now)) == (1, here)
    assert merge_bags(cart_id=here.pk, customer=ana, at=now).brought == 0


def test_signing_in_brings_the_bags_together(client: Client, now: datetime) -> None:
    ana, elsewhere, here = UserFactory(secret=True), VariantFactory(), VariantFactory()
    cart, _token = filled_bag((elsewhere, 2), at=now)
    merge_bags(cart_id=cart.pk, customer=ana, at=now)
    device, client.cookies["bag"] = filled_bag((here, 1), at=now)

    sign_in(client, ana.email)

    device.refresh_from_db()
    assert (device.customer, pieces(device)) == (ana, {here.pk: 1, elsewhere.pk: 2})
    assert Cart.objects.count() == 1
    assert here.product.name in words(client.get("/bag/"))


def test_on_a_new_device_she_finds_the_bag_she_filled_elsewhere(client: Client, ana: User, now: datetime) -> None:
    mug = VariantFactory()
    cart, _token = filled_bag((mug, 2), at=now)
    merge_bags(cart_id=cart.pk, customer=ana, at=now)
    client.force_login(ana)

    assert merge_bags(cart_id=None, customer=ana, at=now).cart == cart
    assert mug.product.name in words(client.get("/bag/"))
    client.post("/bag/add/", {"variant": mug.pk, "quantity": 1})
    assert pieces(cart) == {mug.pk: 3}
    client.logout()
    assert "Your bag is empty" in words(client.get("/bag/"))


def test_the_bag_of_another_customer_on_this_device_is_left_alone(ana: User, now: datetime) -> None:
    ruis, token = filled_bag(at=now)
    rui = UserFactory(email="rui@example.com")
    merge_bags(cart_id=ruis.pk, customer=rui, at=now)

    found = merge_bags(cart_id=ruis.pk, customer=ana, at=now)

    ruis.refresh_from_db()
    assert (found.cart, ruis.customer) == (None, rui)
    assert bag_of(token, at=now, customer=ana) is None
    assert bag_of(token, at=now, customer=rui) == ruis


def test_a_bag_that_became_an_order_is_not_merged(ana: User, now: datetime) -> None:
    order = ordered(at=now)

    assert merge_bags(cart_id=order.cart_id, customer=ana, at=now).cart is None


def test_pieces_held_for_the_two_bags_are_let_go(ana: User, now: datetime) -> None:
    mug = VariantFactory()
    for age in (1, 0):
        cart, _token = filled_bag((mug, 1), at=now)
        stock.reserve(wanted=[stock.Wanted(mug.pk, 1, "")], holder=f"orders.cart:{cart.pk}")
        if age:
            merge_bags(cart_id=cart.pk, customer=ana, at=now)

    merge_bags(cart_id=cart.pk, customer=ana, at=now)

    assert not StockReservation.objects.exists()


# -- Thirty days ----------------------------------------------------------------------------------------------------


def test_a_bag_lives_thirty_days_from_the_last_touch(now: datetime) -> None:
    cart, token = filled_bag(at=now)

    assert bag_of(token, at=now + timedelta(days=29, hours=23)) == cart
    assert bag_of(token, at=now + timedelta(days=30)) is None


# -- Said aloud -----------------------------------------------------------------------------------------------------


def test_two_sizes_of_one_thing_are_asked_about_kindly(client: Client, now: datetime) -> None:
    service_level()
    product = tee()
    for variant in product.variants.filter(sku__startswith="tee-sage").order_by("position"):
        client.post("/bag/add/", {"variant": variant.pk, "quantity": 1})

    page = words(client.get("/bag/"))

    assert "Everyday tee is in your bag in S and in M. Unsure which one fits?" in page


def test_two_parcels_are_offered_only_when_something_is_ready_first(client: Client, now: datetime) -> None:
    cart, client.cookies["bag"] = filled_bag((VariantFactory(), 1), at=now)
    assert "When shall we send it?" not in words(client.get("/bag/"))
    made = VariantFactory(making_days=5)
    basket.put_in_bag(cart_id=cart.pk, variant_id=made.pk, quantity=1, at=now)

    page = words(client.post("/bag/sending/", {"sending": "as_ready"}, follow=True))

    assert "As it is ready, in two parcels Thu 5 – Fri 6 March, the rest Thu 12 – Fri 13 March" in page
    assert "The first parcel arrives Thu 5 – Fri 6 March." in page
    assert "The first parcel: Thu 5 – Fri 6 March" in words(client.get("/checkout/"))
    odd = client.post("/bag/sending/", {"sending": "never"})
    assert (odd.status_code, Cart.objects.get().sending) == (422, "as_ready")


# -- Held at the checkout -------------------------------------------------------------------------------------------


def test_the_checkout_holds_the_pieces_and_says_until_when(client: Client, now: datetime) -> None:
    variant = VariantFactory(stock=2)
    _cart, client.cookies["bag"] = filled_bag((variant, 2), at=now)
    _other, rui = filled_bag(at=now)

    assert client.post("/checkout/", {"action": "start"})["Location"] == "/checkout/"
    assert "Held for you until" in words(client.get("/checkout/"))
    his = Client()
    his.cookies["bag"] = rui
    answer = his.post("/bag/add/", {"variant": variant.pk, "quantity": 1})
    assert (answer.status_code, "is sold out" in words(answer)) == (409, True)


def test_what_another_checkout_holds_is_said_with_the_time_it_may_be_free(client: Client, now: datetime) -> None:
    variant = VariantFactory(stock=1)
    _cart, client.cookies["bag"] = filled_bag((variant, 1), at=now)
    stock.reserve(wanted=[stock.Wanted(variant.pk, 1, "")], holder="rui")

    answer = client.post("/checkout/", {"action": "start"})

    assert answer.status_code == 409
    assert "is in somebody else's checkout; try again at" in words(answer)
    sql("UPDATE shop_stockreservation SET expires_at = now()")
    assert client.post("/checkout/", {"action": "start"}).status_code == 302


def test_a_bag_that_changes_lets_go_of_what_was_held(client: Client, now: datetime) -> None:
    cart, client.cookies["bag"] = filled_bag(at=now)
    client.post("/checkout/", {"action": "start"})
    assert StockReservation.objects.count() == 1

    client.post(f"/bag/lines/{CartLine.objects.get(cart=cart).pk}/", {"quantity": 2})

    assert StockReservation.objects.count() == 0


def test_nobody_is_held_up_who_starts_too_often(client: Client, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orders.views.checkout.HOLDS_PER_VISITOR", 1)
    _cart, client.cookies["bag"] = filled_bag(at=now)

    answers = [client.post("/checkout/", {"action": "start"}).status_code for _time in range(2)]

    assert answers == [302, 302]
