"""`manage.py repair_money`: bring money and papers of orders in line that earlier versions left wrong."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management import CommandParser
from django.core.management.base import BaseCommand
from django.utils import timezone

from orders.operations.repairing import CODES, Mended, NotMended, mend_order, preview_mending, to_mend
from shop.rules import wording
from shop.rules.money import Money


class Command(BaseCommand):
    """Mend each order by itself.  Exit 0: all are right; 1: a person has to look at some, and they are named."""

    help = (
        f"Mend what audit_invariants finds as {', '.join(CODES)}: money of cancelled orders that is still here, pieces"
        " that were left out and are asked for still, invoices that say something else than the order. Letters and"
        " credit notes follow as always. Look first: manage.py repair_money --dry-run"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take whether to look only, and which order alone."""
        parser.add_argument("--dry-run", action="store_true", help="say what would be done, write nothing")
        parser.add_argument("--order", default="", help="the number of the only order to mend")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print a line for each order."""
        mend = preview_mending if options["dry_run"] else mend_order
        wrong, left = to_mend(options["order"]), 0
        for number in wrong:
            try:
                self.stdout.write(_said(mend(number=number, at=timezone.now())))
            except NotMended as problem:
                left += 1
                self.stdout.write(f"{number}  a person has to look: {problem}")
        done = f"{len(wrong)} orders: {len(wrong) - left} mended, {left} left." if wrong else "Nothing is wrong."
        self.stdout.write(f"{done}{' Nothing was written.' * options['dry_run']}")
        if left:
            sys.exit(1)


def _said(mended: Mended) -> str:
    done = [
        f"{wording.money(Money(minor, mended.currency), 'en')} {words}"
        for minor, words in ((mended.back_minor, "goes back"), (mended.less_minor, "less is asked for"))
        if minor
    ]
    papers = [f"issued {', '.join(mended.papers)}"] if mended.papers else []
    return f"{mended.number}  {', '.join(mended.codes)}  {'; '.join([*done, *papers]) or 'in order meanwhile'}"
