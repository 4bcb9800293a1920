"""The demo's mailbox shows what went over SMTP, and exists in the demo alone."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

pytestmark = pytest.mark.django_db


@pytest.fixture
def box(settings: Settings, tmp_path: Path) -> Path:
    settings.DEMO, settings.MAILBOX_DIR = True, tmp_path / "mail"
    settings.MAILBOX_DIR.mkdir()
    return settings.MAILBOX_DIR


def keep(box: Path, name: str, subject: str = "Thank you") -> None:
    letter = EmailMessage()
    letter["To"], letter["Subject"], letter["X-Evil"] = "Ana <ana@example.com>", subject, "<script>alert(1)</script>"
    letter.set_content("Follow it: http://127.0.0.1:8000/orders/abc/\n")
    letter.add_alternative(
        "<html><head></head><body><a href='http://127.0.0.1:8000/'>x</a></body></html>", subtype="html"
    )
    (box / name).write_bytes(bytes(letter))


def test_the_list_shows_the_newest_letter_first(client: Client, box: Path) -> None:
    keep(box, "00000000000000000001.eml", "older")
    keep(box, "00000000000000000002.eml", "newer")
    (box / "00000000000000000003.writing").write_bytes(b"unfinished")

    page = client.get("/demo/mailbox/")

    assert page.status_code == 200
    assert [letter.subject for letter in page.context["letters"]] == ["newer", "older"]


def test_an_empty_mailbox_says_what_to_do(client: Client, box: Path) -> None:
    assert "Order something" in client.get("/demo/mailbox/").content.decode()


def test_a_letter_is_shown_with_text_headers_and_a_sandboxed_frame(client: Client, box: Path) -> None:
    keep(box, "1.eml")

    page = client.get("/demo/mailbox/1.eml/").content.decode()
    frame = client.get("/demo/mailbox/1.eml/html/")

    assert '<a href="http://127.0.0.1:8000/orders/abc/"' in page
    assert "&lt;script&gt;" in page
    assert "<script>alert" not in page
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in page
    assert frame.headers["Content-Security-Policy"] == (
        "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline';"
        " frame-ancestors 'self'"
    )
    assert frame.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert '<base target="_blank">' in frame.content.decode()


@pytest.mark.parametrize("name", ["2.eml", "..%2Fsecret.eml", "secret.txt", "1.eml.bak"])
def test_nothing_but_a_letter_can_be_opened(client: Client, box: Path, name: str) -> None:
    keep(box, "1.eml")
    (box / "secret.txt").write_text("secret")
    (box.parent / "secret.eml").write_text("secret")

    assert client.get(f"/demo/mailbox/{name}/").status_code == 404
    assert client.get(f"/demo/mailbox/{name}/html/").status_code == 404


@pytest.mark.parametrize("path", ["", "1.eml/", "1.eml/html/"])
def test_a_shop_that_is_not_the_demo_has_no_such_page(client: Client, box: Path, settings: Settings, path: str) -> None:
    keep(box, "1.eml")
    settings.DEMO = False

    assert client.get(f"/demo/mailbox/{path}").status_code == 404
