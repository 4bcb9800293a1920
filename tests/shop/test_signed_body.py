"""Webhooks: what is refused before a byte of the body is read, and what no body can do."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from django.http import UnreadablePostError
from django.test import Client, RequestFactory
from django.utils import timezone

from orders.views.courier_hook import courier_hook
from shop.models import Inbound
from shop.rules.signatures import sign
from support.views.hooks import mail_hook
from tests.support.mails import post_raw

SECRET = "demo-courier-secret"


class Untouchable(io.RawIOBase):
    """A body nobody may read."""

    def read(self, size: int = -1) -> bytes:
        raise AssertionError("the body was read")


class CutOff(io.RawIOBase):
    """A sender that hangs up."""

    def read(self, size: int = -1) -> bytes:
        raise UnreadablePostError("gone")


def knock(view: Any, *args: str, body: Any, signature: str, kind: str, length: str = "10") -> int:
    request = RequestFactory().post("/", content_type=kind, headers={"X-Kingpost-Signature": signature})
    request.META["CONTENT_LENGTH"] = length
    request._stream = body  # what the server would hand us
    return int(view(request, *args).status_code)


def fresh(body: bytes = b"") -> str:
    return sign(body=body, secret=SECRET, unix_seconds=int(timezone.now().timestamp()))


@pytest.mark.parametrize(
    ("signature", "kind", "length", "status"),
    [
        (None, "application/json", "900000000", 413),
        ("", "application/json", "10", 401),
        ("t=1,v1=ff", "application/json", "10", 401),
        ("t=99999999999,v1=ff", "application/json", "10", 401),
        ("t=١,v1=ff", "application/json", "10", 401),
        (None, "text/html", "10", 415),
        (None, "multipart/form-data", "10", 415),
    ],
)
def test_cheap_questions_come_before_the_body(signature: str | None, kind: str, length: str, status: int) -> None:
    said = fresh() if signature is None else signature

    assert knock(courier_hook, "demo", body=Untouchable(), signature=said, kind=kind, length=length) == status
    mail = {"application/json": "message/rfc822"}.get(kind, kind)
    assert knock(mail_hook, body=Untouchable(), signature=said, kind=mail, length=length) == status


def test_a_fresh_stamp_gets_the_body_read() -> None:
    """The negative control."""
    with pytest.raises(AssertionError, match="the body was read"):
        knock(courier_hook, "demo", body=Untouchable(), signature=fresh(), kind="application/json")


def test_a_sender_that_hangs_up_is_no_fault_of_ours() -> None:
    assert knock(courier_hook, "demo", body=CutOff(), signature=fresh(), kind="application/json") == 400
    assert knock(mail_hook, body=CutOff(), signature=fresh(), kind="message/rfc822") == 400


def scan(**changes: Any) -> bytes:
    moment = "2026-03-02T12:00:00+00:00"
    good = {"event_id": "e-1", "tracking_number": "HP-1001", "code": "accepted", "occurred_at": moment}
    return json.dumps(good | changes).encode()


HOSTILE = [
    b"\xff\xfe\x00",
    "{}".encode("utf-16"),
    b"[" * 100_000,
    b'{"a":' * 50_000,
    b'{"event_id": ' + b"9" * 50_000 + b"}",
    b"NaN",
    b"null",
    scan(event_id="e\x00"),
    scan(event_id="\ud800"),
    scan(event_id={"$ne": ""}),
    scan(words="a\nb"),
    scan(occurred_at="9999-12-31T23:59:59-14:00"),
    scan(occurred_at="0001-01-01T00:00:00+00:00"),
    scan(eta_on="9999-12-31"),
    scan(eta_on="0001-01-01"),
]


@pytest.mark.django_db
@pytest.mark.parametrize("body", HOSTILE)
def test_no_signed_body_breaks_the_courier_hook(body: bytes) -> None:
    client = Client(raise_request_exception=False)
    headers = {"X-Kingpost-Signature": fresh(body)}

    answer = client.post("/hooks/courier/demo/", body, content_type="application/json", headers=headers)

    assert (answer.status_code, Inbound.objects.count()) == (400, 0)


@pytest.mark.django_db
@pytest.mark.parametrize("body", [*HOSTILE, b"From: \x00\r\n\r\n\x00", b"Subject: =?x?q?=FF?=\r\n" * 3000])
def test_no_signed_body_breaks_the_mail_hook(body: bytes) -> None:
    assert post_raw(Client(raise_request_exception=False), body) == 202
    assert Inbound.objects.count() == 1
