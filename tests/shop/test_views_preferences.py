from __future__ import annotations

import re

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


def test_preferences_are_kept_in_two_cookies(client: Client) -> None:
    response = client.post("/preferences/", {"country": "PT", "theme": "dark"})

    assert response.status_code == 302
    assert response.headers["Location"] == "/"
    assert {name: morsel.value for name, morsel in response.cookies.items()} == {"country": "PT", "theme": "dark"}
    assert response.cookies["theme"]["httponly"] is True
    assert response.cookies["theme"]["samesite"] == "Lax"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"country": "XX", "theme": "dark"}, "Choose a country from the list."),
        ({"theme": "dark"}, "This field is required."),
    ],
)
def test_preferences_explain_what_is_wrong_and_keep_nothing(client: Client, data: dict[str, str], words: str) -> None:
    response = client.post("/preferences/", data)

    body = re.sub(r"\s+", " ", response.content.decode())
    assert response.status_code == 422
    assert "<title> Error: " in body
    assert words in body
    assert "theme" not in response.cookies


def test_preferences_need_the_forms_token() -> None:
    response = Client(enforce_csrf_checks=True).post("/preferences/", {"country": "PT", "theme": "dark"})

    assert response.status_code == 403
    assert "Send that once more" in response.content.decode()
    assert "theme" not in response.cookies
