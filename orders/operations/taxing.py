"""Tax rates: a new one ends the one before it.  Orders that were placed keep the rate they were taxed at."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction

from orders.models import TaxRate
from orders.rules.tax_table import rates
from shop.models import User
from shop.operations.events import record_event


class RateOverlaps(Exception):
    """Another rate of this country and class begins on that day or later: it would be overruled."""


@transaction.atomic
def change_tax_rate(
    *, country: str, tax_class: str, rate_bp: int, from_on: date, source: str, by: User, at: datetime
) -> TaxRate:
    """Let a rate (basis points) hold from a day on; the one before it ends the day before.  Raises RateOverlaps."""
    rows = TaxRate.objects.select_for_update().filter(country=country, tax_class=tax_class)
    if any(row.valid_from_on >= from_on for row in rows.order_by("valid_from_on", "id")):
        raise RateOverlaps
    rows.in_force(country=country, on=from_on).update(valid_until_on=from_on - timedelta(days=1))
    rate = TaxRate.objects.create(
        country=country, tax_class=tax_class, rate_bp=rate_bp, valid_from_on=from_on, source=source
    )
    record_event(
        name="orders.tax-rate.changed",
        subject=f"orders.taxrate:{rate.pk}",
        payload={"country": country, "tax_class": tax_class, "rate_bp": rate_bp, "from_on": from_on.isoformat()},
        actor=by,
        at=at,
    )
    return rate


def seed_tax_rates(at: datetime) -> str:
    """Lay the rates of the Union that are missing; a class of a country that staff entered is left alone."""
    known = set(TaxRate.objects.order_by("id").values_list("country", "tax_class"))
    TaxRate.objects.bulk_create(
        TaxRate(
            country=row.country,
            tax_class=row.tax_class,
            rate_bp=row.rate_bp,
            valid_from_on=row.from_on,
            valid_until_on=row.until_on,
            source=row.source,
        )
        for row in rates()
        if (row.country, row.tax_class) not in known
    )
    return f"{TaxRate.objects.count()} tax rates"
