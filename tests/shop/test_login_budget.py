"""The staff's login: ten tries, then a pause, with Postgres alone."""

from __future__ import annotations

import pytest
from django.test import Client

from shop import forms
from shop.models import RateLimit, User
from tests.factories.shop import StaffFactory

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


@pytest.fixture
def person() -> User:
    person = StaffFactory(email="agent@example.com")
    person.set_password(PASSWORD)
    person.save()
    return person


def log_in(email: str, password: str, **headers: str) -> int:
    answer = Client(headers=headers).post("/admin/login/", {"username": email, "password": password, "next": "/admin/"})
    return answer.status_code


def test_ten_tries_are_looked_at_and_then_not_even_the_right_password(person: User) -> None:
    answers = [log_in(person.email, "wrong") for _ in range(forms.LOGINS_PER_ACCOUNT)]

    assert answers == [200] * 10
    assert [log_in(person.email, PASSWORD), log_in(person.email.upper(), PASSWORD)] == [429, 429]
    assert "agent" not in "".join(RateLimit.objects.values_list("key", flat=True))


def test_without_a_budget_the_eleventh_try_gets_in(person: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control."""
    monkeypatch.setattr(forms, "spend", lambda **_: None)

    assert [log_in(person.email, "wrong") for _ in range(10)] == [200] * 10
    assert log_in(person.email, PASSWORD) == 302


def test_a_made_up_header_gives_no_new_budget(person: User) -> None:
    for number in range(10):
        log_in(person.email, "wrong", x_forwarded_for=f"198.51.100.{number}")

    assert log_in(person.email, PASSWORD, x_forwarded_for="198.51.100.77") == 429


def test_somebody_elsewhere_locks_nobody_out(person: User) -> None:
    for _ in range(11):
        Client(REMOTE_ADDR="203.0.113.9").post("/admin/login/", {"username": person.email, "password": "wrong"})

    assert log_in(person.email, PASSWORD) == 302


def test_many_accounts_from_one_place_share_a_budget(person: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forms, "LOGINS_PER_VISITOR", 3)
    for number in range(3):
        log_in(f"nobody{number}@example.com", "wrong")

    assert log_in(person.email, PASSWORD) == 429
