"""Bring the staff groups to what shop/rules/roles.py says."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from shop.operations.people import sync_roles


class Command(BaseCommand):
    """Print what every group gained and lost.  Exit 1 when the table names a right that does not exist."""

    help = "Create and correct the staff groups; running it again changes nothing. Example: manage.py sync_roles"

    def handle(self, *args: Any, **options: Any) -> None:
        """Sync and print the differences."""
        synced = sync_roles(at=timezone.now())
        for change in synced.changes:
            for right in change.gained:
                self.stdout.write(f"{change.group} + {right}")
            for right in change.lost:
                self.stdout.write(f"{change.group} - {right}")
        changed = len(synced.changes)
        self.stdout.write(f"{changed} groups changed." if changed else "Every group is as it should be.")
        if synced.unknown:
            raise CommandError(
                f"No such right: {', '.join(synced.unknown)}."
                " It was left out: mend shop/rules/roles.py, or migrate first."
            )
