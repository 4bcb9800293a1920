"""Take a lost second factor out of somebody's account."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from shop.models import User
from shop.operations.accounts import NoSecondFactor, remove_second_factor


class Command(BaseCommand):
    """End her sign-ins, tell her by mail, and let her set up another one."""

    help = (
        "Take the second factor out of an account whose owner lost phone and recovery codes. Make sure who is asking: "
        "she is told by mail, and staff set up another one at the next sign-in. "
        "Example: manage.py reset_second_factor dilini@shop.example"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare whose."""
        parser.add_argument("email", metavar="EMAIL", help="the address she signs in with")

    def handle(self, *args: Any, **options: Any) -> None:
        """Reset it and say what comes next."""
        person = User.objects.filter(email__iexact=options["email"]).order_by("id").first()
        if person is None:
            raise CommandError("Nobody signs in with this address. Look at People in the admin.")
        try:
            remove_second_factor(user_id=person.pk, by=None, at=timezone.now())
        except NoSecondFactor:
            raise CommandError("This account has no second factor, so there is nothing to reset.") from None
        self.stdout.write("The second factor is gone and every sign-in has ended. The owner is told by mail.")
