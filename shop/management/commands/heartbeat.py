"""`manage.py heartbeat`: does the work in the background go on?"""

from __future__ import annotations

from typing import Any

from django.core.management import CommandError, CommandParser
from django.core.management.base import BaseCommand
from django.utils import timezone

from shop.queries import health


class Command(BaseCommand):
    """Exit 1 unless beat has rung and a worker has swept lately: the one sign that beat, broker and worker all live."""

    help = "Exit 1 unless a worker has run a sweep within so many seconds. Example: manage.py heartbeat --within 120"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the longest silence allowed."""
        parser.add_argument("--within", type=int, default=120, metavar="SECONDS")

    def handle(self, *args: Any, **options: Any) -> None:
        """Look at the newest heartbeat row. Raises CommandError when it is too old, missing or out of reach."""
        state = health.readiness(at=timezone.now())
        if state["database"] != "ok":
            raise CommandError("the database does not answer")
        age = state["last_sweep_seconds"]
        if age is None or age > options["within"]:
            raise CommandError("no sweep has run yet" if age is None else f"the last sweep ran {age} s ago")
        self.stdout.write(f"The last sweep ran {age} s ago.")
