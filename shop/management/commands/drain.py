"""Do by hand what beat and the workers do: run every sweep until nothing is due."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from shop import sweeps


class Command(BaseCommand):
    """Run the sweeps without any broker.  Exit 0 when nothing is due any more."""

    help = "Run every sweep until nothing is due, without Redis or Celery. Example: manage.py drain --rounds 20"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the number of rounds after which to stop."""
        parser.add_argument("--rounds", type=int, default=100, help="stop after this many rounds (default 100)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run rounds over all sweeps until one round settles nothing."""
        total = 0
        for _round in range(options["rounds"]):
            settled = sum(sweeps.run(name, at=timezone.now()) for name in sweeps.registered())
            total += settled
            if settled == 0:
                self.stdout.write(f"Nothing is due. {total} rows settled.")
                return
            self.stdout.write(f"{settled} rows settled ...")
        self.stdout.write(f"Stopped after {options['rounds']} rounds; {total} rows settled, more may be due.")
