"""Tell how the queue of messages stands."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from notifications.queries.outbox import OutboxStatus, ProviderStatus, outbox_status


class Command(BaseCommand):
    """Print queue depth, oldest due, failures by reason, throughput, providers.  Exit 1 when something is stuck."""

    help = "Tell how the queue of messages stands; exit 1 when something is stuck. Example: manage.py outbox_status"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the form of the answer."""
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Ask and report."""
        status = outbox_status(timezone.now())
        if options["json"]:
            self.stdout.write(json.dumps(asdict(status) | {"stuck": status.stuck}, default=str))
        else:
            self.report(status)
        if status.stuck:
            sys.exit(1)

    def report(self, status: OutboxStatus) -> None:
        """Write the numbers, one a line."""
        self.stdout.write(f"waiting      {status.queued}, {status.due} of them due, {status.claimed} being sent")
        self.stdout.write(f"oldest due   {_moment(status.oldest_due_at)}")
        self.stdout.write(f"last hour    {status.sent_last_hour} sent")
        self.stdout.write(f"unconfirmed  {status.unconfirmed}")
        self.stdout.write(f"failed       {sum(number for _, number in status.failed_last_day)} in the last day")
        for reason, number in status.failed_last_day:
            self.stdout.write(f"  {number:>6}  {reason}")
        for provider in status.providers:
            self.stdout.write(f"provider     {provider.name}: {_health(provider)}")
        if status.stuck:
            self.stdout.write(
                f"STUCK: {status.overdue} overdue by 10 minutes, {status.abandoned} abandoned by a worker."
            )


def _health(provider: ProviderStatus) -> str:
    if not provider.failures:
        return "well"
    rest = f", left alone until {_moment(provider.rests_until)}" if provider.rests_until else ""
    return f"{provider.failures} failures in a row, last {_moment(provider.failed_at)} ({provider.problem}){rest}"


def _moment(at: datetime | None) -> str:
    return timezone.localtime(at).isoformat(" ", "seconds") if at else "-"
