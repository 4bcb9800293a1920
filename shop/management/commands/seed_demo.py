"""Fill the demo shop: idempotent, so it may run at every start."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from shop import seeding


class Command(BaseCommand):
    """Run the seed step of every app."""

    help = "Seed the demo shop; running it again changes nothing. Example: manage.py seed_demo"

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the steps in order, one line each."""
        for _name, step in seeding.steps():
            self.stdout.write(step(timezone.now()))
