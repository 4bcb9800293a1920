"""What unknown numbers texted is found by the number, goes with an erasure, and goes by itself after its time."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from io import BytesIO
from urllib.parse import urlencode
from zipfile import ZipFile

import pytest

from notifications.gateways.text_events import SOURCE, Incoming
from notifications.models import Reader
from notifications.operations.hearing_texts import hear_text
from shop.messages.portable import archive
from shop.models import DataRequest, ForgottenAddress, Inbound
from shop.operations.data_requests import order_erasure
from shop.operations.inbound import receive_inbound
from shop.operations.serving_data import serve_now
from shop.queries.data_requests import person_at
from shop.rules.personal import as_kept
from support.models import Conversation, Message
from support.operations import personal
from support.operations.personal import TEXTS_STAY, forget_texts
from tests.factories.support import support_desk

pytestmark = pytest.mark.django_db

HERS, OTHERS = "+351912345678", "+351912345679"


def texted(number: str, words: str, at: datetime, *, sid: str = "SM1", channel: str = "sms") -> None:
    """Let a text come in from a number nobody confirmed, as its bytes and as what is made of them."""
    support_desk()
    sender = f"whatsapp:{number}" if channel == "whatsapp" else number
    raw = urlencode({"MessageSid": sid, "From": sender, "Body": words}).encode()
    pk, _new = receive_inbound(source=SOURCE, source_key=sid, raw=raw)
    row = Inbound.objects.get(pk=pk)
    hear_text(incoming=Incoming(channel, number, words, sid, 0), row=row, at=at)
    Inbound.objects.filter(pk=pk).update(state="processed", settled_at=at)


def everything() -> str:
    """Return every word kept of texts, in the desk's rows and in the bytes."""
    said = [f"{row.subject} {row.case_key}" for row in Conversation.objects.order_by("id")]
    said += [row.text + row.text_new for row in Message.objects.order_by("id")]
    return " ".join([*said, *(bytes(row.raw).decode() for row in Inbound.objects.order_by("id"))])


def erased(address: str, at: datetime) -> DataRequest:
    request = order_erasure(person=person_at(address), locale="en", refuses_mail=False, at=at)
    for later in range(3):
        serve_now(request_id=request.pk, at=at + timedelta(days=4 * later))
    request.refresh_from_db()
    return request


def test_a_number_staff_enter_finds_its_texts_and_nobody_elses(now: datetime) -> None:
    texted(HERS, "Where is my blue mug?", now, sid="SM1")
    texted(HERS, "Hello again", now + timedelta(days=1), sid="SM2", channel="whatsapp")
    texted(OTHERS, "I am somebody else", now, sid="SM3")

    with ZipFile(BytesIO(archive(person_at("00351 912-345 678"), at=now))) as copy:
        told = json.loads(copy.read("data.json"))
    request = erased(HERS, now)

    assert "blue mug" in json.dumps(told)
    assert "Hello again" in json.dumps(told)
    assert "somebody else" not in json.dumps(told)
    assert request.state == "done"
    left = everything()
    assert ("blue" in left, "again" in left, HERS.strip("+") in left) == (False, False, False)
    assert "I am somebody else" in left
    assert "I+am+somebody+else" in left
    assert ForgottenAddress.objects.count() == 1


def test_a_number_she_proved_later_finds_what_it_texted_before(now: datetime) -> None:
    texted(HERS, "Where is my blue mug?", now)
    Reader.objects.create(
        address="Ana@Example.com", text_channel="sms", text_address=HERS, text_confirmed_at=now, changed_at=now
    )

    erased("ana@example.com", now + timedelta(days=1))

    assert "blue" not in everything()
    assert HERS.strip("+") not in everything()


def test_a_number_she_only_typed_finds_nothing(now: datetime) -> None:
    """The control of the one before: whoever types a number that is not hers reads and erases nothing of it."""
    texted(HERS, "Where is my blue mug?", now)
    Reader.objects.create(address="eve@example.com", text_channel="sms", text_address=HERS, changed_at=now)

    with ZipFile(BytesIO(archive(person_at("eve@example.com"), at=now))) as copy:
        assert "blue mug" not in copy.read("data.json").decode()
    erased("eve@example.com", now + timedelta(days=1))

    assert "blue" in everything()


def test_bytes_nobody_tied_to_a_case_are_found_by_the_number_in_them(now: datetime) -> None:
    texted(HERS, "Where is my blue mug?", now)
    Message.objects.update(raw=None)  # as rows of an earlier release

    erased(HERS, now)

    assert "blue" not in everything()


def test_a_closed_case_goes_by_itself_after_its_time_and_once(now: datetime) -> None:
    texted(HERS, "Where is my blue mug?", now)
    open_since = now + TEXTS_STAY * 2
    assert forget_texts(open_since) == 0  # nobody closed it

    Conversation.objects.update(status="closed", closed_at=now, task_due_at=None, next_due_at=None, next_due_kind="")
    early = forget_texts(now + TEXTS_STAY - timedelta(seconds=1))

    assert (early, "blue" in everything()) == (0, True)
    assert [forget_texts(now + TEXTS_STAY) for _time in range(2)] == [1, 0]
    assert "blue" not in everything()
    assert HERS.strip("+") not in everything()


def test_at_most_a_batch_goes_at_once(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(personal, "BATCH", 1)
    for number in (HERS, OTHERS):
        texted(number, "Hello", now, sid=number)
    Conversation.objects.update(status="closed", closed_at=now, task_due_at=None, next_due_at=None, next_due_kind="")

    assert [forget_texts(now + TEXTS_STAY) for _time in range(3)] == [1, 1, 0]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" Ana@Example.com ", "ana@example.com"), ("+351 912 345 678", HERS), ("00351 (912) 345-678", HERS),
        ("+351912345678", HERS), ("o'neill-b@x.example", "o'neill-b@x.example"),
    ],
)  # fmt: skip
def test_an_address_or_a_number_is_kept_one_way(typed: str, kept: str) -> None:
    assert as_kept(typed) == kept
