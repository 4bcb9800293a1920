"""Erase somebody's data."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from shop.models import DataRequest
from shop.operations.data_requests import WorksHere, order_erasure
from shop.operations.serving_data import serve_now
from shop.personal import Person
from shop.queries.data_requests import fates_of, holds_of, losses_of, person_at


class Command(BaseCommand):
    """The same erasure the account's page begins; it goes on by itself when something holds it."""

    help = (
        "Erase what is known about somebody, as far as the law allows. Make sure first that it is she who asks. Open "
        "orders, returns, refunds and questions hold it: it is then carried out as soon as they are settled. "
        "Example: manage.py erase_person ana@example.com --dry-run"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare whose, and whether to look only."""
        parser.add_argument("email", metavar="EMAIL", help="the address she proved, or her telephone number")
        parser.add_argument("--dry-run", action="store_true", help="say what goes, what stays and why; change nothing")
        parser.add_argument("--no-mail", action="store_true", help="she wants no offers to this address ever again")
        parser.add_argument("--agreed", action="store_true", help="she knows what she gives up, such as store credit")

    def handle(self, *args: Any, **options: Any) -> None:
        """Look, or carry it out as far as it goes now."""
        person = person_at(options["email"])
        losses = self._say(person)
        if options["dry_run"]:
            self.stdout.write("Nothing was changed.")
            return
        if losses and not options["agreed"]:
            raise CommandError("She gives something up. Ask her, then run it again with --agreed.")
        at = timezone.now()
        try:
            request = order_erasure(
                person=person, locale=settings.LANGUAGE_CODE, refuses_mail=options["no_mail"], at=at
            )
        except WorksHere:
            raise CommandError("She works here. Take her roles and her staff status away first.") from None
        serve_now(request_id=request.pk, at=at)
        request.refresh_from_db()
        self.stdout.write(_state(request))

    def _say(self, person: Person) -> list[str]:
        for fate in fates_of(person):
            self.stdout.write(f"{'stays' if fate.stays else 'goes '}  {fate.label}: {fate.count}")
            if fate.stays:
                self.stdout.write(f"       {fate.stays}")
        for words in holds_of(person):
            self.stdout.write(f"holds  {words}")
        losses = [str(words) for words in losses_of(person)]
        for words in losses:
            self.stdout.write(f"lost   {words}")
        return losses


def _state(request: DataRequest) -> str:
    if request.state == DataRequest.State.DONE:
        return "Erased."
    if request.begun_at is None:
        return "It waits for what holds it, and is then carried out by itself. She is told by mail."
    return "It is under way: a worker finishes it when the last mail is out. See Requests about data in the admin."
