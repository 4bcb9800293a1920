"""`manage.py declare_incident`: tell a crisis to every open order it concerns, from the shell."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.core.management import CommandParser
from django.utils import timezone

from orders.management.crises import CrisisCommand, add_scope, check, facts_given, look_at, rows_given
from orders.models import Incident
from orders.operations.incidents import declare
from orders.queries.crises import crisis_described, crisis_with
from orders.queries.incidents import outcomes, preview

EXAMPLE = """
example:
  manage.py declare_incident --name "Storm Ana" --country PT --postcode 80 --postcode 81 --until 2026-03-12 \\
    --extra-days 3 --text "Storm Ana closed the roads in the Algarve." --by dilini@example.com --dry-run

Without --dry-run it is declared, and the orders are told batch by batch; when the command is stopped, the worker's
sweep goes on where it was. It prints the number by which `update_incident` tells news and `end_incident` gives the
all-clear; both can be done in the admin, too, under Crises.
"""


class Command(CrisisCommand):
    """Describe a crisis, look whom it touches, declare it and tell everybody."""

    help = "Declare a crisis: renew the promises it touches and tell each shopper once. An empty scope means all."
    example = EXAMPLE

    def add_arguments(self, parser: CommandParser) -> None:
        """Take what staff would type in the admin."""
        parser.add_argument("--name", required=True, help="how staff call it")
        parser.add_argument("--text", required=True, help="what shoppers read, at most 300 signs")
        parser.add_argument("--what-we-do", default="", help="what we do about it")
        parser.add_argument("--hits", choices=Incident.Hits.values, default="road", help="what it slows down")
        parser.add_argument("--extra-days", type=int, required=True, help="working days; 0: the days stand")
        parser.add_argument("--from", dest="starts_on", type=date.fromisoformat, help="first day; today")
        parser.add_argument("--until", dest="ends_on", type=date.fromisoformat, required=True, help="last day")
        parser.add_argument("--review-on", type=date.fromisoformat, help="the day to look again; tomorrow")
        add_scope(parser)
        parser.add_argument("--no-longer-quotes", action="store_true", help="promise new orders as ever")
        parser.add_argument("--places", type=int, help="how many orders a day are begun at most")
        self.who(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Show whom it touches, then declare and tell.  Raises CommandError for what nobody knows."""
        at = timezone.now()
        today, by = timezone.localdate(at), self.person(options)
        usual = {"starts_on": today, "review_at": look_at(today + timedelta(days=1))}
        incident = Incident(**usual | facts_given(options), longer=not options["no_longer_quotes"])
        parts = rows_given(options)
        check(incident, at)
        crisis = crisis_with(incident, **{name: frozenset(row.pk for row in rows) for name, rows in parts.items()})
        if options["dry_run"]:
            self.say(preview(crisis, at=at), outcomes(crisis, at=at))
            self.stdout.write("Nothing was written.")
            return
        incident.save()
        for name, rows in parts.items():
            getattr(incident, name).set(rows)
        crisis = crisis_described(incident)
        self.say(preview(crisis, at=at), outcomes(crisis, at=at))
        version = declare(incident_id=incident.pk, by=by, at=at)
        self.tell(version, f"Crisis {incident.pk} is declared.")
