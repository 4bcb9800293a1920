"""Send messages once more: a single one, or what failed lately for one reason."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from notifications.models import Message
from notifications.operations.resending import NothingToResend, resend_message
from shop.models import User


class Command(BaseCommand):
    """Write a fresh copy of messages, with the same words and a reason that stays with them."""

    help = (
        "Send messages once more, with a reason. Examples: manage.py resend --message 4711 --by ops@shop.example "
        '--reason "She deleted it"; manage.py resend --failed-since 6 --why "Relaying denied" --by ops@shop.example '
        '--reason "The mail server was set up wrongly"'
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take what to send again, who asks and why."""
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--message", type=int, help="the number of one message")
        what.add_argument("--failed-since", type=float, metavar="HOURS", help="what failed within so many hours")
        parser.add_argument("--why", default="", help="with --failed-since: only where the reason holds these words")
        parser.add_argument("--by", required=True, help="the e-mail address of the colleague who asks")
        parser.add_argument("--reason", required=True, help="kept with every copy")
        parser.add_argument("--dry-run", action="store_true", help="only say how many")

    def handle(self, *args: Any, **options: Any) -> None:
        """Find, ask for copies, say how many.  Raises CommandError with a sentence that says what to do."""
        by = User.objects.filter(email__iexact=options["by"], is_staff=True).order_by("id").first()
        if by is None:
            raise CommandError(f"Nobody who works here has the address {options['by']}; name a colleague with --by.")
        if not options["reason"].strip():
            raise CommandError("Say why with --reason: it is kept with every copy.")
        ids = self._ids(options)
        if options["dry_run"]:
            self.stdout.write(f"{len(ids)} messages would be sent once more.")
            return
        sent = sum(self._again(pk, options["reason"], by) for pk in ids)
        self.stdout.write(f"{sent} of {len(ids)} messages are sent once more; see manage.py outbox_status.")

    def _ids(self, options: dict[str, Any]) -> list[int]:
        if options["message"] is not None:
            if not Message.objects.filter(pk=options["message"]).exists():
                raise CommandError(f"There is no message {options['message']}; the admin's list has the numbers.")
            return [options["message"]]
        since = timezone.now() - timedelta(hours=options["failed_since"])
        failed = Message.objects.filter(state=Message.State.FAILED, created_at__gt=since).exclude(text="")
        return list(failed.filter(reason__icontains=options["why"]).order_by("id").values_list("id", flat=True))

    def _again(self, message_id: int, reason: str, by: User) -> bool:
        try:
            resend_message(message_id=message_id, reason=reason, by=by, at=timezone.now())
        except NothingToResend:
            self.stderr.write(f"Message {message_id} is on its way already, or was never written.")
            return False
        return True
