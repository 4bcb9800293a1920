"""Lay the demo shop's workshop, delivery services and tax rates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from orders.models import ServiceLevel, TaxRate, Workshop
from shop.models import BusinessCalendar


@dataclass(frozen=True)
class _Service:
    """A service before it has a row; days are the carrier's working days after hand-over, prices minor units."""

    country: str
    faster: bool
    from_days: int
    to_days: int
    price_minor: int
    free_from_minor: int | None = None


SERVICES = (
    _Service("PT", False, 1, 2, 390, 6000),
    _Service("PT", True, 1, 1, 790),
    _Service("DE", False, 3, 5, 790, 12000),
    _Service("DE", True, 2, 2, 1690),
    _Service("IE", False, 3, 5, 990, 14000),
    _Service("FR", False, 2, 4, 690, 10000),
    _Service("FR", True, 2, 2, 1490),
    _Service("AT", False, 3, 5, 890, 12000),
)
# Standard rates in basis points.  Source: European Commission, VAT rates applied in the Member States.
STANDARD_RATES = {"PT": 2300, "DE": 1900, "IE": 2300, "FR": 2000, "AT": 2000}
RATES_FROM_ON = date(2021, 1, 1)


@transaction.atomic
def seed_services(at: datetime) -> str:
    """Add the workshop, services and rates that are missing; what people changed stays."""
    calendars = {row.code: row for row in BusinessCalendar.objects.order_by("id")}
    workshop, _new = Workshop.objects.get_or_create(
        code="studio", defaults={"name": "Studio, Porto", "calendar": calendars["workshop"], "handling_days": 1}
    )
    for position, plan in enumerate(SERVICES):
        _seed(plan, position, workshop, calendars)
    for country, rate_bp in STANDARD_RATES.items():
        TaxRate.objects.get_or_create(
            country=country, tax_class="standard", valid_from_on=RATES_FROM_ON, defaults={"rate_bp": rate_bp}
        )
    return f"{ServiceLevel.objects.count()} delivery services, {TaxRate.objects.count()} tax rates"


def _seed(plan: _Service, position: int, workshop: Workshop, calendars: dict[str, BusinessCalendar]) -> None:
    country = plan.country.lower()
    ServiceLevel.objects.get_or_create(
        code=f"{'faster' if plan.faster else 'door'}-{country}",
        defaults={
            "name": "Faster" if plan.faster else "To your door",
            "country": plan.country,
            "workshop": workshop,
            "carrier_calendar": calendars["carrier"],
            "destination_calendar": calendars[f"destination-{country}"],
            "transit_min_days": plan.from_days,
            "transit_max_days": plan.to_days,
            "price_minor": plan.price_minor,
            "free_from_minor": plan.free_from_minor,
            "position": position,
        },
    )
