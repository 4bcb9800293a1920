"""List the files of pictures nobody points at, and the pictures whose file is gone."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from shop.operations.stray_pictures import look_through, remove_stray


class Command(BaseCommand):
    """Print what is stray and what is missing.  Exit 0 when nothing is missing, 1 when something is, 2 unread."""

    help = (
        "List picture files no row points at, and rows whose file is gone. Example: manage.py stray_pictures --remove"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take whether the files go."""
        parser.add_argument("--remove", action="store_true", help="remove the files no row points at")

    def handle(self, *args: Any, **options: Any) -> None:
        """Look through the storage, say what was found, and remove what is stray when asked."""
        try:
            found = look_through(timezone.now())
        except OSError as problem:
            self.stderr.write(f"The media storage cannot be read: {problem}")
            sys.exit(2)
        for path in found.stray:
            self.stdout.write(f"stray    {path}")
        for path in found.missing:
            self.stdout.write(f"missing  {path}")
        removed = remove_stray(found.stray) if options["remove"] else 0
        self.stdout.write(f"{len(found.stray)} stray, {removed} removed, {len(found.missing)} missing.")
        if found.missing:
            sys.exit(1)
