"""Words of staff's own can fill in values and do nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.rules.flat import Fault, Problem, filled, paragraphs, problems

KNOWN = {"number", "arrives"}


@pytest.mark.parametrize(
    ("text", "fault", "piece"),
    [
        ("{% load secrets %}", Fault.TAG, "{% load secrets %}"),
        ("{# note #}", Fault.TAG, "{# note #}"),
        ("{% unfinished", Fault.TAG, "{% unfinished"),
        ("{{ order.customer.email }}", Fault.NOT_FLAT, "{{ order.customer.email }}"),
        ("{{ number|safe }}", Fault.NOT_FLAT, "{{ number|safe }}"),
        ("{{ number", Fault.NOT_FLAT, "{{ number"),
        ("{{ secret_key }}", Fault.UNKNOWN, "secret_key"),
    ],
)
def test_what_is_not_a_known_flat_variable_is_refused(text: str, fault: Fault, piece: str) -> None:
    assert problems(text, known=KNOWN, must_say=()) == [Problem(fault, piece)]


def test_what_must_be_said_may_be_said_in_subject_or_text() -> None:
    assert problems("{{ number }}", "It arrives {{arrives}}.", known=KNOWN, must_say=("arrives",)) == []
    assert problems("{{ number }}", "Soon.", known=KNOWN, must_say=("arrives",)) == [Problem(Fault.MISSING, "arrives")]


def test_a_value_that_looks_like_a_variable_stays_as_it_is() -> None:
    assert (
        filled("{{ number }}: {{ arrives }}", {"number": "{{ arrives }}", "arrives": "today"}) == "{{ arrives }}: today"
    )


@given(st.text(max_size=200))
def test_words_without_problems_leave_no_braces_of_ours(text: str) -> None:
    if not problems(text, known=KNOWN, must_say=()):
        assert "{{" not in filled(text, {"number": "1", "arrives": "2"})


def test_paragraphs_are_parted_by_empty_lines() -> None:
    assert paragraphs("One\nline\r\n\r\nTwo\n \n\n") == ["One\nline", "Two"]
