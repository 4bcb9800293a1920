"""The door: ten tries, then a pause, with Postgres alone."""

from __future__ import annotations

import pytest
from django.test import Client

from shop.forms import accounts as forms
from shop.models import AccountLetter, RateLimit, User
from shop.rules import accounts as rules
from tests.accounts import CODE, RESET, SIGN_IN, SIGN_UP, app_code, sign_in, with_app
from tests.factories.shop import PASSWORD, StaffFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def person() -> User:
    return StaffFactory(email="agent@example.com", secret=True)


def knock(email: str, password: str, **headers: str) -> int:
    return int(sign_in(Client(headers=headers), email, password).status_code)


def test_ten_tries_are_looked_at_and_then_not_even_the_right_password(person: User) -> None:
    answers = [knock(person.email, "wrong") for _ in range(rules.SIGN_IN_HERE.tries)]

    assert answers == [422] * 10
    assert [knock(person.email, PASSWORD), knock(person.email.upper(), PASSWORD)] == [429, 429]
    assert "agent" not in "".join(RateLimit.objects.values_list("key", flat=True))


def test_without_a_budget_the_eleventh_try_gets_in(person: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control."""
    monkeypatch.setattr(forms, "spend", lambda **_: None)

    assert [knock(person.email, "wrong") for _ in range(10)] == [422] * 10
    assert knock(person.email, PASSWORD) == 302


def test_a_made_up_header_gives_no_new_budget(person: User) -> None:
    for number in range(10):
        knock(person.email, "wrong", x_forwarded_for=f"198.51.100.{number}")

    assert knock(person.email, PASSWORD, x_forwarded_for="198.51.100.77") == 429


def test_somebody_elsewhere_locks_nobody_out(person: User) -> None:
    for _ in range(11):
        Client(REMOTE_ADDR="203.0.113.9").post(SIGN_IN, {"login": person.email, "password": "wrong"})

    assert knock(person.email, PASSWORD) == 302


def test_many_accounts_from_one_place_share_a_budget(person: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "SIGN_IN_NETWORK", rules.Budget(3, rules.SIGN_IN_NETWORK.window))
    for number in range(3):
        knock(f"nobody{number}@example.com", "wrong")

    assert knock(person.email, PASSWORD) == 429


def test_many_places_share_a_budget_for_one_account(person: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "SIGN_IN_ACCOUNT", rules.Budget(3, rules.SIGN_IN_ACCOUNT.window))
    for number in range(3):
        sign_in(Client(REMOTE_ADDR=f"203.0.113.{number}"), person.email, "wrong")

    assert knock(person.email, PASSWORD) == 429


@pytest.mark.parametrize("path", [CODE, RESET, SIGN_UP])
def test_five_letters_an_hour_go_to_one_address_whoever_owns_it(path: str) -> None:
    UserFactory(email="ana@example.com")
    told = {
        email: [Client().post(path, {"email": email}).status_code for _ in range(6)]
        for email in ("ana@example.com", "nobody@example.com")
    }

    assert told == {email: [302] * 5 + [429] for email in told}
    assert AccountLetter.objects.count() == 10


def test_ten_second_factors_are_looked_at() -> None:
    person = UserFactory(secret=True)
    secret = with_app(person)
    client = Client()
    sign_in(client, person.email)

    answers = [client.post("/account/login/second-factor/", {"code": "000000"}).status_code for _ in range(10)]

    assert answers == [422] * 10
    assert client.post("/account/login/second-factor/", {"code": app_code(secret)}).status_code == 429


def test_the_page_says_when_to_try_again(person: User) -> None:
    for _ in range(10):
        knock(person.email, "wrong")

    page = sign_in(Client(), person.email).content.decode()

    assert "That was tried often. From" in page
    assert PASSWORD not in page
