"""`manage.py update_incident`: tell what changed about a crisis to whom it changes anything, from the shell."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.management import CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from orders.management.crises import CrisisCommand, add_scope, check, facts_given, rows_given
from orders.models import Incident
from orders.operations.incidents import LookIsPast, NotDeclared, NothingNew, describe_anew, tell_news
from orders.queries.crises import crisis_described
from orders.queries.incidents import outcomes, preview

EXAMPLE = """
example:
  manage.py update_incident 7 --until 2026-03-16 --extra-days 5 --by dilini@example.com --dry-run \\
    --text "The roads in the Algarve stay closed over the weekend."

What is left out stays as it was told; a part of the scope that is given takes the place of the old one. Who reads
another sentence or another day hears of it, once; days are counted from those that held before the crisis.
"""


class Command(CrisisCommand):
    """Change what is described, look whom it changes anything for, and tell them."""

    help = "Tell news of a declared crisis; `declare_incident` printed its number, the admin shows it under Crises."
    example = EXAMPLE

    def add_arguments(self, parser: CommandParser) -> None:
        """Take what changed."""
        parser.add_argument("incident", type=int, help="number of the crisis")
        parser.add_argument("--text", help="what shoppers read, at most 300 signs")
        parser.add_argument("--what-we-do", help="what we do about it")
        parser.add_argument(
            "--extra-days", type=int, help="working days, all together; days never move to earlier ones"
        )
        parser.add_argument("--until", dest="ends_on", type=date.fromisoformat, help="last day")
        parser.add_argument("--review-on", type=date.fromisoformat, help="the day to look again")
        add_scope(parser)
        parser.add_argument("--places", type=int, help="how many orders a day are begun at most")
        self.who(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Show whom it changes anything for, then tell.  Raises CommandError for what nobody knows."""
        at, by = timezone.now(), self.person(options)
        facts, rows = facts_given(options), {name: found for name, found in rows_given(options).items() if found}
        try:
            with transaction.atomic():
                incident = describe_anew(incident_id=options["incident"], facts=facts, rows=rows)
                check(incident, at)
                crisis = crisis_described(incident)
                self.say(preview(crisis, at=at), outcomes(crisis, at=at))
                version = tell_news(incident_id=incident.pk, by=by, at=at)
                transaction.set_rollback(options["dry_run"])
        except Incident.DoesNotExist:
            raise CommandError(f"There is no crisis {options['incident']}.") from None
        except (NotDeclared, NothingNew, LookIsPast) as refused:
            raise CommandError(_WORDS[type(refused)]) from None
        if options["dry_run"]:
            self.stdout.write("Nothing was written.")
        else:
            self.tell(version, "The news is out.")


_WORDS: dict[type[Exception], str] = {
    NotDeclared: "It is not declared, or over already. Nothing was told.",
    NothingNew: "That is what was told already. Nothing was told.",
    LookIsPast: "The moment to look again is over: give --review-on. Nothing was told.",
}
