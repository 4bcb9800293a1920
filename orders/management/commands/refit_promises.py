"""Learn now what every night learns: how long each delivery service takes."""

from __future__ import annotations

from argparse import RawDescriptionHelpFormatter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from orders.models import ServiceLevel
from orders.operations.refitting import NothingToLearn, look, refit_service
from orders.queries.quotes import days_of
from orders.rules.estimates.service import Knowledge

EXAMPLE = """
Example: look at what one service would learn, then let all of them learn
  python3 manage.py refit_promises --service door-pt --dry-run
  python3 manage.py refit_promises

Only new promises change; one that was made keeps its days, and the version of the table it was counted with.
"""


class Command(BaseCommand):
    """Refit every service that learns, or one; a line for each."""

    help = "Count the days of each delivery service anew from what became of its parcels."

    def create_parser(self, *args: Any, **kwargs: Any) -> CommandParser:
        """Keep the example's lines."""
        return super().create_parser(*args, **kwargs, formatter_class=RawDescriptionHelpFormatter, epilog=EXAMPLE)

    def add_arguments(self, parser: CommandParser) -> None:
        """Take which service, and whether to write."""
        parser.add_argument("--service", default="", metavar="CODE", help="only this one")
        parser.add_argument("--dry-run", action="store_true", help="say what it would learn and change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Learn service by service.  Raises CommandError for a code nobody knows."""
        services = ServiceLevel.objects.select_related(
            "workshop__calendar", "carrier_calendar", "destination_calendar"
        ).filter(active=True)
        if options["service"]:
            services = services.filter(code=options["service"])
        found = list(services.order_by("position", "id"))
        if not found:
            raise CommandError(f"There is no delivery service {options['service']!r} on offer.")
        for number, service in enumerate(found, start=1):
            self.stdout.write(f"{number}/{len(found)} {service.code}: {self._learned(service, options['dry_run'])}")

    def _learned(self, service: ServiceLevel, dry_run: bool) -> str:
        before, at = days_of(service), timezone.now()
        try:
            if dry_run:
                return _told(before, look(service, at=at)) + "; nothing was changed"
            table = refit_service(service_id=service.pk, at=at)
        except NothingToLearn:
            return "too little of it is known to have arrived, or it does not learn; its days stay as they are"
        return f"{_told(before, _knowledge(table.knowledge))}, table {table.version}"


def _knowledge(kept: dict[str, Any]) -> Knowledge:
    return Knowledge.from_json({name: value for name, value in kept.items() if name != "guess"})


def _told(before: tuple[int, int, object], found: Knowledge) -> str:
    return (
        f"{found.from_days} to {found.by_days} days on the way, likely {found.likely_days} (so far {before[0]} to"
        f" {before[1]}); {found.target_bp / 100:g} of 100 are there by then, from {found.parcels} that arrived"
    )
