from __future__ import annotations

import pytest

from shop.rules.questions import gives_away

OURS = "Rose mug Hearth & Thread care@hearth.example +351 22 123 4567"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Is the rose mug safe for a dishwasher at 70 °C, 2 times a week?", ""),
        ("Write to Ana.Costa@Example.com, please", "Ana.Costa@Example.com"),
        ("or to somebody@else.example.", "somebody@else.example"),
        ("Write to care@hearth.example or call +351 22 123 4567.", ""),
        ("I live in Porto, 912 345 678", "912 345 678"),
        ("My order is KP-2041-7736", "KP-2041-7736"),
        ("Thank you. Ana", "Ana"),
        ("What a costa! Analogous, an anaconda", ""),  # parts and common words are no names
        ("Dear Rose, the Rose mug is warm", ""),  # her name is a word of ours
    ],
)
def test_words_that_tell_who_asked_are_found(text: str, found: str) -> None:
    assert gives_away(text, email="ana.costa@example.com", name="Ana Rose Costa", ours=OURS) == found


def test_without_a_name_only_addresses_and_numbers_tell() -> None:
    assert gives_away("Ana asks: 1,240 °C?", email="", name="") == ""
