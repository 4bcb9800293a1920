"""Write the catalogue into a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from shop.gateways import sheets
from shop.queries.exporting import catalogue_rows


class Command(BaseCommand):
    """What it writes import_catalogue reads back unchanged."""

    help = "Write the catalogue as CSV or XLSX, by the end of the name. Example: manage.py export_catalogue all.xlsx"

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare where to."""
        parser.add_argument("file", metavar="FILE", type=Path, help="ends in .csv or .xlsx")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write it."""
        file: Path = options["file"]
        writers = {".csv": sheets.write_csv, ".xlsx": sheets.write_xlsx}
        if file.suffix.lower() not in writers:
            raise CommandError("Name a file that ends in .csv or .xlsx.")
        rows = list(catalogue_rows())
        try:
            file.write_bytes(writers[file.suffix.lower()](rows))
        except OSError as problem:
            raise CommandError(f"{file} cannot be written: {problem.strerror}.") from None
        self.stdout.write(f"{len(rows) - 1} variants in {file}.")
