"""A courier's list as a CSV file: read whole, or refused with every line that is wrong.

Columns `tracking_number`, `code`, `occurred_at`; optional `reason`, `place`, `words`, `eta_on`; separated by comma,
semicolon or tab.  Codes and reasons are ours (orders/README.md).  A moment without a zone is on the shop's clock.
Source: commerce reference 3.19 (the manual adapter).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from orders.rules.courier_news import EARLIEST, FARTHEST_ETA
from orders.rules.couriers.delivery import day, words
from orders.rules.tracking import REASON_ACTOR, Status

NEEDED = ("tracking_number", "code", "occurred_at")
OPTIONAL = ("reason", "place", "words", "eta_on")
MOST_ROWS = 5_000


@dataclass(frozen=True)
class ScanRow:
    """One line of the file; `occurred_at` is UTC, `eta_on` ISO or nothing."""

    line: int
    tracking_number: str
    code: str
    occurred_at: datetime
    reason: str = ""
    place: str = ""
    words: str = ""
    eta_on: str = ""


class BadFile(Exception):
    """The file is refused; `problems` are sentences that name line and column."""

    def __init__(self, *problems: str) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems


def read(raw: bytes, *, zone: tzinfo) -> list[ScanRow]:
    """Return every row of a file, in its order; empty lines are passed over.  Raises BadFile."""
    reader = _reader(_text(raw))
    problems: list[str] = []
    rows = []
    try:
        for record in reader:
            if reader.line_num > MOST_ROWS + 1:
                raise BadFile(f"The file has more than {MOST_ROWS} lines. Split it.")
            if any(value.strip() for value in record.values() if isinstance(value, str)):
                rows += _row(record, reader.line_num, zone, problems)
    except csv.Error:
        raise BadFile(
            f"Line {reader.line_num + 1} is not CSV: a value is too long, or a quote is not closed."
        ) from None
    if problems:
        raise BadFile(*problems)
    if not rows:
        raise BadFile("The file holds no scans.")
    return rows


def _text(raw: bytes) -> str:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadFile("The file is not UTF-8. Save it as “CSV UTF-8”.") from None
    if "\0" in text:
        raise BadFile("The file is not text.")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _reader(text: str) -> csv.DictReader[str]:
    head = text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    reader = csv.DictReader(io.StringIO(text), delimiter=delimiter, strict=False)
    columns = [(name or "").strip().lower() for name in reader.fieldnames or []]
    missing = [name for name in NEEDED if name not in columns]
    unknown = [name for name in columns if name not in (*NEEDED, *OPTIONAL)]
    if missing or unknown or len(set(columns)) < len(columns):
        what = f"lacks {', '.join(missing)}" if missing else f"has {', '.join(unknown) or 'one twice'}"
        raise BadFile(f"Line 1 {what}. The columns are {', '.join(NEEDED)} and, if you like, {', '.join(OPTIONAL)}.")
    reader.fieldnames = columns
    return reader


def _row(record: Mapping[str, object], line: int, zone: tzinfo, problems: list[str]) -> list[ScanRow]:
    value = {name: words(record.get(name), 300) for name in (*NEEDED, *OPTIONAL)}
    found = [f"Line {line}, {column}: {problem}." for column, problem in _problems(value, zone)]
    if None in record:
        found.append(f"Line {line}: there are more values than columns.")
    problems += found
    moment = _moment(value["occurred_at"], zone)
    if found or moment is None:
        return []
    number = "".join(value["tracking_number"].split()).upper()
    return [
        ScanRow(
            line,
            number,
            value["code"],
            moment,
            value["reason"],
            value["place"][:100],
            value["words"],
            value["eta_on"],
        )
    ]


def _problems(value: Mapping[str, str], zone: tzinfo) -> list[tuple[str, str]]:
    found = []
    if not 0 < len(value["tracking_number"]) <= 60:
        found.append(("tracking_number", "1 to 60 signs are needed"))
    if value["code"] not in set(Status):
        found.append(("code", f"“{value['code']}” is none of {', '.join(Status)}"))
    moment = _moment(value["occurred_at"], zone)
    if moment is None:
        found.append(("occurred_at", "write a moment such as 2026-03-05 14:22"))
    if value["reason"] and value["reason"] not in REASON_ACTOR:
        found.append(("reason", f"“{value['reason']}” is none of {', '.join(REASON_ACTOR)}"))
    eta = day(value["eta_on"])
    if value["eta_on"] and (eta is None or (moment and abs(eta - moment.date()) > FARTHEST_ETA)):
        found.append(("eta_on", "write a day within a year, such as 2026-03-06"))
    return found


def _moment(text: str, zone: tzinfo) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
        moment = (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment if moment >= EARLIEST else None
