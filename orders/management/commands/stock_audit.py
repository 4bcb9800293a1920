"""Compare shelves, movements and open orders."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand
from django.db import DatabaseError

from orders.queries.stock_audit import Difference, differences


class Command(BaseCommand):
    """Print every difference with the movements behind it.  Exit 0 clean, 1 differences, 2 could not check."""

    help = (
        "Recompute every shelf from its movements and from the open orders; reads only."
        " Example: manage.py stock_audit --sku TEE-SAGE-M --movements 20"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take which article, how much of its past, and the form of the answer."""
        parser.add_argument("--sku", default="", help="look at this article alone")
        parser.add_argument("--movements", type=int, default=10, help="how many of the last movements to print (10)")
        parser.add_argument("--json", action="store_true", help="print one JSON list")

    def handle(self, *args: Any, **options: Any) -> None:
        """Compare and report."""
        try:
            found = differences(sku=options["sku"], movements=max(options["movements"], 0))
        except DatabaseError as problem:
            self.stderr.write(f"Could not check: {problem}")
            sys.exit(2)
        if options["json"]:
            self.stdout.write(json.dumps([asdict(row) for row in found], default=str))
        else:
            self.report(found)
        if found:
            sys.exit(1)

    def report(self, found: list[Difference]) -> None:
        """Write each difference and its movements, or the sentence that there are none."""
        for row in found:
            self.stdout.write(f"{row.sku} at {row.place}: {row.says}")
            for movement in row.movements:
                self.stdout.write(f"    {movement}")
        if found:
            self.stdout.write(
                f"{len(found)} differences. Count those shelves in the admin, or look at the orders named."
            )
        else:
            self.stdout.write("Shelves, movements and open orders agree.")
