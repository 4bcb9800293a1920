"""Who holds a link sees the order; to change it she types the code that was mailed to her.  Source: S1."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from orders.models import Order, OrderChange
from orders.operations import proving
from orders.operations.access import issue_link, own_link
from orders.operations.changing import offer_change
from orders.views.proof import CODE_COOKIE, PROOF_COOKIE
from returns.models import ReturnCase
from shop.models import AccountLetter
from tests.accounts import newest_code, newest_letter
from tests.factories.bags import filled_bag, ordered
from tests.factories.returns import delivered_order
from tests.factories.shop import StaffFactory, UserFactory
from tests.orders.test_changing import sizes, stage
from tests.owners import know
from tests.pages import words

pytestmark = pytest.mark.django_db

ASKED = "to the address you ordered with"


@pytest.fixture
def order(now: datetime) -> Order:
    return ordered((sizes(1000)[0], 1), at=now)


@pytest.fixture
def link(order: Order) -> str:
    return f"/orders/{issue_link(order=order, at=timezone.now())}/"


def fields(page: Any) -> dict[str, str]:
    """Every hidden field of the first form that leads to the question."""
    form = re.search(r'action="[^"]*/code/".*?</form>', page.text, re.S)
    assert form
    found = re.findall(r'type="hidden" name="([^"]*)" value="([^"]*)"', form[0])
    return {name: unescape(value) for name, value in found if name != "csrfmiddlewaretoken"}


def with_code(client: Client, link: str, page: Any, code: str = "") -> Any:
    """Ask for a code on the page of the question, and type the one that was mailed, or another one."""
    asked = client.post(f"{link}code/", fields(page) | {"proof_step": "send"})
    return client.post(f"{link}code/", fields(asked) | {"proof_step": "check", "proof_code": code or newest_code()})


def is_cancelled(order: Order) -> bool:
    return Order.objects.get(pk=order.pk).status == Order.Status.CANCELLED


@pytest.mark.parametrize("page", ["pieces/", "delivery/", "return/"])
def test_pages_that_change_something_ask_first_and_then_open(link: str, page: str) -> None:
    client = Client()
    question = client.get(f"{link}{page}?line=x" if page == "return/" else link + page)
    assert (question.status_code, ASKED in words(question)) == (403, True)
    assert AccountLetter.objects.count() == 0  # nothing is mailed before she asks

    led = with_code(client, link, question)

    assert (led.status_code, led.headers["Location"].startswith(link + page)) == (302, True)
    assert client.get(link + page).status_code == 200


def test_the_code_goes_to_the_address_of_the_order_in_its_language_and_nowhere_else(order: Order, link: str) -> None:
    Order.objects.filter(pk=order.pk).update(locale="de")
    page = Client().post(f"{link}cancellation/")

    Client().post(f"{link}code/", fields(page) | {"proof_step": "send"})

    letter = newest_letter()
    assert (letter.email, letter.locale, letter.values["number"]) == (order.email, "de", order.number)
    assert order.email not in page.text


def test_what_was_sent_is_kept_and_sent_by_the_browser_after_the_code(order: Order, link: str) -> None:
    client = Client()
    page = client.post(f"{link}cancellation/", {"why": ["a", "b"], "note": '"><b>'})
    assert page.status_code == 403
    assert "Nothing is changed yet" in words(page)
    assert not is_cancelled(order)

    led = with_code(client, link, page)

    assert (led.status_code, led.headers["Location"]) == (307, f"{link}cancellation/")  # the same form once more
    assert re.findall(r'name="why" value="(\w)"', page.text) == ["a", "b"]
    assert fields(page)["note"] == '"><b>'
    client.post(led.headers["Location"])
    assert is_cancelled(order)


def test_a_wrong_an_old_and_a_foreign_code_change_nothing(
    order: Order, link: str, now: datetime, monkeypatch: Any
) -> None:
    client, other = Client(), ordered(at=now)
    question = client.post(f"{link}cancellation/")
    wrong = with_code(client, link, question, "BBBB-BBBB")
    assert (wrong.status_code, "That is not the code" in words(wrong)) == (422, True)
    empty = with_code(client, link, question, " ")
    assert (empty.status_code, "Enter the code from our mail." in words(empty)) == (422, True)

    theirs = f"/orders/{issue_link(order=other, at=timezone.now())}/"
    client.post(f"{theirs}code/", fields(client.post(f"{theirs}cancellation/")) | {"proof_step": "send"})
    foreign = client.post(f"{link}code/", fields(question) | {"proof_step": "check", "proof_code": newest_code()})
    assert (foreign.status_code, "This code is over" in words(foreign)) == (422, True)

    client.post(f"{link}code/", fields(question) | {"proof_step": "send"})
    later = timezone.now() + timedelta(minutes=15, seconds=2)
    monkeypatch.setattr("orders.views.proof.timezone.now", lambda: later)
    old = client.post(f"{link}code/", fields(question) | {"proof_step": "check", "proof_code": newest_code()})
    assert (old.status_code, "This code is over" in words(old)) == (422, True)
    assert PROOF_COOKIE not in client.cookies
    assert not is_cancelled(order)


def test_another_browser_with_the_code_alone_is_not_let_in(link: str) -> None:
    """The code belongs to the browser that asked: reading it over a shoulder is not enough."""
    here, there = Client(), Client()
    page = here.post(f"{link}cancellation/")
    here.post(f"{link}code/", fields(page) | {"proof_step": "send"})

    answer = there.post(f"{link}code/", fields(page) | {"proof_step": "check", "proof_code": newest_code()})

    assert answer.status_code == 422
    assert CODE_COOKIE in here.cookies


def test_ten_codes_are_looked_at_and_five_letters_written(order: Order, link: str) -> None:
    client = Client()
    page = client.post(f"{link}cancellation/")
    letters = [client.post(f"{link}code/", fields(page) | {"proof_step": "send"}) for _ in range(6)]
    assert [answer.status_code for answer in letters] == [200] * 5 + [429]
    assert "asked for several times" in words(letters[-1])
    assert AccountLetter.objects.count() == 5

    typed = [
        client.post(f"{link}code/", fields(page) | {"proof_step": "check", "proof_code": "BBBB-BBBB"})
        for _ in range(10)
    ]
    right = client.post(f"{link}code/", fields(page) | {"proof_step": "check", "proof_code": newest_code()})

    assert {answer.status_code for answer in typed} == {422}
    assert (right.status_code, "Wait a quarter of an hour" in words(right)) == (429, True)


def test_the_browser_she_ordered_with_and_her_account_are_known(now: datetime) -> None:
    ana, rui = UserFactory(email="ana@example.com"), UserFactory(email="rui@example.com")
    hers, guests = ordered(at=now), ordered(at=now)
    Order.objects.filter(pk=hers.pk).update(customer=ana)
    links = {order.pk: f"/orders/{issue_link(order=order, at=timezone.now())}/" for order in (hers, guests)}

    def status(client: Client, order: Order) -> int:
        return client.get(f"{links[order.pk]}pieces/").status_code

    signed_in, somebody = Client(), Client()
    signed_in.force_login(ana)
    somebody.force_login(rui)
    assert [status(signed_in, hers), status(somebody, hers), status(Client(), hers)] == [200, 403, 403]
    assert status(signed_in, guests) == 403
    hers.customer = ana
    assert Client().get(f"/orders/{own_link(order=hers, at=timezone.now())}/pieces/").status_code == 403

    _cart, token = filled_bag(at=timezone.now())
    Order.objects.filter(pk=guests.pk).update(cart=_cart)
    browser = Client()
    browser.cookies["bag"] = token
    assert [status(browser, guests), status(browser, hers)] == [200, 403]


def test_what_staff_offer_is_answered_by_its_link(now: datetime) -> None:
    """We asked; the mail with our question is the proof.  To choose something else she has to be known."""
    forms = sizes(1000, 1300)
    order = ordered((forms[0], 1), at=now)
    link = f"/orders/{issue_link(order=order, at=timezone.now())}/pieces/"
    change = stage(order, now, (forms[1], 1), by=StaffFactory())
    offer_change(change_id=change.pk, order_id=order.pk, by=StaffFactory(), at=timezone.now())

    assert Client().get(link).status_code == 200
    assert Client().post(link, {"action": "choose"}).status_code == 403
    assert OrderChange.objects.get().state == "staged"


def test_she_is_known_for_an_hour_and_a_form_in_her_hands_for_two(order: Order, link: str, monkeypatch: Any) -> None:
    client, at = know(Client(), order), timezone.now()

    def after(minutes: int) -> list[int]:
        monkeypatch.setattr("orders.views.proof.timezone.now", lambda: at + timedelta(minutes=minutes))
        return [client.get(f"{link}pieces/").status_code, client.post(f"{link}pieces/", {"action": "x"}).status_code]

    assert after(59)[0] == 200
    assert [after(61)[0], after(119)[1] != 403, after(121)[1]] == [403, True, 403]


@pytest.mark.parametrize(
    "to",
    ["https://evil.example/", "//evil.example/orders/x/pieces/", "/orders/other/pieces/", "/admin/", "", "x" * 900],
)
def test_it_leads_nowhere_else(link: str, to: str) -> None:
    assert Client().post(f"{link}code/", {"proof_step": "send", "proof_to": to}).status_code == 400
    assert AccountLetter.objects.count() == 0


def test_a_return_is_asked_for_by_who_ordered(now: datetime) -> None:
    order = delivered_order(at=now)
    link = f"/orders/{issue_link(order=order, at=timezone.now())}/return/"

    assert Client().post(link, {"step": "send"}).status_code == 403
    assert ReturnCase.objects.count() == 0


def test_without_the_question_a_forwarded_link_cancels(order: Order, link: str, monkeypatch: Any) -> None:
    """The control: it is the question that holds a stranger, and a forged proof is none."""
    forged = Client()
    forged.cookies[PROOF_COOKIE] = proving.add_proof("", order=order, at=timezone.now())[:-2] + "xx"
    assert forged.post(f"{link}cancellation/").status_code == 403
    assert not is_cancelled(order)

    monkeypatch.setattr("orders.views.proof.is_owner", lambda request, order: True)
    forged.post(f"{link}cancellation/")
    assert is_cancelled(order)
