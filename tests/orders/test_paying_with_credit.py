"""Paying with store credit: all of it or a part, guarded by what the page showed, given back when it is let go."""

from __future__ import annotations

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from orders.models import Cart, CreditEntry, Order, Payment, StoreCredit
from orders.operations.cancelling import cancel_order
from orders.operations.credit import TooGenerous, give_credit, give_gift, issue_code, open_credit
from orders.operations.paying_out import execute_refunds
from orders.operations.placing import place_order
from orders.operations.preparing import ChangedSinceShown
from orders.operations.unpaid import watch_payments
from orders.rules.payment import STORE_CREDIT, split
from shop.models import Event, StockLevel, User, Variant
from shop.queries.audit import breaches
from tests.factories.bags import ANA, filled_bag, shown_to
from tests.factories.shop import StaffFactory, UserFactory, VariantFactory
from tests.orders.test_checkout_page import Clock, clock, hidden, press  # noqa: F401
from tests.pages import words

MAIL = "ana@example.com"


def credit_of(minor: int, at: datetime, email: str = MAIL) -> None:
    give_credit(
        email=email, amount_minor=minor, currency="EUR", reason="Sorry.", key=f"{email}:{minor}", by=None, at=at
    )


def balance(email: str = MAIL) -> int:
    return StoreCredit.objects.get(email=email).balance_minor


def bought(
    ana: User | None,
    at: datetime,
    *,
    shown_credit: int,
    piece: Variant | None = None,
    pieces: int = 1,
    **wanted: object,
) -> Order:
    """An order of one mug (28.90 with delivery) unless told, placed by somebody the page offered so much credit."""
    cart, _token = filled_bag(*([(piece, pieces)] if piece else []), at=at)
    request = replace(ANA, use_credit=True, **wanted)  # type: ignore[arg-type]
    shown = replace(shown_to(cart, request, at=at), credit_minor=shown_credit)
    return place_order(key=uuid4(), cart_id=cart.pk, request=request, shown=shown, customer=ana, at=at)


@given(total=st.integers(0, 10**7), there=st.integers(0, 10**7), provider=st.sampled_from(["stripe", STORE_CREDIT]))
def test_credit_and_the_rest_are_the_whole_and_nothing_is_below_nothing(total: int, there: int, provider: str) -> None:
    paid = split(total_minor=total, balance_minor=there, provider=provider)

    assert paid.credit_minor + paid.outside_minor == total
    assert 0 <= paid.credit_minor <= there
    assert paid.outside_minor >= 0
    assert paid.provider == (STORE_CREDIT if total and there >= total else provider)
    assert paid.provider != "stripe" or paid.outside_minor >= min(total, 50)


def test_a_card_is_asked_for_no_less_than_it_takes_and_the_rest_of_the_credit_stays() -> None:
    def paid(there: int, provider: str) -> tuple[int, int]:
        found = split(total_minor=2890, balance_minor=there, provider=provider)
        return found.credit_minor, found.outside_minor

    assert [paid(there, "stripe") for there in (2840, 2841, 2889, 2890)] == [
        (2840, 50),
        (2840, 50),
        (2840, 50),
        (2890, 0),
    ]
    assert paid(2889, "bank_transfer") == (2889, 1)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("there", "provider", "credit", "open_minor", "state", "left"),
    [
        (1000, "test_card", 1000, 0, "paid", 0),
        (1000, "bank_transfer", 1000, 1890, "pending", 0),
        (1000, "cash_on_delivery", 1000, 1890, "on_delivery", 0),
        (5000, "bank_transfer", 2890, 0, "paid", 2110),
        (2890, "test_card", 2890, 0, "paid", 0),
    ],
)
def test_credit_pays_what_it_reaches_and_the_rest_goes_the_chosen_way(
    now: datetime, there: int, provider: str, credit: int, open_minor: int, state: str, left: int
) -> None:
    credit_of(there, now)

    order = bought(UserFactory(email=MAIL), now, shown_credit=credit, provider=provider)

    payment = Payment.objects.get(order=order)
    assert (payment.credit_minor, payment.open_minor, order.payment_status) == (credit, open_minor, state)
    assert payment.provider == (STORE_CREDIT if credit == order.total_minor else provider)
    assert balance() == left
    assert breaches() == []


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["guest", "unproved", "stranger"])
def test_nobody_spends_the_credit_of_an_address_she_only_typed(now: datetime, who: str) -> None:
    credit_of(1000, now)
    person = {
        "guest": lambda: None,
        "unproved": lambda: UserFactory(email=MAIL, proved=False),
        "stranger": lambda: UserFactory(email="rui@example.com"),
    }[who]()

    with pytest.raises(ChangedSinceShown):
        bought(person, now, shown_credit=1000)  # typed: ana@example.com
    bought(person, now, shown_credit=0)

    assert balance() == 1000
    assert not CreditEntry.objects.filter(kind="spend").exists()


@pytest.mark.django_db
def test_what_is_no_longer_there_is_said_before_anything_is_paid(now: datetime) -> None:
    ana = UserFactory(email=MAIL)
    credit_of(1000, now)
    bought(ana, now, shown_credit=1000)
    credit_of(400, now)

    with pytest.raises(ChangedSinceShown) as changed:
        bought(ana, now, shown_credit=1000)

    assert changed.value.change.credit_minor == (1000, 400)
    assert (Order.objects.count(), balance()) == (1, 400)


@pytest.mark.django_db
def test_credit_that_grew_is_said_too(now: datetime) -> None:
    credit_of(1000, now)

    with pytest.raises(ChangedSinceShown):
        bought(UserFactory(email=MAIL), now, shown_credit=500)


@pytest.mark.django_db
def test_a_declined_card_gives_the_credit_back_once(client: Client, clock: Clock) -> None:  # noqa: F811
    ana = UserFactory(email=MAIL)
    credit_of(1000, clock.now)
    client.force_login(ana)
    _cart, token = filled_bag(at=clock.now)
    client.cookies["bag"] = token

    answer = press(client, use_credit="on", card_number="4000 0000 0000 0002")

    assert answer.status_code == 402  # type: ignore[attr-defined]
    assert balance() == 1000
    kinds = CreditEntry.objects.order_by("id").values_list("kind", "amount_minor")
    assert list(kinds) == [("issue", 1000), ("spend", -1000), ("restore", 1000)]
    assert breaches() == []


@pytest.mark.django_db
def test_cancelled_each_sum_goes_back_where_it_came_from(now: datetime) -> None:
    credit_of(1000, now)
    order = bought(UserFactory(email=MAIL), now, shown_credit=1000)

    cancel_order(order_id=order.pk, by=None, at=now)
    execute_refunds(now)

    payment = Payment.objects.get(order=order)
    assert (balance(), payment.refunded_minor, payment.captured_minor) == (1000, 2890, 2890)
    assert list(payment.events.filter(kind="refund", phase="succeeded").order_by("means").values_list(
        "means", "amount_minor"
    )) == [("provider", 1890), ("store_credit", 1000)]  # fmt: skip
    assert breaches() == []


@pytest.mark.django_db
def test_a_transfer_that_never_comes_gives_the_credit_back(now: datetime) -> None:
    credit_of(1000, now)
    order = bought(UserFactory(email=MAIL), now, shown_credit=1000, provider="bank_transfer")

    watch_payments(now + timedelta(days=60))
    execute_refunds(now + timedelta(days=60))

    order.refresh_from_db()
    assert (order.status, balance()) == ("cancelled", 1000)
    assert breaches() == []


@pytest.mark.django_db
def test_the_checkout_offers_a_part_and_says_what_is_left(client: Client, clock: Clock) -> None:  # noqa: F811
    client.force_login(UserFactory(email=MAIL))
    credit_of(1000, clock.now)
    _cart, token = filled_bag(at=clock.now)
    client.cookies["bag"] = token
    page = client.get("/checkout/")

    said = words(page)
    assert "Use my store credit: €10.00" in said
    assert "Store credit −€10.00 Still to pay €18.90" in said
    assert "Pay €18.90" in said

    thanks = client.get(press(client, page, use_credit="on", payment="cash_on_delivery")["Location"])  # type: ignore[index]

    assert "You pay €18.90 to the courier." in words(thanks)
    assert "Paid with store credit −€10.00" in words(thanks)


@pytest.mark.django_db
def test_credit_that_is_enough_is_a_way_to_pay(client: Client, clock: Clock) -> None:  # noqa: F811
    client.force_login(UserFactory(email=MAIL))
    credit_of(5000, clock.now)
    _cart, token = filled_bag(at=clock.now)
    client.cookies["bag"] = token
    page = client.get("/checkout/")
    assert "You have €50.00 with us; that is enough for all of it." in words(page)
    assert 'name="use_credit"' not in page.content.decode()

    press(client, page, payment=STORE_CREDIT, card_number="", card_expiry="", card_cvc="")

    order = Order.objects.get()
    assert (order.payment.provider, order.payment_status, balance()) == (STORE_CREDIT, "paid", 2110)


@pytest.mark.django_db
def test_spent_in_another_tab_the_page_says_what_it_pays_now(client: Client, clock: Clock) -> None:  # noqa: F811
    ana = UserFactory(email=MAIL)
    client.force_login(ana)
    credit_of(1000, clock.now)
    _cart, token = filled_bag(at=clock.now)
    client.cookies["bag"] = token
    page = client.get("/checkout/")
    bought(ana, clock.now, shown_credit=1000)

    answer = press(client, page, use_credit="on")

    assert answer.status_code == 409  # type: ignore[attr-defined]
    assert "Your store credit would have paid €10.00; it pays €0.00 now." in words(answer)
    assert Order.objects.count() == 1


@pytest.mark.django_db
def test_a_guest_sees_nothing_of_it(client: Client, clock: Clock) -> None:  # noqa: F811
    credit_of(5000, clock.now)
    _cart, token = filled_bag(at=clock.now)
    client.cookies["bag"] = token

    html = client.get("/checkout/").content.decode()

    assert "store_credit" not in html
    assert "use_credit" not in html
    answer = press(client, payment=STORE_CREDIT)
    assert "We do not offer that way to pay." in words(answer)


@pytest.mark.django_db
def test_the_account_shows_hers_and_nobody_elses(client: Client, now: datetime) -> None:
    ana = UserFactory(email=MAIL)
    credit_of(1000, now)
    credit_of(7700, now, "rui@example.com")
    order = bought(ana, now, shown_credit=1000)
    client.force_login(ana)

    said = words(client.get("/account/credit/"))

    assert "You have €0.00 to spend." in said
    assert f"Spent {order.number}" in said
    assert "77.00" not in said


@pytest.mark.django_db
def test_a_gift_is_given_once_told_and_not_above_what_one_person_may(now: datetime) -> None:
    by = StaffFactory()
    order = bought(UserFactory(email=MAIL), now, shown_credit=0)

    def gift(minor: int, key: str) -> None:
        give_gift(order_id=order.pk, amount_minor=minor, reason="Sorry.", key=key, by=by, at=now)

    for _ in range(2):
        gift(15_000, "a")
    with pytest.raises(TooGenerous):
        gift(5_001, "b")
    gift(5_000, "c")

    assert balance() == 20_000
    assert Event.objects.filter(name="orders.credit.given").count() == 2


def opened_by_a_code(bags: list[Cart], at: datetime) -> None:
    code = issue_code(account=StoreCredit.objects.get(), at=at)
    for bag in bags:
        open_credit(cart_id=bag.pk, code=code, at=at)


@pytest.mark.faults
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("guarded", [True, False])
@pytest.mark.parametrize("by_code", [False, True])
def test_eight_orders_at_once_spend_no_more_than_there_is(
    now: datetime, monkeypatch: pytest.MonkeyPatch, guarded: bool, by_code: bool
) -> None:
    """T06 at the till, hers or a guest's code.  The control: the guard is left out, and each of them spends it."""
    ana = None if by_code else UserFactory(email=MAIL)
    variant = VariantFactory(stock=20)
    bags = [filled_bag((variant, 1), at=now)[0] for _ in range(8)]
    request = replace(ANA, use_credit=True)
    shown = replace(shown_to(bags[0], request, at=now), credit_minor=1000)
    credit_of(1000, now)
    if by_code:
        opened_by_a_code(bags, now)
    looked = threading.Barrier(8)
    from orders.operations import preparing

    kept = preparing.purse_of

    def waits(*args: object, **more: object) -> StoreCredit | None:
        found = kept(*args, **more)  # type: ignore[arg-type]
        looked.wait(timeout=20)
        return found

    def careless(*, account: StoreCredit, order: Order, amount_minor: int, at: datetime) -> None:
        CreditEntry.objects.create(
            account=account, kind="spend", amount_minor=-amount_minor, key=f"order:{order.pk}", order=order,
            happened_at=at,
        )  # fmt: skip

    monkeypatch.setattr(preparing, "purse_of", waits)
    if not guarded:
        monkeypatch.setattr(preparing, "spend", careless)

    def order_it(number: int) -> str:
        try:
            place_order(key=uuid4(), cart_id=bags[number].pk, request=request, shown=shown, customer=ana, at=now)
        except ChangedSinceShown as changed:
            return f"told {changed.change.credit_minor}"
        finally:
            connection.close()
        return "ordered"

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(order_it, range(8)))

    spent = sum(entry.amount_minor for entry in CreditEntry.objects.filter(kind="spend"))
    assert found.count("ordered") == (1 if guarded else 8)
    assert spent == (-1000 if guarded else -8000)
    assert StockLevel.objects.get(variant=variant).allocated == (1 if guarded else 8)
    if guarded:
        assert set(found) == {"ordered", "told (1000, 0)"}
        assert breaches() == []


@pytest.mark.django_db
def test_the_thanks_name_what_is_left_to_transfer(now: datetime) -> None:
    from notifications.messages import order_placed

    credit_of(1000, now)
    order = bought(UserFactory(email=MAIL), now, shown_credit=1000, provider="bank_transfer")

    said = order_placed.context(Order.objects.select_related("payment", "service").get(pk=order.pk), now)

    assert (said.total, said.credit, said.to_pay) == ("€28.90", "€10.00", "€18.90")
    assert re.search("transfer", said.paid_by)
