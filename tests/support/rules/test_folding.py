"""What is new in a mail; nothing a customer wrote is ever lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.rules.folding import MARKER, marker, new_text, with_note

QUOTED = {
    "english": "Yes please.\n\nOn Mon, 2 Mar 2026 at 10:00, Hearth\n<care@shop.example> wrote:\n> Shall we?\n> Ines\n",
    "german": "Yes please.\n\nAm 02.03.26 um 10:00 schrieb Hearth & Thread:\n\n> Shall we?\n",
    "french": "Yes please.\n\nLe lun. 2 mars 2026 à 10:00, Hearth <care@shop.example> a écrit :\n> Shall we?\n",
    "portuguese": "Yes please.\n\nEm seg., 2 de mar. de 2026 às 10:00, Hearth escreveu:\n> Shall we?\n",
    "outlook": "Yes please.\n\n____________\nFrom: Hearth & Thread <care@shop.example>\nSent: Monday\nTo: Ana\n"
    "Subject: Your order\n\nShall we?\n",
    "outlook-de": "Yes please.\n\nVon: Hearth & Thread\nGesendet: Montag\nAn: Ana\nBetreff: Bestellung\n\nShall we?\n",
    "original": "Yes please.\n\n-----Original Message-----\nShall we?\n",
    "bare": "Yes please.\n\n> Shall we?\n",
    "marker": f"Yes please.\n\nOn Monday Hearth wrote:\n{MARKER}\nShall we?\n",
    "outlook-in-any-language": "Yes please.\n\n________________\nVan: Hearth & Thread <care@shop.example>\n"
    f"Verzonden: maandag\nAan: Ana\nOnderwerp: Re: Mug\n\n{MARKER}\n\nShall we?\n",
    "a-program-without-any-introduction": f"Yes please.\n\n{MARKER}\n\nShall we?\n",
    "marker-in-any-language": f"Yes please.\n\n{marker('Bitte über dieser Zeile antworten')}\n\nShall we?\n",
    "quoted-marker": f"Yes please.\n\nOn Monday Hearth wrote:\n> {MARKER}\n> Shall we?\n",
}

KEPT = {
    "not-a-quotation": "Hello,\nOn Monday the courier left it in the rain and wrote:\n nothing at all.\nRefund it.",
    "between-the-lines": "> Shall we?\nYes.\n> And the candle?\nNo, thank you.\n",
    "below": "On Monday Hearth wrote:\n> Shall we?\n\nYes please.\n",
    "below-the-marker": f"On Monday Hearth wrote:\n> {MARKER}\n> Shall we?\n\nYes please.\n",
    "only-a-quotation": "> Shall we?\n",
    "no-date-no-block": "From: the bottom of my heart\nthank you\n",
    "ps": "Thanks\n--\nAna\n\nPS the scarf is missing too\n",
}


@pytest.mark.parametrize("text", QUOTED.values(), ids=QUOTED.keys())
def test_quoted_history_is_folded(text: str) -> None:
    assert new_text(text) == "Yes please."


@pytest.mark.parametrize("text", KEPT.values(), ids=KEPT.keys())
def test_in_doubt_everything_is_kept(text: str) -> None:
    assert new_text(text) == text.rstrip()


def test_a_note_stands_behind_the_new_words() -> None:
    assert with_note("Yes.\n\n> Shall we?\n", "[attachment: a.jpg, 2.0 MB, kept]") == (
        "Yes.\n\n[attachment: a.jpg, 2.0 MB, kept]",
        "Yes.\n\n[attachment: a.jpg, 2.0 MB, kept]\n\n> Shall we?\n",
    )


pieces = st.sampled_from(
    [
        "> ",
        "\n",
        "On Monday Ana wrote:",
        "Von: ",
        "Gesendet: x",
        "Betreff: y",
        "From: z",
        "Sent: z",
        "Subject: z",
        MARKER,
    ]
)
texts = st.lists(st.one_of(pieces, st.text(max_size=12)), max_size=20).map("".join)


@given(texts)
def test_new_text_is_a_beginning_of_the_text_and_never_empty(text: str) -> None:
    new = new_text(text)

    assert text.startswith(new)
    assert bool(new.strip()) == bool(text.strip())


def test_two_lines_of_her_own_above_our_line_are_hers() -> None:
    assert new_text(f"Size: M\nColour: sage\n\n{MARKER}\n\nShall we?\n") == "Size: M\nColour: sage"
