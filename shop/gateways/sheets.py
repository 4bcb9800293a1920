"""Tables as files: CSV and XLSX read into cells of text, and written.  Hostile files are refused in a sentence.

A spreadsheet is a zip of XML from a stranger: its size is looked at before anything is unpacked, entities are never
expanded (defusedxml, which openpyxl takes where it is installed), formulas stay text, macros are refused.
Source: reliability reference S20, S21; OWASP CSV injection.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime

from openpyxl import Workbook, load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from shop.rules.catalogue_file import BadFile

MOST_BYTES = 20 * 1024 * 1024
MOST_UNPACKED = 200 * 1024 * 1024
MOST_ENTRIES = 500
MOST_RATIO = 200  # how far honest XML of tables shrinks; a bomb shrinks a thousand times
MOST_COLUMNS = 200
MOST_CELL = 32_767  # what a spreadsheet takes
# What openpyxl and the parser below it raise for damaged and forbidden XML; defusedxml's refusals are ValueErrors.
_BROKEN = (
    InvalidFileException,
    zipfile.BadZipFile,
    KeyError,
    ValueError,
    IndexError,
    AttributeError,
    OSError,
    TypeError,
    SyntaxError,
)
_ZIP, _OLD = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"

Table = Iterator[tuple[int, list[str]]]


def read(raw: bytes) -> Table:
    """Yield (number of the line, cells as text) of a CSV or XLSX file, whatever it is called.  Raises BadFile."""
    if len(raw) > MOST_BYTES:
        raise BadFile(f"The file is larger than {MOST_BYTES // 1024 // 1024} MB. Split it.")
    if not raw.strip():
        raise BadFile("The file is empty.")
    if raw.startswith(_OLD):
        raise BadFile("This is an old or protected spreadsheet. Save it as XLSX without a password, or as CSV UTF-8.")
    return _spreadsheet(raw) if raw.startswith(_ZIP) else _csv(raw)


def _csv(raw: bytes) -> Table:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        line = raw[: wrong.start].count(b"\n") + 1
        raise BadFile(f"Line {line} is not UTF-8. Save the file as “CSV UTF-8”.") from None
    if "\0" in text:
        raise BadFile(f"Line {text[: text.index(chr(0))].count(chr(10)) + 1}: the file is not text.")
    head = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=head.count), strict=True)
    line = 1
    try:
        for cells in reader:
            if len(cells) > MOST_COLUMNS:
                raise BadFile(f"Line {line} has more than {MOST_COLUMNS} columns.")
            yield line, cells
            line = reader.line_num + 1
    except csv.Error:
        raise BadFile(f"Line {line} is not CSV: a value is too long, or a quote is not closed.") from None


def _spreadsheet(raw: bytes) -> Table:
    _look_inside(raw)
    try:
        book = load_workbook(io.BytesIO(raw), read_only=True, data_only=False, keep_links=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what a stranger claims about its size is not believed
        for line, row in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS + 1), start=1):
            cells = [_text(cell.value, cell.data_type) for cell in row]
            if len(cells) > MOST_COLUMNS and cells[MOST_COLUMNS]:
                raise BadFile(f"Line {line} has more than {MOST_COLUMNS} columns.")
            yield line, cells
    except BadFile:
        raise
    except _BROKEN:
        raise BadFile("The file cannot be read as a spreadsheet. Save it anew as XLSX, or as CSV UTF-8.") from None


def _look_inside(raw: bytes) -> None:
    """Judge a zip by its table of contents, before anything is unpacked.  Raises BadFile."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as packed:
            entries = packed.infolist()
    except (zipfile.BadZipFile, ValueError, OSError):
        raise BadFile("The file is damaged. Save it anew as XLSX, or as CSV UTF-8.") from None
    names = {entry.filename.lower() for entry in entries}
    if any(name.endswith("vbaproject.bin") for name in names):
        raise BadFile("The file holds macros. Save it as XLSX without them, or as CSV UTF-8.")
    if "[content_types].xml" not in names:
        raise BadFile("The file is a zip, but no spreadsheet. Save it as XLSX, or as CSV UTF-8.")
    unpacked = sum(entry.file_size for entry in entries)
    steep = any(
        entry.file_size > 1024 * 1024 and entry.file_size > MOST_RATIO * max(entry.compress_size, 1)
        for entry in entries
    )
    if len(entries) > MOST_ENTRIES or unpacked > MOST_UNPACKED or steep:
        raise BadFile("Unpacked the file would be far larger than a catalogue. Save the sheet alone as CSV UTF-8.")


def _text(value: object, kind: str) -> str:
    """Write a cell as a person reads it: 38.0 is "38", a formula stays a formula."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, date | datetime):
        return value.isoformat()
    text = str(value)
    return f"={text}" if kind == "f" and not text.startswith("=") else text[: MOST_CELL + 1]


def write_csv(rows: Iterable[Sequence[str]]) -> bytes:
    """Return a CSV file as spreadsheets open it: UTF-8 with its mark, commas, lines that end in CR LF."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    return out.getvalue().encode("utf-8-sig")


def write_xlsx(rows: Iterable[Sequence[str]]) -> bytes:
    """Return an XLSX file whose cells are all text."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("catalogue")
    for row in rows:
        sheet.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
