from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.rules.catalogue_file import BadFile
from shop.rules.measure_table import Known, read_measures

KNOWN = Known(
    articles={"s": ("T-S-1", "T-S-2"), "m": ("T-M-1",), "t-m-1": ("T-M-1",)},
    measures={"width": "garment-width", "garment-width": "garment-width", "body length": "garment-length"},
)


def read(text: str, unit: str = "cm") -> dict[str, dict[str, int]]:
    return read_measures(text, unit=unit, known=KNOWN)


def problems(text: str) -> tuple[str, ...]:
    with pytest.raises(BadFile) as refusal:
        read(text)
    return refusal.value.problems


def test_a_size_means_every_article_in_it_and_a_number_one() -> None:
    found = read("Size\tWidth\tBody  length\nS\t47\t63,5\nt-m-1\t49.5\t")

    assert found == {
        "T-S-1": {"garment-width": 470, "garment-length": 635},
        "T-S-2": {"garment-width": 470, "garment-length": 635},
        "T-M-1": {"garment-width": 495},
    }


@pytest.mark.parametrize(
    ("cell", "unit", "mm"),
    [
        ("47", "cm", 470),
        ("47", "mm", 47),
        ("18.5", "in", 470),
        ("470 mm", "cm", 470),
        ('18.5"', "cm", 470),
        ("0,1", "cm", 1),
    ],
)
def test_a_cell_may_name_its_unit(cell: str, unit: str, mm: int) -> None:
    assert read(f";Width\nM;{cell}", unit) == {"T-M-1": {"garment-width": mm}}


@pytest.mark.parametrize(
    ("cell", "unit"),
    [("1.250", "mm"), ("1,250", "mm"), ("1.000", "mm"), ("12,000", "mm"), ("1.250", "cm"), ("1,000 cm", "in")],
)
def test_what_may_be_a_sign_between_thousands_is_refused(cell: str, unit: str) -> None:
    with pytest.raises(BadFile) as refusal:
        read(f";Width\nM;{cell}", unit)

    [told] = refusal.value.problems
    assert "can be read as " in told


@pytest.mark.parametrize("cell", ["1 250", "1\u00a0250", "1'250", "1\u2019250", "1.250,5", "1,250.5", "1.250.000"])
def test_other_signs_between_thousands_are_no_length(cell: str) -> None:
    assert problems(f";Width\nM;{cell}") == (f"Row M, Width: “{cell}” is no length, such as 47.5.",)


@pytest.mark.parametrize(
    ("cell", "unit", "mm"), [("1250", "mm", 1250), ("1250.0", "mm", 1250), ("18,125", "in", 460), ("47,50", "cm", 475)]
)
def test_what_can_be_read_one_way_alone_is_read(cell: str, unit: str, mm: int) -> None:
    assert read(f";Width\nM;{cell}", unit) == {"T-M-1": {"garment-width": mm}}


def test_sizes_across_are_turned() -> None:
    assert read("\tS\tM\nWidth\t47\t49") == read("\tWidth\nS\t47\nM\t49")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", ("Paste a table: the measures in the first row, then a row for each size.",)),
        ("47 48 49", ("Paste a table: the measures in the first row, then a row for each size.",)),
        (";Width\nS;wide", ("Row S, Width: “wide” is no length, such as 47.5.",)),
        (";Width\nS;-3", ("Row S, Width: “-3” is no length, such as 47.5.",)),
        (";Width\nS;1.25 mm", ("Row S, Width: “1.25 mm” is no whole number of millimetres.",)),
        (
            ";Width\nS;1.250 mm",
            ("Row S, Width: “1.250 mm” can be read as 1250 or as 1.25. Write the one you mean.",),
        ),
        (";Width\nS;0", ("Row S, Width: “0” is not between 1 mm and 10 m.",)),
        (";Width\nS;1001", ("Row S, Width: “1001” is not between 1 mm and 10 m.",)),
        (";Width\nS;=1+1", ("Row S, Width: “=1+1” is no length, such as 47.5.",)),
        (";Chest\nXL;47", ("There is no measure called “Chest”.", "There is no size or article called “XL”.")),
        (";Width\nS;47;48", ("Row S: there are more values than measures.",)),
        (";Width;garment-width\nM;47;48", ("The measure garment-width is there twice.",)),
        (";Width\nm;47\nM;48", ("Row M: a row above says another measure of T-M-1.",)),
        (";Width\nS;\nM;", ("There is no number in the table.",)),
        ("x;" * 20_001, ("The table is longer than any piece has measures. Paste less.",)),
    ],
)
def test_what_is_wrong_is_named_by_row_and_column(text: str, told: tuple[str, ...]) -> None:
    assert problems(text) == told


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    found: dict[str, dict[str, int]] = {}
    with suppress(BadFile):
        found = read(text)

    assert all(0 < mm <= 10_000 for of_article in found.values() for mm in of_article.values())
