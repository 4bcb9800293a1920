"""Signing in and up: with a password, with a code, with a second factor; and what a stranger learns of it: nothing."""

from __future__ import annotations

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth import hashers
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from shop.models import AccountLetter, Event, User
from shop.rules.accounts import LETTERS, SHOPPER_SESSION, STAFF_SESSION
from tests.accounts import (
    ADDRESS_CONFIRM,
    CODE,
    CODE_CONFIRM,
    RESET,
    RESET_COMPLETE,
    RESET_CONFIRM,
    SIGN_IN,
    SIGN_UP,
    app_code,
    newest_code,
    newest_letter,
    recovery_code,
    sign_in,
    signed_in,
    with_app,
)
from tests.factories.shop import PASSWORD, StaffFactory, UserFactory

pytestmark = pytest.mark.django_db
NEW = "a longer sentence of mine"


@pytest.fixture
def ana() -> User:
    return UserFactory(email="ana@example.com", secret=True)


def test_password_signs_in_under_a_new_session(client: Client, ana: User) -> None:
    client.get(SIGN_IN)
    client.session["kept"] = "before"
    before = client.cookies.get("sessionid")

    answer = sign_in(client, "Ana@Example.com")

    assert (answer.status_code, answer.headers["Location"]) == (302, "/account/")
    assert signed_in(client) == ana
    assert client.cookies["sessionid"].value != (before.value if before else "")


def test_session_lasts_as_fits_who_it_is(ana: User) -> None:
    staff = StaffFactory(secret=True)
    ages = []
    for person in (ana, staff):
        client = Client()
        sign_in(client, person.email)
        ages.append(client.session.get_expiry_age())

    assert [round(age / 60) for age in ages] == [
        round(span.total_seconds() / 60) for span in (SHOPPER_SESSION, STAFF_SESSION)
    ]


def test_staff_end_at_their_work(client: Client) -> None:
    staff = StaffFactory(secret=True)

    assert sign_in(client, staff.email).headers["Location"] == "/admin/"


def test_code_signs_in_without_a_password(client: Client, ana: User) -> None:
    asked = client.post(CODE, {"login": ana.email, "password": "", "next": "/account/profile/"})
    assert (asked.status_code, newest_letter().email) == (302, ana.email)

    answer = client.post(
        asked.headers["Location"], {"code": newest_code().lower().replace("-", " "), "next": "/account/profile/"}
    )

    assert (answer.status_code, answer.headers["Location"]) == (302, "/account/profile/")
    assert signed_in(client) == ana


def test_code_bears_three_tries(client: Client, ana: User) -> None:
    client.post(CODE, {"email": ana.email})
    code = newest_code()

    answers = [client.post(CODE_CONFIRM, {"code": "BBBB-BBBB"}).status_code for _ in range(3)]

    assert answers == [422, 422, 302]
    client.post(CODE_CONFIRM, {"code": code})
    assert signed_in(client) is None


def test_code_belongs_to_the_browser_that_asked(client: Client, ana: User) -> None:
    Client().post(CODE, {"email": ana.email})

    client.post(CODE_CONFIRM, {"code": newest_code()})

    assert signed_in(client) is None


def test_sign_up_proves_the_address_first(client: Client) -> None:
    client.post(SIGN_UP, {"email": "Zoe@example.com", "password1": PASSWORD})
    assert signed_in(client) is None
    assert not EmailAddress.objects.filter(verified=True).exists()

    client.post(ADDRESS_CONFIRM, {"action": "verify", "code": newest_code()})

    zoe = User.objects.get(email="zoe@example.com")
    assert signed_in(client) == zoe
    assert zoe.check_password(PASSWORD)
    assert Event.objects.get(name="shop.account.address-proved").customer == zoe


def test_sign_up_needs_no_password(client: Client) -> None:
    client.post(SIGN_UP, {"email": "zoe@example.com"})
    client.post(ADDRESS_CONFIRM, {"action": "verify", "code": newest_code()})

    assert signed_in(client) == User.objects.get(email="zoe@example.com")
    assert not User.objects.get(email="zoe@example.com").has_usable_password()


def test_weak_password_comes_back_with_a_sentence(client: Client) -> None:
    answer = client.post(SIGN_UP, {"email": "zoe@example.com", "password1": "short"})

    assert answer.status_code == 422
    assert "This password is too short." in answer.content.decode()
    assert not User.objects.exists()


@pytest.mark.parametrize("way", ["code", "reset"])
def test_password_of_somebody_who_never_owned_the_address_is_worth_nothing(way: str) -> None:
    """A stranger makes an account with Ana's address and waits; Ana proves the address later (S16)."""
    Client().post(SIGN_UP, {"email": "ana@example.com", "password1": PASSWORD})
    hers = Client()
    if way == "code":
        hers.post(CODE, {"email": "ana@example.com"})
        hers.post(CODE_CONFIRM, {"code": newest_code()})
    else:
        hers.post(RESET, {"email": "ana@example.com"})
        hers.post(RESET_CONFIRM, {"code": newest_code()})  # and then she is called away

    stranger = Client()
    assert sign_in(stranger, "ana@example.com").status_code == 422
    assert signed_in(stranger) is None
    assert EmailAddress.objects.get(email="ana@example.com").verified


def test_pre_set_password_would_open_the_account(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control."""
    monkeypatch.setattr("shop.operations.accounts.password_proves_nothing", lambda **_: False)
    Client().post(SIGN_UP, {"email": "ana@example.com", "password1": PASSWORD})
    hers, stranger = Client(), Client()
    hers.post(CODE, {"email": "ana@example.com"})
    hers.post(CODE_CONFIRM, {"code": newest_code()})

    sign_in(stranger, "ana@example.com")

    assert signed_in(stranger) == User.objects.get()


def test_reset_ends_every_other_sign_in(client: Client, ana: User) -> None:
    elsewhere = Client()
    sign_in(elsewhere, ana.email)
    client.post(RESET, {"email": ana.email})
    client.post(RESET_CONFIRM, {"code": newest_code()})

    answer = client.post(RESET_COMPLETE, {"password1": NEW, "password2": NEW})

    assert (answer.status_code, signed_in(client)) == (302, ana)
    assert User.objects.get(pk=ana.pk).check_password(NEW)
    assert elsewhere.get("/account/").status_code == 302
    assert newest_letter().values == {"about": "password-changed"}


# -- What a stranger learns ------------------------------------------------------------------------------------------


class Asked:
    """What the same request gives for an address with an account and for one without."""

    def __init__(self, path: str, field: str = "email", **data: str) -> None:
        self.answers: list[Any] = []
        self.work: list[int] = []
        self.hashes: list[int] = []
        for email in ("ana@example.com", "nobody@example.com"):
            self._ask(Client(), path, {field: email, **data}, email)

    def _ask(self, client: Client, path: str, data: dict[str, str], email: str) -> None:
        hashed = 0
        encode = hashers.MD5PasswordHasher.encode

        def count(*args: Any, **kwargs: Any) -> str:
            nonlocal hashed
            hashed += 1
            return encode(*args, **kwargs)

        with pytest.MonkeyPatch.context() as patch, CaptureQueriesContext(connection) as asked:
            patch.setattr(hashers.MD5PasswordHasher, "encode", count)
            answer = client.post(path, data)
        page = client.get(answer.headers["Location"]) if answer.status_code == 302 else answer
        text = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", page.content.decode()).replace(email, "X")
        self.answers.append((answer.status_code, answer.headers.get("Location"), page.status_code, text))
        self.work.append(len(asked))
        self.hashes.append(hashed)


@pytest.mark.parametrize(
    ("path", "field", "data"),
    [
        (SIGN_IN, "login", {"password": "not the right one"}),
        (CODE, "email", {}),
        (RESET, "email", {}),
        (SIGN_UP, "email", {"password1": PASSWORD}),
    ],
)
def test_no_answer_tells_whether_there_is_an_account(ana: User, path: str, field: str, data: dict[str, str]) -> None:
    asked = Asked(path, field, **data)

    assert asked.answers[0] == asked.answers[1]
    assert asked.hashes[0] == asked.hashes[1]
    assert abs(asked.work[0] - asked.work[1]) <= 12
    assert sorted(AccountLetter.objects.values_list("email", flat=True)) == (
        [] if path == SIGN_IN else ["ana@example.com", "nobody@example.com"]
    )


def test_a_wrong_code_tells_nothing_either(ana: User) -> None:
    pages = []
    for email in (ana.email, "nobody@example.com"):
        client = Client()
        client.post(CODE, {"email": email})
        answers = [client.post(CODE_CONFIRM, {"code": "BBBB-BBBB"}) for _ in range(3)]
        pages.append([(answer.status_code, answer.headers.get("Location")) for answer in answers])

    assert pages[0] == pages[1]


def test_every_mail_of_the_library_has_a_letter() -> None:
    kinds = {kind for kind, _ in LETTERS.values()}

    assert kinds <= {str(kind) for kind in AccountLetter.Kind.values}


# -- The second factor -----------------------------------------------------------------------------------------------


def test_second_factor_is_asked_for_after_password_and_after_code(ana: User) -> None:
    secret = with_app(ana)
    client = Client()

    assert sign_in(client, ana.email).headers["Location"] == "/account/login/second-factor/"
    assert signed_in(client) is None
    assert client.get("/account/").headers["Location"].startswith("/account/login/")
    client.post("/account/login/second-factor/", {"code": app_code(secret)})
    assert signed_in(client) == ana

    by_code = Client()
    by_code.post(CODE, {"email": ana.email})
    assert by_code.post(CODE_CONFIRM, {"code": newest_code()}).headers["Location"] == "/account/login/second-factor/"
    assert signed_in(by_code) is None


def test_a_code_of_the_app_opens_once(ana: User) -> None:
    code = app_code(with_app(ana))
    first, second = Client(), Client()
    for client in (first, second):
        sign_in(client, ana.email)
        client.post("/account/login/second-factor/", {"code": code})

    assert [signed_in(client) for client in (first, second)] == [ana, None]


def test_a_recovery_code_opens_once(ana: User) -> None:
    with_app(ana)
    code = recovery_code(ana)
    first, second = Client(), Client()
    for client in (first, second):
        sign_in(client, ana.email)
        client.post("/account/login/second-factor/", {"code": code})

    assert [signed_in(client) for client in (first, second)] == [ana, None]


def test_secrets_are_encrypted_at_rest(ana: User, settings: Any) -> None:
    secret = with_app(ana)
    kept = ana.authenticator_set.get(type="totp").data["secret"]
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another key", [settings.SECRET_KEY]

    assert secret not in kept
    assert ana.authenticator_set.get(type="totp").wrap().validate_code(app_code(secret))


def test_setting_one_up_asks_for_the_password_and_ends_other_sign_ins(client: Client, ana: User) -> None:
    elsewhere = Client()
    for each in (client, elsewhere):
        sign_in(each, ana.email)
    assert (
        client.get("/account/security/app/").headers["Location"]
        == "/account/again/?next=%2Faccount%2Fsecurity%2Fapp%2F"
    )
    client.post("/account/again/?next=/account/security/app/", {"password": PASSWORD})
    client.get("/account/security/app/")

    answer = client.post("/account/security/app/", {"code": app_code(client.session["mfa.totp.secret"])})

    assert answer.headers["Location"] == "/account/security/codes/"
    assert client.get("/account/security/codes/").content.decode().count("<code>") == 10
    assert elsewhere.get("/account/").status_code == 302


def test_every_sign_in_elsewhere_can_be_ended(client: Client, ana: User) -> None:
    elsewhere = Client()
    for each in (client, elsewhere):
        sign_in(each, ana.email)

    client.post("/account/security/sign-ins/")

    assert [each.get("/account/").status_code for each in (client, elsewhere)] == [200, 302]


def test_address_changes_after_the_new_one_is_proved(client: Client, ana: User) -> None:
    sign_in(client, ana.email)
    client.post("/account/again/?next=/account/address/", {"password": PASSWORD})
    client.post("/account/address/", {"email": "costa@example.com", "action_add": "1"})
    assert User.objects.get().email == "ana@example.com"

    client.post(ADDRESS_CONFIRM, {"action": "verify", "code": newest_code()})

    assert User.objects.get().email == "costa@example.com"
    assert list(EmailAddress.objects.values_list("email", "verified")) == [("costa@example.com", True)]
    assert (newest_letter().email, newest_letter().values["about"]) == ("ana@example.com", "address-changed")


def test_foreign_address_is_refused_only_to_who_reads_its_mail(client: Client, ana: User) -> None:
    rui = UserFactory(email="rui@example.com", secret=True)
    sign_in(client, rui.email)
    client.post("/account/again/?next=/account/address/", {"password": PASSWORD})

    asked = client.post("/account/address/", {"email": ana.email, "action_add": "1"})
    answer = client.post(ADDRESS_CONFIRM, {"action": "verify", "code": newest_code()})

    assert (asked.status_code, answer.status_code) == (302, 422)
    assert User.objects.get(pk=rui.pk).email == "rui@example.com"


# -- Staff -----------------------------------------------------------------------------------------------------------


def test_staff_without_a_second_factor_are_led_to_one(client: Client, settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = True
    staff = StaffFactory(secret=True, is_superuser=True)
    sign_in(client, staff.email)

    assert client.get("/admin/").headers["Location"] == "/admin/login/?next=/admin/"
    assert client.get("/admin/login/?next=/admin/").headers["Location"] == "/account/security/app/"
    assert client.get("/admin/orders/order/").status_code == 302
    with_app(staff)
    assert client.get("/admin/").status_code == 200


def test_staff_cannot_give_up_their_second_factor(client: Client, settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = True
    staff = StaffFactory(secret=True)
    with_app(staff)
    client.force_login(staff)
    client.post("/account/again/?next=/account/security/", {"password": PASSWORD})

    answer = client.post("/account/security/app/remove/")

    assert answer.status_code == 422
    assert staff.authenticator_set.count() == 2


def test_staff_door_is_the_one_door(client: Client, ana: User) -> None:
    assert client.get("/admin/login/?next=/admin/orders/order/").headers["Location"] == (
        "/account/login/?next=/admin/orders/order/"
    )
    sign_in(client, ana.email)
    page = client.get("/admin/login/")
    assert page.status_code == 403
    assert "does not work here" in page.content.decode()


def test_superuser_made_at_the_shell_needs_no_mail(client: Client) -> None:
    User.objects.create_superuser("boss@example.com", PASSWORD)

    assert sign_in(client, "boss@example.com").headers["Location"] == "/admin/"
