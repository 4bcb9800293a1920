"""What is typed into the search becomes words."""

from __future__ import annotations

import pytest

from orders.rules.searching import ACCENTED, PLAIN, folded, may_be_code, words_of


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("KP-2041-7736", ("kp-2041-7736",)),
        ("2041 7736", ("20417736",)),
        ("  Zoë   ŁUKASZ zoe ", ("zoe", "lukasz")),
        ("+351 (912) 345-678", ("351912345678",)),
        ("0912 345 678", ("912345678",)),
        ("00351 912 345 678", ("351912345678",)),
        ("ana@example.com", ("ana@example.com",)),
        ("", ()),
        ("a b c d e f g h", ("a", "b", "c", "d", "e", "f")),
    ],
)
def test_words_of_what_is_typed(typed: str, words: tuple[str, ...]) -> None:
    assert words_of(typed) == words


def test_letters_fold_one_to_one() -> None:
    assert len(ACCENTED) == len(PLAIN) == len(set(ACCENTED))
    assert folded("ÅÉ") == "ae"


@pytest.mark.parametrize(("typed", "code"), [("mug-sage", "MUG-SAGE"), ("ana silva", ""), ("a%", ""), ("x", "")])
def test_code_of_what_is_typed(typed: str, code: str) -> None:
    assert may_be_code(typed) == code
