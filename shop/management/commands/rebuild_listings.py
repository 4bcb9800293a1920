"""Make everything search and filters know anew, from the catalogue as it is."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from shop.operations.finding import keep_listings, note_all_listings


class Command(BaseCommand):
    """Make every listing anew, batch by batch; the shop stays open meanwhile.  A sweep goes on if this is stopped."""

    help = "Make search and filters anew, after the rules of a listing or the language of the shop have changed."

    def handle(self, *args: Any, **options: Any) -> None:
        """Note all products and work until nothing is due."""
        products = note_all_listings()
        while keep_listings(timezone.now()):
            pass
        self.stdout.write(f"{products} products looked at.")
