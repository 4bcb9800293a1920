"""Say why an order was promised for that day, from what was stored when it was promised."""

from __future__ import annotations

from argparse import RawDescriptionHelpFormatter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import override

from orders.messages import story, words
from orders.models import Order, Promise, PromiseOutcome
from orders.queries.tracking import journey_of

EXAMPLE = """
Example:
  python3 manage.py promise_explain KP-2026-0001

The sentences are those of the order's page, in its shopper's language; calendars and tables that changed since do not
change them.
"""


class Command(BaseCommand):
    """Print every version of the promise: when, for what days, why, and counted with what."""

    help = "Print every promise of an order, and why that day."

    def create_parser(self, *args: Any, **kwargs: Any) -> CommandParser:
        """Keep the example's lines."""
        return super().create_parser(*args, **kwargs, formatter_class=RawDescriptionHelpFormatter, epilog=EXAMPLE)

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the order's number."""
        parser.add_argument("order", metavar="ORDER", help="its number, such as KP-2026-0001")

    def handle(self, *args: Any, **options: Any) -> None:
        """Explain.  Raises CommandError for a number nobody knows or an order without a promise."""
        order = Order.objects.filter(number__iexact=options["order"].strip()).order_by("id").first()
        if order is None:
            raise CommandError(f"There is no order {options['order']}. Its number stands in every mail about it.")
        journey = journey_of(order.pk)
        if not journey.promises:
            raise CommandError(f"Order {order.number} was never promised for a day.")
        with override(order.locale):
            for promise in journey.promises:
                self.stdout.write(f"{_head(promise)}, {words.days(promise.deliver_from_on, promise.deliver_by_on)}")
                self.stdout.write(f"    {_made(promise)}")
                for sentence in story.why_one(promise, journey.zone):
                    self.stdout.write(f"    {sentence}")
        outcome = PromiseOutcome.objects.filter(order=order).first()
        if outcome is not None:
            kept = "kept" if outcome.kept_first else f"late by {outcome.late_days} days"
            self.stdout.write(f"Delivered {outcome.delivered_at:%Y-%m-%d %H:%M} UTC; first promise {kept}.")


def _head(promise: Promise) -> str:
    told = f"{promise.told_at:%Y-%m-%d %H:%M} UTC" if promise.told_at else "not yet"
    return f"Version {promise.version}, by {promise.source}, {promise.made_at:%Y-%m-%d %H:%M} UTC, told {told}"


def _made(promise: Promise) -> str:
    """Say with what it was counted: calendars and their versions, and the table when it was learned."""
    basis = promise.basis
    calendars = ", ".join(f"{code} v{version}" for code, version in sorted(basis.get("calendars", {}).items()))
    told = f"Counted with {basis.get('service') or 'no service'}, calendars {calendars or 'none'}"
    if "transit_days" in basis:
        told += ", {} to {} days on the way".format(*basis["transit_days"])
    if table := basis.get("table"):
        told += f", table {table['version']} from {table['parcels']} parcels, {table['target_bp'] / 100:g} of 100"
    return f"{told}.{_asked(table) if table else ''}"


def _asked(table: dict[str, Any]) -> str:
    """Say at what level the table was read, when that was not the target itself."""
    target, asked = table["target_bp"], table.get("asked_bp", table["target_bp"])
    if asked == target:
        return ""
    why = "few promises were proven lately" if asked > target else "more were kept lately than need be"
    return f" It was asked for {asked / 100:g} of 100, because {why}."
