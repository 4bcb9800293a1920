"""`manage.py declare_incident`: tell a crisis to every open order it concerns, from the shell."""

from __future__ import annotations

from argparse import RawDescriptionHelpFormatter
from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.core.management import CommandError, CommandParser
from django.core.management.base import BaseCommand
from django.utils import timezone

from orders.messages import words
from orders.models import Incident, ServiceLevel, Workshop
from orders.operations.incidents import declare
from orders.operations.telling import tell_batch
from orders.queries.couriers import couriers
from orders.queries.crises import crisis_described, crisis_with
from orders.queries.incidents import COUNT_AT_MOST, Preview, preview
from shop.models import Product, User

EXAMPLE = """
example:
  manage.py declare_incident --name "Storm Ana" --country PT --postcode 80 --postcode 81 --until 2026-03-12 \\
    --extra-days 3 --text "Storm Ana closed the roads in the Algarve." --by dilini@example.com --dry-run

Without --dry-run it is declared, and the orders are told batch by batch; when the command is stopped, the worker's
sweep goes on where it was. News and the all-clear are given in the admin, under Crises.
"""


class Command(BaseCommand):
    """Describe a crisis, look whom it touches, declare it and tell everybody."""

    help = "Declare a crisis: renew the promises it touches and tell each shopper once. An empty scope means all."

    def create_parser(self, *args: Any, **kwargs: Any) -> CommandParser:
        """Keep the example's lines."""
        return super().create_parser(*args, **kwargs, formatter_class=RawDescriptionHelpFormatter, epilog=EXAMPLE)

    def add_arguments(self, parser: CommandParser) -> None:
        """Take what staff would type in the admin."""
        parser.add_argument("--name", required=True, help="how staff call it")
        parser.add_argument("--text", required=True, help="what shoppers read, at most 300 signs")
        parser.add_argument("--what-we-do", default="", help="what we do about it")
        parser.add_argument("--hits", choices=Incident.Hits.values, default="road", help="what it slows down")
        parser.add_argument("--extra-days", type=int, required=True, help="working days; 0: the days stand")
        parser.add_argument("--from", dest="starts_on", type=date.fromisoformat, help="first day; today")
        parser.add_argument("--until", dest="ends_on", type=date.fromisoformat, required=True, help="last day")
        parser.add_argument("--review-on", type=date.fromisoformat, help="the day to look again; tomorrow")
        for name, what in (
            ("country", "two letters"),
            ("region", "as in addresses"),
            ("postcode", "its first signs"),
            ("service", "code of a delivery service"),
            ("workshop", "code"),
            ("courier", "code; only what is with them already"),
            ("product", "its address, such as linen-overshirt"),
        ):
            parser.add_argument(f"--{name}", action="append", default=[], help=f"{what}; may be given again")
        parser.add_argument("--no-longer-quotes", action="store_true", help="promise new orders as ever")
        parser.add_argument("--places", type=int, help="how many orders a day are begun at most")
        parser.add_argument("--by", required=True, help="mail address of who decides; it stands in the log")
        parser.add_argument("--dry-run", action="store_true", help="look whom it touches, write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Show whom it touches, then declare and tell.  Raises CommandError for what nobody knows."""
        at = timezone.now()
        by = User.objects.filter(email__iexact=options["by"], is_staff=True).order_by("id").first()
        if by is None:
            raise CommandError(f"Nobody of the staff has the address {options['by']}.")
        incident, parts = _described(options, at)
        if options["dry_run"]:
            ids = {name: frozenset(row.pk for row in rows) for name, rows in parts.items()}
            self._say(preview(crisis_with(incident, **ids), at=at))
            self.stdout.write("Nothing was written.")
            return
        incident.save()
        for name, rows in parts.items():
            getattr(incident, name).set(rows)
        self._say(preview(crisis_described(incident), at=at))
        version = declare(incident_id=incident.pk, by=by, at=at)
        looked_at, last = 0, timezone.now()
        while seen := tell_batch(version_id=version.pk, most=settings.INCIDENT_BATCH, at=timezone.now()):
            looked_at += seen
            if timezone.now() - last > timedelta(seconds=2):
                last = timezone.now()
                self.stdout.write(f"{looked_at} orders looked at ...")
        told = version.notices.filter(outcome="told").count()
        version.refresh_from_db()
        rest = "" if version.told_all_at else " Some are held by others just now; the sweep tells them."
        self.stdout.write(f"Declared. {looked_at} orders looked at, {told} told.{rest}")

    def _say(self, found: Preview) -> None:
        more = f"more than {COUNT_AT_MOST}" if found.capped else str(found.total)
        self.stdout.write(f"It touches {more} open orders: {found.gone} on their way, {found.late} late already.")
        for each in found.examples:
            now = words.days(*each.now) if each.now else "stands"
            self.stdout.write(f"  {each.order.number}  {words.days(*each.promised)}  ->  {now}")
            for number, promised, moved in each.parcels:
                later = words.days(*moved) if moved else "stands"
                self.stdout.write(f"    parcel {number}  {words.days(*promised)}  ->  {later}")


def _described(options: dict[str, Any], at: datetime) -> tuple[Incident, dict[str, list[Any]]]:
    """Return the crisis, not saved, and the rows it names.  Raises CommandError."""
    today = timezone.localdate(at)
    look_on = options["review_on"] or today + timedelta(days=1)
    unknown = sorted(set(options["courier"]) - set(couriers()))
    if unknown:
        raise CommandError(f"No courier has the code {unknown[0]}.")
    incident = Incident(
        name=options["name"],
        public_text=options["text"],
        what_we_do=options["what_we_do"],
        hits=options["hits"],
        extra_days=options["extra_days"],
        starts_on=options["starts_on"] or today,
        ends_on=options["ends_on"],
        review_at=timezone.make_aware(datetime.combine(look_on, time(9))),
        countries=sorted({code.upper() for code in options["country"]}),
        regions=options["region"],
        postcodes=options["postcode"],
        couriers=options["courier"],
        longer=not options["no_longer_quotes"],
        places=options["places"],
    )
    if len(incident.public_text) > 300 or incident.ends_on < incident.starts_on or incident.review_at <= at:
        raise CommandError("The text has at most 300 signs, it ends after it begins, and the look is still to come.")
    return incident, {
        "services": _rows(ServiceLevel, "code", options["service"]),
        "workshops": _rows(Workshop, "code", options["workshop"]),
        "products": _rows(Product, "slug", options["product"]),
    }


def _rows(model: Any, key: str, codes: list[str]) -> list[Any]:
    found = {getattr(row, key): row for row in model.objects.filter(**{f"{key}__in": codes}).order_by("id")}
    missing = [code for code in codes if code not in found]
    if missing:
        raise CommandError(f"There is no {model._meta.verbose_name} {missing[0]}.")
    return list(found.values())
