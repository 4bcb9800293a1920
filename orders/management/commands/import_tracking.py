"""Bring a courier's list of scans in, for couriers that send a file instead of calling our webhook."""

from __future__ import annotations

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from orders.operations.scanning import check_scans, import_scans
from orders.queries.couriers import couriers
from orders.rules.scan_file import NEEDED, OPTIONAL, BadFile, read

EXAMPLE = f"""
Example: look at a file, then bring it in
  python3 manage.py import_tracking scans.csv --dry-run
  python3 manage.py import_tracking scans.csv --carrier own

The first line names the columns: {", ".join(NEEDED)}; if you like {", ".join(OPTIONAL)}.
  tracking_number,code,occurred_at,place
  KP-7001,out_for_delivery,2026-03-05 08:10,Porto

A file with a wrong line changes nothing.  Bringing the same file in again changes nothing either.
"""
MOST_BYTES = 2_000_000


class Command(BaseCommand):
    """Read the file, name every wrong line, or apply it."""

    help = "Bring a courier's CSV list of scans in."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare FILE, --carrier and --dry-run."""
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = EXAMPLE
        parser.add_argument("file", type=Path, help="the CSV file, UTF-8")
        parser.add_argument("--carrier", default="own", help="whose numbers these are, a code of COURIERS (own)")
        parser.add_argument("--dry-run", action="store_true", help="say what is in it and change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Apply the list; exit 1 with a sentence for every line that is wrong."""
        carrier = options["carrier"]
        if carrier not in couriers():
            raise CommandError(f"There is no courier {carrier}. COURIERS names {', '.join(couriers())}.")
        try:
            rows = read(_bytes(options["file"]), zone=timezone.get_current_timezone())
            if options["dry_run"]:
                parcels = check_scans(rows=rows, carrier=carrier)
                self.stdout.write(f"{len(rows)} scans of {parcels} parcels; nothing was changed.")
                return
            new = import_scans(rows=rows, carrier=carrier, by=None, at=timezone.now())
        except BadFile as refusal:
            raise CommandError("\n".join([*refusal.problems, "Nothing was changed."])) from None
        self.stdout.write(f"{new} new scans of {len(rows)}.")


def _bytes(file: Path) -> bytes:
    try:
        if file.stat().st_size > MOST_BYTES:
            raise CommandError(f"{file} is larger than {MOST_BYTES} bytes. Split it.")
        return file.read_bytes()
    except OSError as problem:
        raise CommandError(f"{file}: {problem.strerror}.") from None
