"""`manage.py reconcile_payments FILE`: bring in what the bank says came in."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management import CommandError, CommandParser
from django.core.management.base import BaseCommand
from django.utils import timezone

from orders.operations.reconciling import Outcome, look_at, take_in
from orders.rules.statements import Unreadable, read_statement
from shop.rules import wording
from shop.rules.money import Money


class Command(BaseCommand):
    """Read a bank statement, note what pays which order, list what a person must look at."""

    help = (
        "Match a bank statement (CAMT.053, CAMT.054, or a table with date, amount and purpose) with orders. What is"
        " certain is noted; the rest waits in the admin under Lines of bank statements. Taken in twice, a line counts"
        " once. Exit 1: some lines are unknown. Example: manage.py reconcile_payments statement.xml --dry-run"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file, and whether to look only."""
        parser.add_argument("file", help="the statement as the bank exported it")
        parser.add_argument("--dry-run", action="store_true", help="say what each line would be, write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print a line for each line.  Raises CommandError for a file that is no statement."""
        try:
            lines = read_statement(Path(options["file"]).read_bytes())
        except OSError as problem:
            raise CommandError(f"{options['file']} cannot be opened: {problem.strerror}.") from None
        except Unreadable as problem:
            raise CommandError(str(problem)) from None
        counted: Counter[str] = Counter()
        at = timezone.now()
        for line in lines:
            outcome = look_at(line, at=at) if options["dry_run"] else take_in(line, at=at)
            counted[outcome.state if outcome.new else "known"] += 1
            self.stdout.write(_said(outcome))
        told = ", ".join(f"{number} {state.replace('_', ' ')}" for state, number in sorted(counted.items()))
        self.stdout.write(f"{len(lines)} lines: {told or 'none'}.{' Nothing was written.' * options['dry_run']}")
        if counted["unknown"]:
            self.stdout.write(
                "Unknown lines wait in the admin: Orders, Lines of bank statements. What may be noted already was not"
                " noted again: say there whether it is another payment, or set it aside."
            )
            sys.exit(1)


def _said(outcome: Outcome) -> str:
    line = outcome.line
    amount = wording.money(Money(line.amount_minor, line.currency), "en")
    known = "" if outcome.new else "  (known)"
    return f"{line.booked_on}  {amount:>12}  {outcome.state:<9}  {outcome.number or outcome.why}{known}"
