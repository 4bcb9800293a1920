"""The bytes of a letter read back as exactly what was written, by a parser that is not ours."""

from __future__ import annotations

import email
import email.policy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notifications.rules.mime import dot_stuffed, letter_bytes

WORDS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"), max_size=400
)


def parsed(letter: bytes) -> email.message.EmailMessage:
    return email.message_from_bytes(letter, policy=email.policy.default)


def body(letter: email.message.EmailMessage, subtype: str) -> str:
    part = letter.get_body((subtype,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


@given(WORDS, WORDS.filter(bool))
@settings(max_examples=60)
def test_both_parts_read_back_whatever_they_say(text: str, html: str) -> None:
    letter = letter_bytes({"Subject": "News"}, text=text, html=html, boundary="=_mark")

    read = parsed(letter)

    assert (body(read, "plain"), body(read, "html")) == (text, html)
    assert letter.isascii()
    assert all(len(line) <= 998 for line in letter.split(b"\r\n"))
    assert b"\n" not in letter.replace(b"\r\n", b"")


def test_a_letter_without_html_has_one_part() -> None:
    read = parsed(letter_bytes({"Subject": "News"}, text="Hello", html="", boundary="x"))

    assert (read.get_content_type(), body(read, "plain")) == ("text/plain", "Hello\n")


@given(WORDS)
@settings(max_examples=40)
def test_dots_are_stuffed_and_the_end_stands_once(text: str) -> None:
    letter = letter_bytes({"Subject": "."}, text=text + "\n.\n.hidden\n..\n", html="", boundary="x")

    sent = dot_stuffed(letter)

    assert sent.endswith(b"\r\n.\r\n")
    assert b"\r\n.\r\n" not in sent[:-5]
    lines = sent.removesuffix(b".\r\n").split(b"\r\n")
    assert b"\r\n".join(line[1:] if line.startswith(b".") else line for line in lines) == letter


@pytest.mark.parametrize("value", ["a\nBcc: eve@example.com", "a\r\nBcc: eve", "", "a\n ", "a\n\nb"])
def test_a_header_that_would_be_two_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="not one header"):
        letter_bytes({"Subject": value}, text="x", html="", boundary="x")
