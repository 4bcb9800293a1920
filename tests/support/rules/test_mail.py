"""Reading raw mails: a corpus of our own, and any damage done to it."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.rules.html_text import text_of_html
from support.rules.mail import Attachment, Mail, NotAMail, UnreadableMail, fingerprint, quoted_ids, read_mail
from support.rules.mail_class import MailClass, mail_class
from tests.support.mails import FOLDER

CORPUS = {path.stem: path.read_bytes() for path in sorted(FOLDER.glob("*.eml"))}
DOMAIN = "hearth-and-thread.example"


def read(name: str) -> Mail:
    return read_mail(CORPUS[name])


def test_plain_mail_is_read() -> None:
    mail = read("plain")

    assert (mail.sender, mail.sender_name) == ("ana@example.com", "Ana Costa")
    assert (mail.subject, mail.message_id) == ("Two mugs", "plain-1@mail.example")
    assert mail.recipients == (f"care@{DOMAIN}",)
    assert mail.text == "Hello,\n\ndo the sage mugs go into the dishwasher?\n\nAna"


@pytest.mark.parametrize(
    ("name", "subject", "text"),
    [
        ("without-id", "No id", "My mail program forgot its number."),
        ("empty-id", "Empty id", "Mine wrote an empty one."),
        ("wrong-charset", "Wei\ufffder Teller", "Der Teller hat einen Sprung, schön ist er trotzdem."),
        ("latin", "Größe M", "Fällt die Schürze groß aus?"),
        ("html-only", "Only HTML", "The lid is chipped.\n\nHere is a picture (https://pictures.example/lid)."),
        ("empty-body", "Nothing but a subject", ""),
        ("broken-mime", "Never closed", "The box was open when it came."),
        ("two-bodies", "Apple style", "This is the front,\nand this is the back."),
        ("forwarded", "Fwd: Your order", "Is this really from you?"),
    ],
)
def test_odd_mails_are_read(name: str, subject: str, text: str) -> None:
    mail = read(name)

    assert (mail.subject, mail.text) == (subject, text)


def test_ids_are_none_when_they_are_not_sane() -> None:
    assert (read("without-id").message_id, read("empty-id").message_id) == ("", "")


def test_attachments_are_named_and_a_mail_inside_a_mail_is_one() -> None:
    assert read("photo").attachments == (Attachment("sleeve.jpg", 33280),)
    assert [one.name for one in read("two-bodies").attachments] == ["front.png"]
    assert [one.name for one in read("forwarded").attachments] == ["forwarded message"]


def test_a_decoded_name_never_becomes_an_address_and_headers_stay_one_line() -> None:
    mail = read("disguised-sender")

    assert mail.sender == "mallory@elsewhere.example"
    assert "\n" not in mail.sender_name + mail.subject


def test_a_mail_without_sender_is_refused_unless_the_envelope_knows_one() -> None:
    with pytest.raises(UnreadableMail):
        read("without-sender")

    assert read_mail(CORPUS["without-sender"], envelope_from="Ana@example.com").sender == "ana@example.com"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("plain", MailClass.HUMAN),
        ("outlook", MailClass.HUMAN),
        ("photo", MailClass.HUMAN),
        ("vacation", MailClass.AUTO),
        ("bounce", MailClass.BOUNCE),
        ("list", MailClass.LIST),
        ("own-loop", MailClass.LOOP),
    ],
)
def test_mail_class_tells_people_from_machines(name: str, kind: MailClass) -> None:
    mail = read(name)

    found = mail_class(headers=mail.headers, sender=mail.sender, envelope_from=None, own=set(), domain=DOMAIN)

    assert found == kind


def test_the_null_sender_is_never_a_person() -> None:
    mail = read("plain")

    found = mail_class(headers=mail.headers, sender=mail.sender, envelope_from="", own=set(), domain=DOMAIN)

    assert found == MailClass.AUTO


def test_fingerprint_knows_the_same_mail_and_no_other() -> None:
    raw = CORPUS["plain"]
    relayed = b"Received: from somewhere\r\nDelivered-To: care@x.example\r\n" + raw.replace(b"\n", b"\r\n")
    other = raw.replace(b"dishwasher", b"oven")

    assert fingerprint(raw) == fingerprint(relayed)
    assert fingerprint(raw) != fingerprint(other)
    assert fingerprint(raw).startswith("plain-1@mail.example#")
    assert len(fingerprint(b"Message-ID: <" + b"x" * 5000 + b"@y>\n\n")) <= 200


def test_a_report_quotes_the_mail_it_is_about() -> None:
    assert "answer-1@hearth-and-thread.example" in quoted_ids(CORPUS["bounce"])


def test_html_is_read_as_words_only() -> None:
    text = text_of_html("<p onclick=x>One<script>two()</script> <b>three</b></p><blockquote>four<p>five</blockquote>")

    assert text == "One three\n\n> four\n> five"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\n\n",
        b"\x00\xff" * 200,
        b"From: a@b.example\nSubject: " + b"x" * 1_000_000 + b"\n\nhi\n",
        b"From: a@b.example\n" + b"X-Filler: y\n" * 50_000 + b"\nhi\n",
        b"From: a@b.example\nReferences: " + b"<a@b> " * 50_000 + b"\n\nhi\n",
        b"From: " + b"<" * 20_000 + b"a@b.example\n\nhi\n",
        b"From: a@b.example\nContent-Type: text/html\n\n" + b"<div>" * 50_000 + b"deep",
        b"From: a@b.example\nContent-Type: text/html\n\n" + b"<blockquote>" * 5_000 + b"deep",
        b"From: a@b.example\n\n" + b"> \n" * 200_000,
        b"From: a@b.example\nContent-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 5_000,
        b"From: a@b.example\n"
        + b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(1_500)),
        b"From: =?u\xfff-8?q?Ana?= <a@b.example>\nSubject: =?u\xfff-8?q?Hi?=\n\nhi",
        b"From: \x00a\x01@b.example\nContent-Type: text/plain; charset=u\xfff-8\n\nhi",
        b"From: a@b.example\n" + b"Content-Type: message/rfc822\n\n" * 1_500 + b"hi",
    ],
    ids=range(15),
)
def test_monstrous_mails_are_read_or_refused(raw: bytes) -> None:
    fingerprint(raw)

    try:
        mail = read_mail(raw)
    except (NotAMail, UnreadableMail):
        return

    assert mail.sender == "a@b.example"
    assert "\x00" not in mail.text


@given(st.sampled_from(sorted(CORPUS)), st.integers(0, 2**32))
def test_damaged_mails_are_read_or_refused(name: str, seed: int) -> None:
    raw = damaged(CORPUS[name], random.Random(seed))

    key = fingerprint(raw)

    assert len(key.encode("utf-8").decode("utf-8")) <= 200
    try:
        mail = read_mail(raw)
    except (NotAMail, UnreadableMail):
        return
    for text in (mail.sender, mail.sender_name, mail.subject, mail.text, mail.message_id, *mail.references):
        assert "\x00" not in text
        text.encode("utf-8")  # half characters would raise: the database takes none


def damaged(raw: bytes, chance: random.Random) -> bytes:
    """Cut, flip, repeat and splice a raw mail."""
    data = bytearray(raw[:6000])
    for _ in range(chance.randint(1, 6)):
        place = chance.randrange(len(data) + 1)
        match chance.randrange(5):
            case 0:
                del data[place:]
            case 1:
                data[place : place + 1] = bytes([chance.randrange(256)])
            case 2:
                data[place:place] = data[max(0, place - 40) : place] * chance.randint(1, 5)
            case 3:
                del data[place : place + chance.randint(1, 30)]
            case _:
                data[place:place] = chance.choice(
                    [b"\r\n\r\n", b"\n", b"=?utf-8?q?", b"<", b'"', b"\xff\xfe", b"--cut\n"]
                )
    return bytes(data)
