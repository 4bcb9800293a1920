"""A courier for the demo: takes what is handed over and reports scans to our own webhook."""

from __future__ import annotations

import signal
import threading
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, close_old_connections, connection
from django.urls import reverse
from django.utils import timezone

from orders.gateways.demo_courier import ShopAway, ShopRefused, post_news
from orders.queries.demo_parcels import Label, labels
from orders.rules.demo_plan import PlannedScan, is_unlucky, plan

CARRIER = "demo"
LONGEST_PAUSE = 10.0

EXAMPLE = """
Example: an hour of the road passes in a second
  python3 manage.py demo_courier --speed 3600

The first parcel handed over to Heron Parcels and every fifth after it is held on the way (weather, a broken van) and
gets a day later than promised; the others arrive in time.  What was reported once is reported once, also after a
restart.  Secrets: the first of CARRIER_WEBHOOK_SECRETS signs.
"""


class Command(BaseCommand):
    """Report the scans that are due, again and again until it is told to stop."""

    help = "A courier for the demo: moves handed-over parcels by signed webhooks over HTTP."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare --speed, --once and --url."""
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = EXAMPLE
        parser.add_argument("--speed", type=float, default=3600.0, help="how much faster than life (default 3600)")
        parser.add_argument("--once", action="store_true", help="report what is due now and end")
        parser.add_argument("--url", default=settings.SITE_URL, help="where the shop answers (default SITE_URL)")
        parser.add_argument("--pause", type=float, default=1.0, help="seconds between two looks (default 1)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until SIGTERM or Ctrl-C; with --once exit 1 when the shop could not be reached."""
        if not settings.CARRIER_WEBHOOK_SECRETS:
            raise CommandError("CARRIER_WEBHOOK_SECRETS is empty: nothing could be signed.")
        if options["speed"] <= 0:
            raise CommandError("--speed is a number above 0.")
        self.posted: set[str] = set()
        self.url = urljoin(options["url"], reverse("orders:courier-hook", args=[CARRIER]))
        if options["once"]:
            if not self._look(options["speed"]):
                raise CommandError(f"The shop does not answer at {self.url}.")
            return
        self._look_for_ever(options["speed"], options["pause"])

    def _look_for_ever(self, speed: float, pause: float) -> None:
        stop = threading.Event()
        for sign in (signal.SIGTERM, signal.SIGINT):
            signal.signal(sign, lambda *_: stop.set())
        wait = pause
        while not stop.wait(wait):
            # A shop or database that is away is asked again, at growing pauses.
            wait = pause if self._look(speed) else min(wait * 2, LONGEST_PAUSE)

    def _look(self, speed: float) -> bool:
        """Report every scan that is due; return whether the shop answered."""
        try:
            close_old_connections()
            for label in labels(CARRIER):
                self._report(label, speed, timezone.now())
        except (ShopAway, DatabaseError) as problem:
            self.stderr.write(f"The shop is away ({problem.__class__.__name__}); trying again.")
            connection.close()
            return False
        return True

    def _report(self, label: Label, speed: float, at: datetime) -> None:
        for scan in plan(label.tracking_number, runs_late=is_unlucky(label.rank)):
            moment = label.taken_at + timedelta(seconds=scan.after_seconds / speed)
            key = f"{label.tracking_number}-{scan.step}"
            if moment > at or key in self.posted:
                continue
            try:
                new = post_news(
                    url=self.url, secret=settings.CARRIER_WEBHOOK_SECRETS[0], news=_news(label, scan, moment)
                )
            except ShopRefused as refusal:
                self.stderr.write(f"{key}: refused, {refusal}")
                new = False
            self.posted.add(key)
            if new:
                self.stdout.write(f"{label.tracking_number}: {scan.code}")


def _news(label: Label, scan: PlannedScan, moment: datetime) -> dict[str, str]:
    news = {
        "event_id": f"demo-{label.tracking_number}-{scan.step}",
        "tracking_number": label.tracking_number,
        "code": scan.code,
        "occurred_at": moment.isoformat(),
        "reason": scan.reason,
        "place": scan.place,
        "words": scan.words,
    }
    if scan.late_days:
        late_on = max(label.wanted_by_on, moment.date()) + timedelta(days=scan.late_days)
        news["eta_on"] = late_on.isoformat()
    return news
