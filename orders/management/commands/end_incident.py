"""`manage.py end_incident`: give the all-clear to whoever was told of a crisis and still waits, from the shell."""

from __future__ import annotations

from typing import Any

from django.core.management import CommandError, CommandParser
from django.utils import timezone

from orders.management.crises import CrisisCommand
from orders.models import Incident
from orders.operations.incidents import NotDeclared, give_all_clear
from orders.queries.incidents import count_told

EXAMPLE = """
example:
  manage.py end_incident 7 --by dilini@example.com --dry-run

Pages forget the crisis, new orders are promised as ever, and who was told and still waits hears that it is over. The
days that were told stand. It cannot be taken back: a crisis that returns is declared anew.
"""


class Command(CrisisCommand):
    """Say who would hear of it, then end a crisis and tell them."""

    help = "End a declared crisis and tell everybody who was told of it and still waits, each once."
    example = EXAMPLE

    def add_arguments(self, parser: CommandParser) -> None:
        """Take which one."""
        parser.add_argument("incident", type=int, help="number of the crisis")
        self.who(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Show who would hear of it, then end it and tell.  Raises CommandError for what is not declared."""
        at, by = timezone.now(), self.person(options)
        incident = Incident.objects.filter(pk=options["incident"]).first()
        if incident is None or incident.state != Incident.State.DECLARED:
            raise CommandError("It is not declared, or over already. Nothing was told.")
        told, more = count_told(incident.pk)
        self.stdout.write(f"{incident.name}: {'more than ' * more}{told} orders were told of it and still wait.")
        if options["dry_run"]:
            self.stdout.write("Nothing was written.")
            return
        try:
            version = give_all_clear(incident_id=incident.pk, by=by, at=at)
        except NotDeclared:
            raise CommandError("Somebody was faster: it is over. Nothing was told a second time.") from None
        self.tell(version, "It is over.")
