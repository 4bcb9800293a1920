"""Print what a kind of message says about an order."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from notifications.messages import KINDS
from notifications.operations.previewing import NothingHappened, UnknownKind, preview_message


class Command(BaseCommand):
    """Print subject and text (or the HTML) of a message about a real order.  Nothing is written or sent."""

    help = "Print a message about a real order. Example: manage.py preview_message order_placed --order KP-2041-7736"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the kind, the order and the form."""
        parser.add_argument("kind", help=", ".join(KINDS))
        parser.add_argument("--order", required=True, help="the order's number")
        parser.add_argument("--html", action="store_true", help="print the HTML instead of the text")

    def handle(self, *args: Any, **options: Any) -> None:
        """Render and print.  Raises CommandError with a sentence that says what to do."""
        try:
            letter = preview_message(kind=options["kind"], order_number=options["order"], at=timezone.now())
        except UnknownKind:
            raise CommandError(f"There is no kind {options['kind']}. Kinds: {', '.join(KINDS)}") from None
        except NothingHappened as missing:
            raise CommandError(
                f"Nothing called {missing.event_name} has happened to {options['order']}; take another order."
            ) from None
        self.stdout.write(letter.html if options["html"] else f"{letter.subject}\n\n{letter.text}")
