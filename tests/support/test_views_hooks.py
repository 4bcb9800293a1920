"""The inbound mail webhook: keeps what is signed, refuses the rest, says why."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from shop.models import Inbound
from shop.rules.signatures import sign
from tests.support.mails import answer, post_raw

pytestmark = pytest.mark.django_db


@pytest.fixture
def raw(now: datetime) -> bytes:
    return answer(to="care@shop.example", at=now)


def post(client: Client, raw: bytes, signature: str, content_type: str = "message/rfc822") -> int:
    headers = {"X-Kingpost-Signature": signature}
    return client.post(reverse("support:mail-hook"), raw, content_type=content_type, headers=headers).status_code


def seconds() -> int:
    return int(timezone.now().timestamp())


def test_a_signed_mail_is_kept_once_with_its_envelope(client: Client, raw: bytes) -> None:
    assert [post_raw(client, raw, to="care+x@shop.example") for _ in range(2)] == [202, 202]

    row = Inbound.objects.get()
    assert (row.source, row.state, bytes(row.raw)) == ("mail", "received", raw)
    assert row.headers == {"envelope_to": "care+x@shop.example", "envelope_from": "ana@example.com"}


def test_a_wrong_old_or_missing_signature_keeps_nothing(client: Client, raw: bytes) -> None:
    good = "demo-inbound-secret"
    signatures = [
        "",
        "nonsense",
        sign(body=raw, secret="another", unix_seconds=seconds()),
        sign(body=raw + b"x", secret=good, unix_seconds=seconds()),
        sign(body=raw, secret=good, unix_seconds=seconds() - 400),
        sign(body=raw, secret=good, unix_seconds=seconds() + 400),
    ]

    assert [post(client, raw, one) for one in signatures] == [401] * 6
    assert Inbound.objects.count() == 0


def test_both_secrets_count_while_one_is_changed(client: Client, raw: bytes, settings: Settings) -> None:
    settings.INBOUND_MAIL_SECRETS = ["new", "old"]

    assert post(client, raw, sign(body=raw, secret="old", unix_seconds=seconds())) == 202


def test_without_secrets_nothing_is_taken(client: Client, raw: bytes, settings: Settings) -> None:
    settings.INBOUND_MAIL_SECRETS = []

    assert post(client, raw, sign(body=raw, secret="", unix_seconds=seconds())) == 401


def test_too_big_empty_and_other_bodies_are_refused(client: Client, raw: bytes, settings: Settings) -> None:
    secret = "demo-inbound-secret"

    assert post(client, raw, sign(body=raw, secret=secret, unix_seconds=seconds()), "text/plain") == 415
    assert post(client, b"\n", sign(body=b"\n", secret=secret, unix_seconds=seconds())) == 400
    assert client.get(reverse("support:mail-hook")).status_code == 405
    settings.INBOUND_MAIL_MAX_BYTES = len(raw) - 1
    assert post(client, raw, sign(body=raw, secret=secret, unix_seconds=seconds())) == 413
    assert Inbound.objects.count() == 0


def test_a_mail_with_a_photo_is_not_too_big(client: Client, raw: bytes, settings: Settings) -> None:
    """Django itself stops ordinary bodies at 2.5 MB; a picture of a torn sleeve is bigger."""
    photo = raw + b"x" * 8_000_000

    assert post_raw(client, photo) == 202
