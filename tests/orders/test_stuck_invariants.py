"""The audit finds parcels that stood still unnoticed, and counts the same days as the rule that looks for them."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from orders.models import ServiceLevel, StuckParcel
from shop.models import BusinessCalendar, CalendarException
from tests.factories.orders import placed_order
from tests.orders.test_operations_fulfilment import handed_over, our_breaches, scan
from tests.orders.test_stuck import labelled, look

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.mark.parametrize("still", [labelled, lambda now: handed_over(placed_order(at=now), now)])
def test_a_parcel_that_stood_still_without_a_case_is_found(still: object, now: datetime) -> None:
    still(now)  # type: ignore[operator] # a function of the moment
    assert look(now + 2 * DAY) == 1
    assert our_breaches() == []

    StuckParcel.objects.all().delete()

    assert [breach.code for breach in our_breaches()] == ["O55"]


def test_what_was_scanned_or_became_stuck_since_the_last_look_is_nobodys_fault(now: datetime) -> None:
    parcel = handed_over(placed_order(at=now), now)
    look(now + DAY)
    assert our_breaches() == []

    scan(parcel, "in_transit", now - 9 * DAY)  # told late: it happened before anybody looked
    look(now + 2 * DAY)
    StuckParcel.objects.all().delete()

    assert our_breaches() == []


@pytest.mark.parametrize(
    ("source", "kind", "applies"),
    [("staff", "closed", True), ("library", "closed", True), ("library", "closed", False)],
)
def test_days_are_counted_as_the_rule_counts_them(source: str, kind: str, applies: bool, now: datetime) -> None:
    labelled(now)
    tuesday, calendar = date(2026, 3, 3), ServiceLevel.objects.get().workshop.calendar
    CalendarException.objects.create(
        calendar=calendar, first_on=tuesday, last_on=tuesday, source=source, kind=kind, applies=applies
    )
    if source == "staff":
        CalendarException.objects.create(
            calendar=calendar,
            first_on=tuesday,
            last_on=tuesday,
            source="library",
            kind="open",
            opens="09:00",
            closes="17:00",
        )
    BusinessCalendar.objects.update(version=2)

    found = look(now + 2 * DAY)
    StuckParcel.objects.all().delete()

    assert len(our_breaches()) == found == (not applies)
