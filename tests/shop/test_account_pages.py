"""The pages of somebody's own account, and the commands of those who look after it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from shop import account_menu
from shop.models import AccountLetter, Event, User
from shop.operations.letters import ask_letter, forget_letters
from tests.accounts import signed_in, with_app
from tests.factories.shop import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana(client: Client) -> User:
    ana = UserFactory(email="ana@example.com")
    client.force_login(ana)
    return ana


def keep(client: Client, **values: str) -> Any:
    return client.post("/account/profile/", {"name": "Ana  Costa", "language": "en", **values})


def test_profile_keeps_name_and_language(client: Client, ana: User) -> None:
    answer = keep(client)

    ana.refresh_from_db()
    assert (answer.status_code, ana.name, ana.language, ana.birthday_on) == (302, "Ana Costa", "en", None)
    assert Event.objects.get(name="shop.account.profile-changed").payload == {"birthday_agreed": False}


def test_birthday_is_kept_with_consent_and_goes_with_it(client: Client, ana: User) -> None:
    keep(client, birthday_on="1990-03-24", birthday_agreed="on")
    ana.refresh_from_db()
    assert (ana.birthday_on, ana.birthday_agreed_at is not None) == (date(1990, 3, 24), True)

    keep(client, birthday_on="")

    ana.refresh_from_db()
    assert (ana.birthday_on, ana.birthday_agreed_at) == (None, None)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"birthday_on": "1990-03-24"}, "Tick this if we may keep your birthday"),
        ({"birthday_on": "tomorrow", "birthday_agreed": "on"}, "Enter a day like 1990-03-24"),
        ({"birthday_on": "2990-03-24", "birthday_agreed": "on"}, "Enter a day that lies in the past"),
        ({"language": "xx"}, "Choose a language from the list."),
        ({"name": "x" * 121}, "Shorten this to at most 120 signs."),
    ],
)
def test_profile_says_what_is_wrong_and_keeps_nothing(
    client: Client, ana: User, values: dict[str, str], sentence: str
) -> None:
    answer = keep(client, **values)

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not Event.objects.filter(name="shop.account.profile-changed").exists()


def test_menu_marks_the_page_one_is_on(client: Client, ana: User) -> None:
    page = client.get("/account/profile/").content.decode()

    assert page.count('aria-current="page"') == 1
    assert next(entry.label for entry in account_menu.registered()) == "Overview"
    for entry in account_menu.registered():
        assert f">{entry.label}</a>" in page


def test_letters_are_forgotten_after_an_hour(now: datetime) -> None:
    for age in (timedelta(minutes=59), timedelta(minutes=61)):
        ask_letter(kind="hint", email="a@example.com", user=None, locale="en", values={"about": "exists"}, at=now - age)

    assert (forget_letters(now), AccountLetter.objects.count()) == (1, 1)


def test_events_hold_neither_code_nor_address(now: datetime) -> None:
    values = {"about": "sign-in", "code": "BCDF-GHJK"}

    letter = ask_letter(kind="code", email="ana@example.com", user=None, locale="en", values=values, at=now)

    event = Event.objects.get()
    assert (event.name, event.payload) == ("shop.account.code-asked", {"letter_id": letter.pk})


def test_lost_second_factor_is_reset_by_command(client: Client, ana: User, capsys: pytest.CaptureFixture[str]) -> None:
    with_app(ana)

    call_command("reset_second_factor", "Ana@example.com")

    assert ana.authenticator_set.count() == 0
    assert client.get("/account/").status_code == 302
    assert AccountLetter.objects.get().values == {"about": "second-factor-removed"}
    with pytest.raises(CommandError, match="no second factor"):
        call_command("reset_second_factor", "ana@example.com")
    with pytest.raises(CommandError, match="Nobody signs in"):
        call_command("reset_second_factor", "nobody@example.com")


def test_a_switched_off_account_is_signed_out(client: Client, ana: User) -> None:
    User.objects.filter(pk=ana.pk).update(is_active=False)

    assert signed_in(client) == ana
    assert client.get("/account/").status_code == 302


def test_address_given_by_staff_has_to_be_proved(client: Client, ana: User) -> None:
    boss = Client()
    boss.force_login(UserFactory(is_staff=True, is_superuser=True))
    fields = {"email": "costa@example.com", "name": "Ana", "is_active": "on"}

    answer = boss.post(f"/admin/shop/user/{ana.pk}/change/", fields)

    assert answer.status_code == 302
    assert ana.emailaddress_set.count() == 0
