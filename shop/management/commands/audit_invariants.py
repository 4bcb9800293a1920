"""Ask the database whether everything that must be true is true."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import DatabaseError

from shop.queries.audit import Breach, breaches


class Command(BaseCommand):
    """Print every breach.  Exit 0 clean, 1 breaches, 2 could not check."""

    help = "Check every invariant with read-only SQL. Example: manage.py audit_invariants --json"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the form of the answer."""
        parser.add_argument("--json", action="store_true", help="print the breaches as one JSON list")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run all invariants and report."""
        try:
            found = breaches()
        except DatabaseError as problem:
            self.stderr.write(f"Could not check: {problem}")
            sys.exit(2)
        self.report(found, as_json=options["json"])
        if found:
            sys.exit(1)

    def report(self, found: list[Breach], *, as_json: bool) -> None:
        """Write the breaches, one a line, or the sentence that there are none."""
        if as_json:
            self.stdout.write(json.dumps([breach.__dict__ for breach in found]))
            return
        for breach in found:
            self.stdout.write(f"{breach.code} {breach.says} {breach.what}: {breach.detail}")
        self.stdout.write(f"{len(found)} breaches." if found else "All invariants hold.")
