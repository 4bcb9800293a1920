from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.rules.finding import MOST_SIGNS, Wish, cleaned, nearest, pairs_of, price_bands, read_wish, slips, words_of

KNOWN = {"size": ["s", "m", "l"], "colour": ["sage", "ink"], "ready": ["0", "3"]}
SORTS = ("relevance", "new", "price")


def test_address_is_read_in_the_order_of_the_page() -> None:
    asked = {"sort": ["price"], "colour": ["ink"], "size": ["l", "s", "l"], "q": ["  linen\tshirt "]}

    wish, ignored = read_wish(asked, KNOWN, sorts=SORTS)

    assert ignored == []
    assert wish.pairs(2) == [
        ("q", "linen shirt"),
        ("size", "s"),
        ("size", "l"),
        ("colour", "ink"),
        ("sort", "price"),
        ("page", "2"),
    ]
    assert wish.without("size", "s").pairs() == [
        ("q", "linen shirt"),
        ("size", "l"),
        ("colour", "ink"),
        ("sort", "price"),
    ]
    assert wish.cleared().pairs() == [("q", "linen shirt"), ("sort", "price")]


def test_unknown_values_are_ignored_and_told() -> None:
    wish, ignored = read_wish({"size": ["xxl", "m", ""], "sort": ["random"]}, KNOWN, sorts=SORTS)

    assert wish == Wish("", (("size", ("m",)),), "")
    assert ignored == ["xxl", "random"]


def test_what_goes_without_saying_is_left_out_of_the_address() -> None:
    wish, _ = read_wish({"sort": ["relevance"], "ready": ["0", "3"]}, KNOWN, sorts=SORTS)

    assert wish.pairs() == [("ready", "0")]


@given(st.dictionaries(st.sampled_from([*KNOWN, "q", "sort"]), st.lists(st.text(max_size=8), max_size=4)))
def test_an_address_of_ours_is_read_as_itself(asked: dict[str, list[str]]) -> None:
    wish, _ = read_wish(asked, KNOWN, sorts=SORTS)
    again: dict[str, list[str]] = {}
    for name, value in wish.pairs():
        again.setdefault(name, []).append(value)

    assert read_wish(again, KNOWN, sorts=SORTS) == (wish, [])


@given(st.text())
def test_words_are_letters_and_digits_alone(text: str) -> None:
    assert all(word.isalnum() for word in words_of(text))
    assert len(cleaned(text)) <= MOST_SIGNS
    assert cleaned(cleaned(text)) == cleaned(text)


def test_price_bands_leave_no_gap() -> None:
    assert price_bands() == ("0-25", "25-50", "50-100", "100-200", "200-")


def test_pairs_of_options_have_one_spelling() -> None:
    assert pairs_of(("size", ["m"]), ("colour", ["sage", "ink"])) == ["colour:sage+size:m", "colour:ink+size:m"]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("linnen", "linen"), ("shrit", "shirt"), ("mgu", "mug"), ("stonware", "stoneware"), ("sofa", ""), ("qqqq", "")],
)
def test_nearest_word_forgives_slips(typed: str, meant: str) -> None:
    assert nearest(typed, ["linen", "shirt", "mug", "stoneware"]) == meant


@pytest.mark.parametrize(
    ("typed", "meant", "number"), [("ab", "ba", 1), ("abc", "abc", 0), ("abc", "axc", 1), ("", "abc", 3)]
)
def test_slips_are_counted(typed: str, meant: str, number: int) -> None:
    assert slips(typed, meant, at_most=9) == number
