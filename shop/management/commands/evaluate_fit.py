"""`manage.py evaluate_fit`: how well the fit model would have foretold reports that came later."""

from __future__ import annotations

import csv
from argparse import ArgumentTypeError
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from time import process_time
from typing import Any

from django.core.management import CommandError, CommandParser
from django.core.management.base import BaseCommand

from shop.gateways.fit_reports import FACTS, Row, Unreadable, read_reports
from shop.rules.fit import FitModel, Outlook
from shop.rules.fit_evaluation import Score, by_earlier_reports, label_scores, score

SHOWN_BAD_ROWS = 20
_HEAD = ("user", "item", "size", "date", "p_small", "p_fit", "p_large")


class Command(BaseCommand):
    """Train on the reports before a day, then judge each later one from the reports of the days before it."""

    help = (
        "Train the fit model on reports before --from and roll it forward: every later report is judged from those of "
        "earlier days alone. Prints macro AUC (one verdict against the rest), the same by earlier reports of the item, "
        "and what later reports say of items labelled before --from. No database is used. "
        "Example: manage.py evaluate_fit --reports reports.csv.gz --from 2017-07-01 --dump judged.csv"
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file, the day and where to write."""
        parser.add_argument("--reports", type=Path, required=True, metavar="CSV", help="plain or gzip")
        parser.add_argument("--from", dest="since", type=_day, required=True, metavar="YYYY-MM-DD")
        parser.add_argument("--dump", type=Path, metavar="CSV", help="write the odds of every report here")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, roll, print and dump.  Raises CommandError when the file or the target cannot be used."""
        began = process_time()
        rows = self._read(options["reports"])
        since = options["since"].toordinal()
        if not any(row.report.day >= since for row in rows):
            raise CommandError(f"there is no report from {options['since']} on: choose an earlier day for --from")
        seen = list(self._roll(rows))
        later = [(row, outlook) for row, outlook in seen if row.report.day >= since]
        self._print(rows, later, since)
        if options["dump"]:
            _dump(options["dump"], later)
            self.stdout.write(f"{len(later)} rows in {options['dump']}")
        self.stdout.write(f"{process_time() - began:.0f} s of processor time")

    def _read(self, path: Path) -> list[Row]:
        """Return the good rows in order of days, those of one day as in the file; name the bad ones."""
        rows, bad = list[Row](), 0
        try:
            for row in read_reports(path):
                if isinstance(row, Row):
                    rows.append(row)
                    continue
                bad += 1
                if bad <= SHOWN_BAD_ROWS:
                    self.stderr.write(f"line {row.line} left out: {row.why}")
        except Unreadable as problem:
            raise CommandError(str(problem)) from None
        self.stdout.write(f"{len(rows)} reports read, {bad} lines left out")
        return sorted(rows, key=lambda row: row.report.day)

    def _roll(self, rows: Sequence[Row]) -> Iterator[tuple[Row, Outlook]]:
        """Yield each row with what the model thought of it the evening before."""
        model, step = FitModel(FACTS), max(1, len(rows) // 10)
        judged = model.roll([row.report for row in rows])
        for number, (row, (_report, outlook)) in enumerate(zip(rows, judged, strict=True), start=1):
            if number % step == 0:
                self.stderr.write(f"{number} of {len(rows)} reports, up to {row.written[3]}")
            yield row, outlook

    def _print(self, rows: Sequence[Row], later: Sequence[tuple[Row, Outlook]], since: int) -> None:
        judged = [(row.report, outlook) for row, outlook in later]
        self.stdout.write("\nMacro AUC            all    small      fit    large  reports")
        self._line("from that day on", score(judged))
        for name, found in by_earlier_reports(judged):
            self._line(f"  {name} earlier", found)
        before = (row.report for row in rows if row.report.day < since)
        self.stdout.write("\nLabels before that day, and what came later")
        for each in label_scores(before, (report for report, _ in judged)):
            name = f"runs {each.name}" if each.name else "no label"
            said = f"{each.later.percent('small'):3d} % small, {each.later.percent('large'):3d} % large"
            self.stdout.write(f"{name:12s} {each.items:5d} items: {said} of {each.later.votes} reports")

    def _line(self, name: str, found: Score) -> None:
        figures = (found.macro, *(found.parts or (None, None, None)))
        cells = " ".join("       -" if figure is None else f"{figure:8.4f}" for figure in figures)
        self.stdout.write(f"{name:17s} {cells} {found.reports:8d}")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is no day; write it as 2017-07-01") from None


def _dump(path: Path, judged: Sequence[tuple[Row, Outlook]]) -> None:
    """Write the rows in the order of the file.  Raises CommandError."""
    try:
        with path.open("w", encoding="utf-8", newline="") as target:
            lines = csv.writer(target)
            lines.writerow(_HEAD)
            for row, seen in sorted(judged, key=lambda pair: pair[0].line):
                lines.writerow([*row.written, *(f"{each:.6f}" for each in (seen.small, seen.fit, seen.large))])
    except OSError as problem:
        raise CommandError(f"{path}: {problem}; choose another place for --dump") from None
