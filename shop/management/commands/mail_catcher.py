"""`manage.py mail_catcher`: keep every letter instead of sending it on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import CommandError, CommandParser
from django.core.management.base import BaseCommand

from shop import mail_catcher


class Command(BaseCommand):
    """Listen on 127.0.0.1 until SIGTERM."""

    help = "Keep every letter sent to 127.0.0.1:<port> as a file in the demo's mailbox. Example: manage.py mail_catcher"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the port and the folder."""
        parser.add_argument("--port", type=int, default=1025)
        parser.add_argument("--folder", type=Path, default=None, help="default: settings.MAILBOX_DIR")

    def handle(self, *args: Any, **options: Any) -> None:
        """Serve. Raises CommandError when the port is taken or the folder cannot be written."""
        try:
            mail_catcher.receive(folder=options["folder"] or settings.MAILBOX_DIR, port=options["port"])
        except mail_catcher.CannotReceive as refusal:
            raise CommandError(str(refusal)) from None
