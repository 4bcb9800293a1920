"""Fill an empty shop with the demo: catalogue, calendars and whatever the other apps registered."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from shop import seeding
from shop.operations import seed_shopper, seed_staff
from shop.operations.seed_catalogue import seed_more
from shop.rules import roles


def demo_logins() -> list[str]:
    """Return the demo's logins as "login / password": a shopper, the staff, the set-up account."""
    emails = [seed_shopper.EMAIL, *(seed_staff.demo_email(role) for role in roles.ROLES), seed_staff.setup_email()]
    return [f"{email} / {seed_staff.DEMO_PASSWORD}" for email in emails]


class Command(BaseCommand):
    """Add what is missing; a second run changes nothing.  `--scale N` adds N plain products for measuring."""

    help = (
        "Fill the shop with the demo catalogue, calendars and what the other apps need. Safe to run again. "
        "Example: manage.py seed_demo --scale 1000"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--scale", type=int, default=0, metavar="N", help="add N extra products, for benchmarks")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run every registered seed and say what is there."""
        at = timezone.now()
        for name, there in seeding.run(at=at):
            if options["verbosity"]:
                self.stdout.write(f"{name}: {there}")
        if options["scale"] > 0:
            self.stdout.write(f"scale: {seed_more(extra=options['scale'], at=at)}")
