"""Bring public holidays into the calendars, as rows staff can review."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from shop.models import BusinessCalendar
from shop.operations.calendars import HolidaysUnknown, sync_calendar


class Command(BaseCommand):
    """Sync every calendar that has a country; run it once a quarter, or after an upgrade of the holiday library."""

    help = (
        "Bring the holidays of this year and the next ones into every calendar that has a country, of the kinds it "
        "names, as rows staff can review. Example: manage.py sync_calendars --years 3"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--years", type=int, default=2, metavar="N", help="how many years ahead (default 2)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Sync each calendar and say what changed.  Raises CommandError after the others when one is not understood."""
        now = timezone.now()
        years = range(now.year, now.year + options["years"] + 1)
        refused = []
        for calendar in BusinessCalendar.objects.exclude(country="").order_by("code", "id"):
            try:
                changed = sync_calendar(calendar_id=calendar.pk, years=years, at=now)
            except HolidaysUnknown as unknown:
                refused.append(f"{calendar.code}: {unknown}")
            else:
                self.stdout.write(f"{calendar.code}: {changed} days changed")
        if refused:
            raise CommandError("\n".join([*refused, "Mend country, subdivision or kinds of holidays in the admin."]))
