"""Lay what a real shop starts with, and say what its owner has to enter."""

from __future__ import annotations

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.utils import timezone

from shop import seeding

LEFT_TO_DO = """Now, in the admin, as a superuser:
  1. people of your own, each with a role;
  2. calendars of workshop, carriers and destinations, with their countries (then: manage.py sync_calendars);
  3. the workshop, delivery services and tax rates;
  4. the catalogue, and what is on the shelves."""


class Command(BaseCommand):
    """Bring roles and the rows no shop can do without; no demo data, no people.  A second run changes nothing."""

    help = "Lay what a real shop starts with: roles, return reasons, answer times. Safe to run again."

    def handle(self, *args: Any, **options: Any) -> None:
        """Lay everything and say what is there and what is left to do."""
        call_command("sync_roles", stdout=self.stdout)
        for name, there in seeding.run_for_every_shop(at=timezone.now()):
            self.stdout.write(f"{name}: {there}")
        self.stdout.write(LEFT_TO_DO)
