"""Store credit by code: whoever has the code pays with it, exactly as somebody who is signed in."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import uuid4

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from notifications.messages import credit_given
from notifications.messages.rendering import render
from notifications.rules.secrecy import without_secrets
from orders.models import Cart, CreditEntry, Order, StoreCredit
from orders.operations.cancelling import cancel_order
from orders.operations.credit import give_credit, issue_code, spend
from orders.operations.merging import merge_bags
from orders.operations.paying_out import execute_refunds
from orders.operations.placing import place_order
from orders.queries.credit import purse_of
from orders.rules.payment import STORE_CREDIT
from orders.views import codes
from shop.models import Event
from shop.queries.audit import breaches
from tests.factories.bags import ANA, filled_bag, ordered, shown_to, voucher
from tests.factories.shop import UserFactory
from tests.orders.test_checkout_page import FILLED, Clock, clock, hidden, press  # noqa: F401
from tests.pages import words

pytestmark = pytest.mark.django_db
OTHER = "rui@example.com"  # whose credit it is; whoever types the code may be anybody


def code_for(minor: int, at: datetime, currency: str = "EUR") -> str:
    give_credit(email=OTHER, amount_minor=minor, currency=currency, reason="Sorry.", key=f"{minor}", by=None, at=at)
    return issue_code(account=StoreCredit.objects.get(email=OTHER, currency=currency), at=at)


def balance() -> int:
    return StoreCredit.objects.get(email=OTHER).balance_minor


def type_code(client: Client, code: str, **changes: object) -> object:
    page = client.get("/checkout/")
    return client.post("/checkout/", FILLED | hidden(page) | {"action": "code", "code": code} | changes)


@pytest.fixture
def guest(client: Client, clock: Clock) -> Client:  # noqa: F811
    """A browser with one mug in the bag (28.90 with delivery)."""
    _cart, token = filled_bag(at=clock.now)
    client.cookies["bag"] = token
    return client


def test_a_code_pays_a_part_and_what_was_typed_stays(guest: Client, clock: Clock) -> None:  # noqa: F811
    code = code_for(1000, clock.now)

    page = type_code(guest, code.lower().replace("-", " "), full_name="Mia Koch")

    said = words(page)
    assert page.status_code == 200  # type: ignore[attr-defined]
    assert "There is €10.00 on the code you typed." in said
    assert "Store credit −€10.00 Still to pay €18.90" in said
    assert 'value="Mia Koch"' in page.content.decode()  # type: ignore[attr-defined]
    assert OTHER not in page.content.decode()  # type: ignore[attr-defined]
    press(guest, page, use_credit="on")
    payment = Order.objects.get().payment
    assert (payment.credit_minor, payment.captured_minor, balance()) == (1000, 2890, 0)
    assert breaches() == []


def test_a_code_that_is_enough_is_the_way_to_pay_and_keeps_the_rest(guest: Client, clock: Clock) -> None:  # noqa: F811
    code = code_for(5000, clock.now)

    page = type_code(guest, code)

    assert "You have €50.00 with us; that is enough for all of it." in words(page)
    assert page.context["form"]["payment"].value() == STORE_CREDIT  # type: ignore[attr-defined]
    press(guest, page, payment=STORE_CREDIT, card_number="", card_expiry="", card_cvc="")
    order = Order.objects.get()
    assert (order.payment.provider, order.payment_status, balance()) == (STORE_CREDIT, "paid", 2110)


def test_a_code_typed_in_the_bag_waits_ticked_at_the_checkout(guest: Client, clock: Clock) -> None:  # noqa: F811
    answer = guest.post("/bag/voucher/", {"code": code_for(1000, clock.now)}, follow=True)

    assert "There is €10.00 on this code." in words(answer)
    assert "There is €10.00 on the code you typed." in words(guest.get("/bag/"))
    assert guest.get("/checkout/").context["form"]["use_credit"].value() is True


def test_a_voucher_is_taken_in_the_same_field(guest: Client, clock: Clock) -> None:  # noqa: F811
    _voucher, code = voucher(at=clock.now)

    page = type_code(guest, code)

    assert "Your voucher “Spring thanks” is in the bag." in words(page)
    assert "Spring thanks −€2.40" in words(page)


@pytest.mark.parametrize("pressed", ["place", "refresh", ""])
def test_a_code_typed_and_forgotten_is_used_before_anything_is_paid(
    guest: Client,
    clock: Clock,  # noqa: F811
    pressed: str,
) -> None:
    """Enter in the field presses the first button of the page, which is another one."""
    page = type_code(guest, code_for(1000, clock.now), action=pressed)

    assert not Order.objects.exists()
    assert "Still to pay €18.90" in words(page)


def test_a_code_can_be_left_out_again(guest: Client, clock: Clock) -> None:  # noqa: F811
    page = type_code(guest, code_for(1000, clock.now))

    left = guest.post("/checkout/", FILLED | hidden(page) | {"action": "no-credit", "use_credit": "on"})

    assert "use_credit" not in left.content.decode()
    assert (Cart.objects.get().credit, balance()) == (None, 1000)


@pytest.mark.parametrize(
    ("which", "status", "said"),
    [
        ("unknown", 422, "We do not know this code. Look at it once more: it has sixteen signs."),
        ("empty", 422, "Type the code of your voucher or your credit, like 7K2M-Q0XR-9D4T-HW3B."),
        ("spent", 409, "Nothing is left on this code: it was spent, or its time has run out."),
        ("foreign", 409, "This code holds USD, and here you pay in another currency."),
    ],
)
def test_a_code_that_does_not_help_is_refused_in_a_sentence(
    guest: Client,
    clock: Clock,  # noqa: F811
    which: str,
    status: int,
    said: str,
) -> None:
    code = {"unknown": "ABCD-EFGH-IJKL-MNOP", "empty": ""}.get(which)
    if code is None:
        code = code_for(1000, clock.now, "USD" if which == "foreign" else "EUR")
    if which == "spent":
        spend(account=StoreCredit.objects.get(), order=ordered(at=clock.now), amount_minor=1000, at=clock.now)

    page = type_code(guest, code, full_name="Mia Koch")

    assert page.status_code == status  # type: ignore[attr-defined]
    assert words(page).count(said) == 2  # above, and beside the field
    assert 'value="Mia Koch"' in page.content.decode()  # type: ignore[attr-defined]
    assert f'value="{code}"' in page.content.decode()  # type: ignore[attr-defined]
    assert not Cart.objects.exclude(credit=None).exists()


@pytest.mark.parametrize("limited", [True, False])
def test_codes_are_not_tried_without_end(
    guest: Client,
    clock: Clock,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    limited: bool,
) -> None:
    """The control: without the limit the right code is taken at once."""
    monkeypatch.setattr(codes, "TRIES_PER_BAG", 1 if limited else 2)
    type_code(guest, "ABCD-EFGH-IJKL-MNOP")

    page = type_code(guest, code_for(1000, clock.now))

    assert page.status_code == (429 if limited else 200)  # type: ignore[attr-defined]
    assert Cart.objects.exclude(credit=None).exists() is not limited


def test_spent_in_another_tab_the_page_says_what_the_code_pays_now(guest: Client, clock: Clock) -> None:  # noqa: F811
    page = type_code(guest, code_for(1000, clock.now))
    spend(account=StoreCredit.objects.get(), order=ordered(at=clock.now), amount_minor=700, at=clock.now)

    answer = press(guest, page, use_credit="on")

    assert answer.status_code == 409  # type: ignore[attr-defined]
    assert "Your store credit would have paid €10.00; it pays €3.00 now." in words(answer)
    assert Order.objects.count() == 1


def test_a_cancelled_order_gives_a_code_its_money_back(now: datetime) -> None:
    code_for(1000, now)
    cart, _token = filled_bag(at=now)
    Cart.objects.filter(pk=cart.pk).update(credit=StoreCredit.objects.get())
    request = replace(ANA, use_credit=True)
    shown = replace(shown_to(cart, request, at=now), credit_minor=1000)
    order = place_order(key=uuid4(), cart_id=cart.pk, request=request, shown=shown, at=now)

    cancel_order(order_id=order.pk, by=None, at=now)
    execute_refunds(now)

    assert balance() == 1000
    assert list(CreditEntry.objects.order_by("id").values_list("kind", flat=True)) == ["issue", "spend", "restore"]
    assert not StoreCredit.objects.filter(email=ANA.email).exists()
    assert breaches() == []


def test_a_code_goes_before_her_own_and_comes_along_when_she_logs_in(
    now: datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    mia = UserFactory(email="mia@example.com")
    give_credit(email=mia.email, amount_minor=9000, currency="EUR", reason="x", key="m", by=None, at=now)
    code_for(1000, now)
    elsewhere, here = filled_bag(at=now)[0], filled_bag(at=now)[0]
    Cart.objects.filter(pk=elsewhere.pk).update(customer=mia, credit=StoreCredit.objects.get(email=OTHER))

    merged = merge_bags(cart_id=here.pk, customer=mia, at=now)

    opened = Cart.objects.get(pk=merged.cart.pk).credit_id  # type: ignore[union-attr]
    with django_assert_num_queries(1):
        assert purse_of(mia, currency="EUR", opened_id=opened).balance_minor == 1000  # type: ignore[union-attr]
    with django_assert_num_queries(0):
        assert purse_of(None, currency="EUR", opened_id=None) is None
    assert purse_of(mia, currency="EUR", opened_id=None).balance_minor == 9000  # type: ignore[union-attr]


@pytest.mark.parametrize("has_account", [False, True])
def test_the_letter_names_a_code_to_whoever_has_no_account(now: datetime, has_account: bool) -> None:
    if has_account:
        UserFactory(email=OTHER)
    give_credit(email=OTHER, amount_minor=500, currency="EUR", reason="Sorry.", key="k", by=None, at=now)
    entry = credit_given.find(Event.objects.get(name="orders.credit.given"))

    said = credit_given.context(entry, now)

    letter = render(credit_given.KIND, said)
    assert entry.account.codes.count() == (0 if has_account else 1)
    if has_account:
        assert said.credit_code == ""
        assert "sign in with this address" in letter.text
        return
    assert (said.credit_code in letter.text, said.credit_code in letter.html) == (True, True)
    assert said.credit_code not in without_secrets(letter.text) + without_secrets(letter.html)
    assert not StoreCredit.objects.filter(codes__code_hash=said.credit_code).exists()
