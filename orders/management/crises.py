"""What the commands about crises share: who decides, what is described, looking first, and telling with progress."""

from __future__ import annotations

from argparse import RawDescriptionHelpFormatter
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.core.management import CommandError, CommandParser
from django.core.management.base import BaseCommand
from django.utils import timezone

from orders.messages import words
from orders.models import Incident, IncidentVersion, ServiceLevel, Workshop
from orders.operations.telling import tell_batch
from orders.queries.couriers import couriers
from orders.queries.incidents import COUNT_AT_MOST, Preview
from shop.models import Product, User

_SCOPE = (
    ("country", "two letters"),
    ("region", "as in addresses"),
    ("postcode", "its first signs"),
    ("service", "code of a delivery service"),
    ("workshop", "code"),
    ("courier", "code; only what is with them already"),
    ("product", "its address, such as linen-overshirt"),
)
_NAMED: tuple[tuple[str, str, Any, str], ...] = (
    ("services", "service", ServiceLevel, "code"),
    ("workshops", "workshop", Workshop, "code"),
    ("products", "product", Product, "slug"),
)
_REPEAT = timedelta(seconds=2)


class CrisisCommand(BaseCommand):
    """A command about one crisis; `example` stands at the end of its help."""

    example = ""

    def create_parser(self, *args: Any, **kwargs: Any) -> CommandParser:
        """Keep the example's lines."""
        return super().create_parser(*args, **kwargs, formatter_class=RawDescriptionHelpFormatter, epilog=self.example)

    def who(self, parser: CommandParser) -> None:
        """Ask who decides, and let her look first."""
        parser.add_argument("--by", required=True, help="mail address of who decides; it stands in the log")
        parser.add_argument("--dry-run", action="store_true", help="look whom it touches, write nothing")

    def person(self, options: Mapping[str, Any]) -> User:
        """Return who decides.  Raises CommandError when nobody of the staff has the address."""
        by = User.objects.filter(email__iexact=options["by"], is_staff=True).order_by("id").first()
        if by is None:
            raise CommandError(f"Nobody of the staff has the address {options['by']}.")
        return by

    def tell(self, version: IncidentVersion, done: str) -> None:
        """Tell the orders batch by batch and say how far it is; what is killed here the worker's sweep goes on with."""
        looked_at, last = 0, timezone.now()
        while seen := tell_batch(version_id=version.pk, most=settings.INCIDENT_BATCH, at=timezone.now()):
            looked_at += seen
            if timezone.now() - last > _REPEAT:
                last = timezone.now()
                self.stdout.write(f"{looked_at} orders looked at ...")
        told = version.notices.filter(outcome="told").count()
        version.refresh_from_db()
        rest = "" if version.told_all_at else " Some are held by others just now; the sweep tells them."
        self.stdout.write(f"{done} {looked_at} orders looked at, {told} told.{rest}")

    def say(self, found: Preview, counts: Mapping[str, int]) -> None:
        """Say whom it would touch and what would be told, with the orders whose deadline comes first."""
        more = f"more than {COUNT_AT_MOST}" if found.capped else str(found.total)
        self.stdout.write(f"It touches {more} open orders: {found.gone} on their way, {found.late} late already.")
        of_them = f"Of the first {COUNT_AT_MOST}" if found.capped else "Of these"
        self.stdout.write(
            f"{of_them} {counts.get('told', 0)} would be told something, {counts.get('same', 0)} read nothing new, "
            f"{counts.get('knew', 0)} knew it, {counts.get('outside', 0)} lie on other days."
        )
        for each in found.examples:
            now = words.days(*each.now) if each.now else "stands"
            said = f"{words.days(*each.promised)}  ->  {now}" if each.promised else "has arrived; its exchange:"
            self.stdout.write(f"  {each.order.number}  {said}")
            for number, promised, moved in each.parcels:
                later = words.days(*moved) if moved else "stands"
                self.stdout.write(f"    parcel {number}  {words.days(*promised)}  ->  {later}")


def add_scope(parser: CommandParser) -> None:
    """Take whom it concerns, as staff would type it in the admin."""
    for name, what in _SCOPE:
        parser.add_argument(f"--{name}", action="append", default=[], help=f"{what}; may be given again")


def facts_given(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns of a crisis that were given.  Raises CommandError for a courier nobody knows."""
    unknown = sorted(set(options["courier"]) - set(couriers()))
    if unknown:
        raise CommandError(f"No courier has the code {unknown[0]}.")
    given = {
        "name": options.get("name"),
        "public_text": options["text"],
        "what_we_do": options["what_we_do"],
        "hits": options.get("hits"),
        "extra_days": options["extra_days"],
        "starts_on": options.get("starts_on"),
        "ends_on": options["ends_on"],
        "review_at": look_at(options["review_on"]) if options["review_on"] else None,
        "countries": sorted({code.upper() for code in options["country"]}) or None,
        "regions": options["region"] or None,
        "postcodes": options["postcode"] or None,
        "couriers": options["courier"] or None,
        "places": options["places"],
    }
    return {name: value for name, value in given.items() if value is not None}


def rows_given(options: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return the rows a crisis names, by the field that holds them.  Raises CommandError for what there is not."""
    return {field: _rows(model, key, options[name]) for field, name, model, key in _NAMED}


def look_at(day: date) -> datetime:
    """Return the moment of a day at which somebody looks again."""
    return timezone.make_aware(datetime.combine(day, time(9)))


def check(incident: Incident, at: datetime) -> None:
    """Refuse what the database or the pages would refuse.  Raises CommandError."""
    if len(incident.public_text) > 300 or incident.ends_on < incident.starts_on or incident.review_at <= at:
        raise CommandError("The text has at most 300 signs, it ends after it begins, and the look is still to come.")


def _rows(model: Any, key: str, codes: list[str]) -> list[Any]:
    found = {getattr(row, key): row for row in model.objects.filter(**{f"{key}__in": codes}).order_by("id")}
    missing = [code for code in codes if code not in found]
    if missing:
        raise CommandError(f"There is no {model._meta.verbose_name} {missing[0]}.")
    return list(found.values())
