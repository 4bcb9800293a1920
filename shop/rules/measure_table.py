"""Measures as people keep them in a spreadsheet: sizes down and measures across, or the other way round.

Source: commerce reference 1 (measurements per variant); F2 of the fit research: garment measures prevent returns.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from shop.rules.catalogue_file import MOST_MM, BadFile
from shop.rules.lengths import millimetres

Thing = TypeVar("Thing")

UNITS = ("cm", "mm", "in")
MOST_LETTERS = 20_000


@dataclass(frozen=True)
class Known:
    """What a table may speak of, each name in small letters: articles by size or article number, codes by measure."""

    articles: Mapping[str, tuple[str, ...]]
    measures: Mapping[str, str]


def read_measures(text: str, *, unit: str, known: Known) -> dict[str, dict[str, int]]:
    """Return {article: {code of the measure: whole millimetres}} of a pasted table; an empty cell says nothing.

    Cells are parted by tabs or semicolons; a decimal comma is as good as a point, so what could be a sign between
    thousands (1.250) is refused; `unit` is cm, mm or in.
    Raises shop.rules.catalogue_file.BadFile with a sentence for each wrong cell, named by its row and column.
    """
    table = _table(text, known)
    problems: list[str] = []
    heads = _heads(table[0][1:], known, problems)
    found: dict[str, dict[str, int]] = {}
    for cells in table[1:]:
        mine = _row(cells, heads, unit, problems)
        for article in _known(cells[0], known.articles, "size or article", problems) or ():
            if found.setdefault(article, {}).keys() & mine.keys():
                problems.append(f"Row {cells[0]}: a row above says another measure of {article}.")
            found[article].update(mine)
    found = {article: mine for article, mine in found.items() if mine}
    if not found and not problems:
        problems.append("There is no number in the table.")
    if problems:
        raise BadFile(*problems)
    return found


def _table(text: str, known: Known) -> list[list[str]]:
    """Return the cells, measures across.  Raises BadFile for what is no table."""
    if len(text) > MOST_LETTERS:
        raise BadFile("The table is longer than any piece has measures. Paste less.")
    table = _cells(text)
    if len(table) < 2 or len(table[0]) < 2:
        raise BadFile("Paste a table: the measures in the first row, then a row for each size.")
    if all(_name(cell) in known.articles for cell in table[0][1:] if cell):
        table = _turned(table)
    return table


def _heads(cells: Sequence[str], known: Known, problems: list[str]) -> list[tuple[str, str | None]]:
    """Return each head of a column with the code of its measure."""
    heads = [(head, _known(head, known.measures, "measure", problems)) for head in cells]
    codes = [code for _head, code in heads if code]
    problems += [f"The measure {head} is there twice." for head, code in heads if code and codes.count(code) > 1][1:]
    return heads


def _row(
    cells: Sequence[str], heads: Sequence[tuple[str, str | None]], unit: str, problems: list[str]
) -> dict[str, int]:
    """Return {code: millimetres} of one row."""
    if len(cells) > len(heads) + 1:
        problems.append(f"Row {cells[0]}: there are more values than measures.")
    found: dict[str, int] = {}
    for (head, code), cell in zip(heads, cells[1:], strict=False):
        length = _length(cell, unit, f"Row {cells[0]}, {head}", problems)
        if code and length:
            found[code] = length
    return found


def _cells(text: str) -> list[list[str]]:
    parted = "\t" if "\t" in text else ";"
    rows = [[cell.strip() for cell in line.split(parted)] for line in text.splitlines() if line.strip(" \t;")]
    for row in rows:
        while len(row) > 1 and not row[-1]:
            row.pop()
    return rows


def _turned(table: Sequence[Sequence[str]]) -> list[list[str]]:
    width = len(table[0])
    return [[row[column] if column < len(row) else "" for row in table] for column in range(width)]


def _name(cell: str) -> str:
    return re.sub(r"\s+", " ", cell).strip().lower()


def _known(cell: str, names: Mapping[str, Thing], what: str, problems: list[str]) -> Thing | None:
    found = names.get(_name(cell))
    if found is None:
        problems.append(f"There is no {what} called “{cell[:40]}”.")
    return found


def _length(cell: str, unit: str, where: str, problems: list[str]) -> int | None:
    """Return whole millimetres; None for an empty cell and for one that is wrong, which is told."""
    if not cell:
        return None
    read = re.fullmatch(r"(\d{1,5})(?:[.,](\d{1,3}))?\s*(cm|mm|in|\")?", cell.lower())
    if not read:
        problems.append(f"{where}: “{cell[:20]}” is no length, such as 47.5.")
        return None
    written = {'"': "in", None: unit}.get(read[3], read[3])
    length = Decimal(f"{read[1]}.{read[2] or 0}")
    if written != "in" and len(read[2] or "") == 3:  # an inch has eighths: 18.125; nobody measures cloth that finely
        both = f"{read[1]}{read[2]} or as {length.normalize():f}"
        problems.append(f"{where}: “{cell[:20]}” can be read as {both}. Write the one you mean.")
        return None
    if written == "mm" and length != int(length):
        problems.append(f"{where}: “{cell[:20]}” is no whole number of millimetres.")
        return None
    mm = int(length) if written == "mm" else millimetres(length, written)
    if not 0 < mm <= MOST_MM:
        problems.append(f"{where}: “{cell[:20]}” is not between 1 mm and 10 m.")
        return None
    return mm
