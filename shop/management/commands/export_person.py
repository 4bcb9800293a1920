"""Write all that is kept about somebody into a zip."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction
from django.utils import timezone

from shop.messages.portable import archive
from shop.operations.data_requests import note_copy_by_staff
from shop.queries.data_requests import person_at


class Command(BaseCommand):
    """The same copy the account's page makes, for somebody who asks by letter or without an account."""

    help = (
        "Write a copy of all that is kept about somebody into a zip. Make sure first that it is she who asks: with an "
        "account it holds everything of that account, else what was ordered and asked with this address as a guest. "
        "Example: manage.py export_person ana@example.com --out ana.zip"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare whose, and where to."""
        parser.add_argument("email", metavar="EMAIL", help="the address she proved, or her telephone number")
        parser.add_argument("--out", metavar="FILE", required=True, help="the zip to write; only you can read it")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write it."""
        at = timezone.now()
        with transaction.atomic():
            content = archive(person_at(options["email"]), at=at)
            note_copy_by_staff(at=at)
        target = Path(options["out"])
        target.touch(mode=0o600)
        target.chmod(0o600)
        target.write_bytes(content)
        self.stdout.write(f"{target}: {len(content):,} bytes. Hand it over on a way only she can open.")
