"""Lay the demo shop's workshop and delivery services."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_noop as _

from orders.models import ServiceLevel, Workshop
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
    hours: tuple[tuple[str, str, int], ...] = ()


SERVICES = (
    _Service("PT", False, 1, 2, 390, 6000),
    _Service("PT", True, 1, 1, 790, hours=(("08:00", "12:00", 0), ("13:00", "17:00", 0), ("18:00", "21:00", 200))),
    _Service("DE", False, 3, 5, 790, 12000),
    _Service("DE", True, 2, 2, 1690),
    _Service("IE", False, 3, 5, 990, 14000),
    _Service("FR", False, 2, 4, 690, 10000),
    _Service("FR", True, 2, 2, 1490),
    _Service("AT", False, 3, 5, 890, 12000),
)


@transaction.atomic
def seed_services(at: datetime) -> str:
    """Add the workshop and services that are missing; what people changed stays."""
    calendars = {row.code: row for row in BusinessCalendar.objects.order_by("id")}
    workshop, _new = Workshop.objects.get_or_create(
        code="studio", defaults={"name": "Studio, Porto", "calendar": calendars["workshop"], "handling_days": 1}
    )
    for position, plan in enumerate(SERVICES):
        _seed(plan, position, workshop, calendars)
    _seed_pickup(workshop)
    return f"{ServiceLevel.objects.count()} delivery services"


def _seed_pickup(workshop: Workshop) -> None:
    """Let shoppers collect at the studio: it is ready as soon as it is packed, on the studio's own days."""
    ServiceLevel.objects.get_or_create(
        code="pickup-pt",
        defaults={
            "kind": ServiceLevel.Kind.PICKUP,
            "name": _("Collect it at the studio"),
            "country": "PT",
            "workshop": workshop,
            "carrier_calendar": workshop.calendar,
            "destination_calendar": workshop.calendar,
            "transit_min_days": 0,
            "transit_max_days": 0,
            "price_minor": 0,
            "position": len(SERVICES),
        },
    )


def _seed(plan: _Service, position: int, workshop: Workshop, calendars: dict[str, BusinessCalendar]) -> None:
    country = plan.country.lower()
    ServiceLevel.objects.get_or_create(
        code=f"{'faster' if plan.faster else 'door'}-{country}",
        defaults={
            "name": _("Faster") if plan.faster else _("To your door"),
            "country": plan.country,
            "workshop": workshop,
            "carrier_calendar": calendars["carrier"],
            "destination_calendar": calendars[f"destination-{country}"],
            "transit_min_days": plan.from_days,
            "transit_max_days": plan.to_days,
            "price_minor": plan.price_minor,
            "free_from_minor": plan.free_from_minor,
            "hours": [list(window) for window in plan.hours],
            "position": position,
        },
    )
