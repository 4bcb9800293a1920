"""No text of a customer can begin a second header."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.utils import formataddr

import pytest
from django.core.mail import EmailMessage
from hypothesis import given
from hypothesis import strategies as st

from notifications.rules.headers import (
    UnsafeAddress,
    display_name,
    one_line,
    safe_address,
    safe_message_id,
    subject_line,
)

BREAKS = ["\r\n", "\n", "\r", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029", "\x00"]
texts = st.text() | st.lists(st.sampled_from([*BREAKS, "Bcc: eve@example.com", "مريم", "👩‍🚀", "a b"])).map("".join)


@given(texts)
def test_a_subject_is_one_line_of_at_most_150_characters(text: str) -> None:
    line = subject_line(text)

    assert len(line) <= 150
    assert len(line.splitlines()) <= 1
    line.encode()


@given(texts, texts)
def test_subject_and_name_reach_the_wire_as_one_header_each(subject: str, name: str) -> None:
    to = formataddr((display_name(name), "ana@example.com"))

    raw = (
        EmailMessage(subject=subject_line(subject), body="x", from_email="care@x.example", to=[to]).message().as_bytes()
    )

    parsed = message_from_bytes(raw, policy=policy.default)
    assert parsed["Bcc"] is None
    assert sorted(parsed.keys()) == [
        "Content-Transfer-Encoding", "Content-Type", "Date", "From", "MIME-Version", "Message-ID", "Subject", "To",
    ]  # fmt: skip
    assert [address.addr_spec for address in parsed["To"].addresses] == ["ana@example.com"]


@given(st.sampled_from([*BREAKS, " ", ",", ";", ">", "@", '"', "("]), st.integers(0, 15))
def test_an_address_with_anything_that_breaks_or_ends_it_is_refused(bad: str, position: int) -> None:
    good = "ana@example.com"

    with pytest.raises(UnsafeAddress):
        safe_address(good[:position] + bad + good[position:])


def test_an_ordinary_address_is_left_alone() -> None:
    assert safe_address("ana.costa+shop@exämple.example") == "ana.costa+shop@exämple.example"


@given(texts)
def test_a_foreign_message_id_is_clean_or_dropped(text: str) -> None:
    identity = safe_message_id(text)

    assert identity == "" or (identity.isascii() and identity.isprintable() and " " not in identity)


def test_a_foreign_message_id_gets_its_brackets() -> None:
    assert safe_message_id("abc@mail.example") == safe_message_id("<abc@mail.example>") == "<abc@mail.example>"


def test_a_long_line_ends_in_an_ellipsis() -> None:
    assert one_line("a" * 20, 10) == "aaaaaaaaa…"
