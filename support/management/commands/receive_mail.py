"""Play the mail server: post a raw message to the real webhook."""

from __future__ import annotations

import re
from argparse import ArgumentParser
from email import message_from_bytes, policy
from email.utils import getaddresses
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse
from django.utils import timezone

from support.gateways.mail_hook import Envelope, NotDelivered, post_mail


class Command(BaseCommand):
    """Post one .eml file, signed, as our mail provider would.  Exit 1 when it was not taken."""

    help = "Post a raw mail to the inbound webhook. Example: manage.py receive_mail answer.eml --to care@shop.example"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the file, and whom the mail server delivers to."""
        parser.add_argument("file", type=Path, help="a raw message (RFC 5322)")
        parser.add_argument("--to", help="the envelope's recipient (default: the address in To)")
        parser.add_argument("--url", help="the webhook (default: the one of SITE_URL)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read the file, sign it, post it, say what became of it."""
        try:
            raw = options["file"].read_bytes()
        except OSError as problem:
            raise CommandError(f"Cannot read {options['file']}: {problem.strerror}.") from None
        url = options["url"] or settings.SITE_URL + reverse("support:mail-hook")
        if not re.match(r"https?://", url):
            raise CommandError(f"{url} is no web address.")
        envelope = _envelope(raw, options["to"])
        try:
            post_mail(url=url, raw=raw, envelope=envelope, at_seconds=int(timezone.now().timestamp()))
        except NotDelivered as why:
            raise CommandError(str(why)) from None
        self.stdout.write(f"Taken: a mail from {envelope.sender or 'nobody'} to {envelope.to}.")


def _envelope(raw: bytes, to: str | None) -> Envelope:
    message = message_from_bytes(raw, policy=policy.compat32)
    senders = [address for _, address in getaddresses([str(message.get("From", ""))]) if address]
    recipients = [address for _, address in getaddresses([str(message.get("To", ""))]) if address]
    return Envelope(to=to or (recipients or [settings.CARE_EMAIL])[0], sender=(senders or [""])[0])
