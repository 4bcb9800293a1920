"""What is written into a header is what is read out of it."""

from __future__ import annotations

from email import message_from_string, policy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.rules.encoding import header_mailbox, header_text
from notifications.rules.headers import display_name, subject_line
from tests.letters import mailbox_in

EMOJI = "👩‍🚀🧶" * 20
pieces = st.sampled_from(
    ["مريم", "👩‍🚀", "=?utf-8?q?a?=", '"', "\\", ",", "ç", " ", "Ana", "a" * 90, "(", "<x@y.z>", "."]
)
texts = (st.text() | st.lists(pieces, max_size=30).map("".join)).map(subject_line)
names = (st.text() | st.lists(pieces, max_size=30).map("".join)).map(display_name)


def wire_is_sound(raw: str) -> None:
    for line in raw.split("\n"):
        assert line.strip()
        assert line.isascii()
        assert len(line) <= 78 or "=?" not in line
    assert raw.split("\n")[0].partition(": ")[2].strip() or raw.endswith(": ")


@given(texts)
def test_a_subject_reads_back_exactly(text: str) -> None:
    raw = f"Subject: {header_text('Subject', text)}"

    if text:
        wire_is_sound(raw)
    assert message_from_string(raw + "\n\n", policy=policy.default)["Subject"] == text


@given(names)
def test_a_name_reads_back_exactly(name: str) -> None:
    raw = f"To: {header_mailbox('To', name, 'ana@example.com')}"

    wire_is_sound(raw)
    assert mailbox_in(raw) == (name, "ana@example.com")


@pytest.mark.parametrize("text", ["Your order KP-1000-0001 is packed", "a" * 150, ""])
def test_plain_words_stay_as_they_are(text: str) -> None:
    assert header_text("Subject", text) == text


def test_long_emoji_begin_on_the_first_line() -> None:
    first, *more = header_text("Subject", EMOJI).split("\n")

    assert first.startswith("=?utf-8?b?")
    assert all(line.startswith(" =?utf-8?b?") for line in more)
