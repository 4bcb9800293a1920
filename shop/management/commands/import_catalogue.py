"""Bring a table into the catalogue."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from shop.gateways import sheets
from shop.models import MeasurementDefinition
from shop.operations.importing import Outcome, import_catalogue
from shop.rules.catalogue_file import COLUMNS, BadFile, read

MOST_SHOWN = 50


class Command(BaseCommand):
    """Everything or nothing: a file with a wrong line changes nothing."""

    help = (
        "Bring a CSV or XLSX file into the catalogue, a line for each variant; an empty cell leaves what is there. "
        f"Columns: {', '.join(COLUMNS)}, and 'mm <code>' for each measure. export_catalogue writes one to begin with. "
        "Example: manage.py import_catalogue spring.xlsx --dry-run"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare which file, and whether to look only."""
        parser.add_argument("file", metavar="FILE", type=Path, help="CSV (UTF-8) or XLSX")
        parser.add_argument("--dry-run", action="store_true", help="say what it would do; change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read it, then look or write."""
        file: Path = options["file"]
        try:
            raw = file.read_bytes()
        except OSError as refusal:
            raise CommandError(f"{file} cannot be read: {refusal.strerror}.") from None
        codes = MeasurementDefinition.objects.order_by("id").values_list("code", flat=True)
        try:
            pieces = read(sheets.read(raw), measures=set(codes), currency=settings.SHOP_CURRENCY)
            outcome = import_catalogue(
                pieces=pieces, by=None, at=timezone.now(), dry_run=options["dry_run"], progress=self._tell
            )
        except BadFile as bad:
            for problem in bad.problems[:MOST_SHOWN]:
                self.stderr.write(problem)
            more = len(bad.problems) - MOST_SHOWN
            told = f" And {more} more." if more > 0 else ""
            raise CommandError(f"Nothing was changed. Correct this and run it again.{told}") from None
        self.stdout.write(_words(outcome))
        if options["dry_run"]:
            self.stdout.write("This was a look: nothing was changed.")

    def _tell(self, done: int, total: int) -> None:
        if sys.stderr.isatty() or done == total:
            self.stderr.write(f"{done} of {total} lines", ending="\r" if done < total else "\n")


def _words(outcome: Outcome) -> str:
    return (
        f"Products: {outcome.new_products} new, {outcome.changed_products} changed. "
        f"Variants: {outcome.new_variants} new, {outcome.changed_variants} changed, "
        f"{outcome.unchanged_variants} as they were."
    )
