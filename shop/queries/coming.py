"""What is sold out on a product's page and on its way to us.  Source: commerce reference d.2 (`eta_date`), b-23."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from shop.queries.product import Choice
from shop.queries.stock import Expected, next_arrivals
from shop.rules.availability import Availability


def coming_to(choices: Sequence[Choice], *, today: date) -> list[tuple[Choice, Expected]]:
    """Return those choices that are sold out and on their way to us, with when.  One query, none without a gap."""
    gone = [choice for choice in choices if choice.state == Availability.SOLD_OUT]
    coming = next_arrivals((choice.variant.pk for choice in gone), today=today) if gone else {}
    return [(choice, coming[choice.variant.pk]) for choice in gone if choice.variant.pk in coming]
