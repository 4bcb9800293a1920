"""Services and orders.  `placed_order` writes rows the way placement does, for tests of what comes after."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta

from orders.models import (
    Order,
    OrderLine,
    Parcel,
    ParcelLine,
    Payment,
    PaymentEvent,
    Promise,
    SavedAddress,
    ServiceLevel,
    TaxRate,
    TestCardEntry,
    Workshop,
)
from orders.operations.addresses import keep_address
from orders.operations.statuses import recompute_statuses
from orders.rules.address_book import Address
from orders.rules.shares import unit_shares
from shop.models import BusinessCalendar, User, Variant
from shop.operations import stock
from shop.rules.money import tax_included
from tests.factories.shop import VariantFactory, calendar, open_on


def service_level(code: str = "door-pt", *, country: str = "PT", time_zone: str = "Europe/Lisbon") -> ServiceLevel:
    """The ordinary way to the door: one day to pack, two to three carrier days, € 4.90.

    Nearly every test asks for it, so it is found by one statement and written by few.
    """
    if found := ServiceLevel.objects.filter(code=code).first():
        return found
    workshop = Workshop.objects.filter(code="studio").first() or Workshop.objects.create(
        code="studio", name="Studio", calendar=calendar("workshop"), handling_days=1
    )
    carrier, destination = _ways(
        {"carrier": ("carrier", "Europe/Lisbon"), f"destination-{country.lower()}": ("destination", time_zone)}
    )
    if not TaxRate.objects.filter(country=country, tax_class="standard", valid_from_on=date(2020, 1, 1)).exists():
        TaxRate.objects.create(country=country, tax_class="standard", valid_from_on=date(2020, 1, 1), rate_bp=2300)
    return ServiceLevel.objects.create(
        code=code,
        name="To your door",
        country=country,
        workshop=workshop,
        carrier_calendar=carrier,
        destination_calendar=destination,
        transit_min_days=2,
        transit_max_days=3,
        price_minor=490,
        currency="EUR",
    )


def _ways(wanted: dict[str, tuple[str, str]]) -> list[BusinessCalendar]:
    """Return calendars of carriers and destinations, open Monday to Saturday, by code: kind and time zone."""
    found = {row.code: row for row in BusinessCalendar.objects.filter(code__in=wanted)}
    new = BusinessCalendar.objects.bulk_create(
        BusinessCalendar(code=code, name=code, kind=kind, time_zone=time_zone)
        for code, (kind, time_zone) in wanted.items()
        if code not in found
    )
    if new:
        open_on(new, range(6))
    found |= {row.code: row for row in new}
    return [found[code] for code in wanted]


def placed_order(
    *,
    at: datetime,
    variant: Variant | None = None,
    quantity: int = 1,
    number: str = "KP-2041-7736",
    email: str = "ana@example.com",
    paid: bool = True,
    **fields: object,
) -> Order:
    """An order as placement leaves it: line, allocated stock, planned parcel, promise, payment (captured if paid).

    The promise is fixed: from two to three days after `at`, whatever the calendars say.
    """
    service = service_level()
    variant = variant or VariantFactory()
    gross = variant.price_minor * quantity
    total = gross + service.price_minor
    order = Order.objects.create(
        number=number,
        status=Order.Status.PLACED,
        payment_status=Order.Paid.PAID if paid else Order.Paid.PENDING,
        email=email,
        full_name="Ana Costa",
        street="Rua das Flores 12",
        postcode="4050-262",
        city="Porto",
        country="PT",
        service=service,
        currency="EUR",
        goods_minor=gross,
        delivery_minor=service.price_minor,
        tax_minor=tax_included(gross, 2300) + tax_included(service.price_minor, 2300),
        delivery_shares=[[2300, service.price_minor, tax_included(service.price_minor, 2300)]],
        total_minor=total,
        placed_at=at,
        **fields,
    )
    line = OrderLine.objects.create(
        order=order,
        variant=variant,
        sku=variant.sku,
        title=variant.product.name,
        options_label=variant.label,
        unit_minor=variant.price_minor,
        quantity=quantity,
        gross_minor=gross,
        tax_rate_bp=2300,
        tax_minor=tax_included(gross, 2300),
        **shared(gross, quantity),
    )
    stock.allocate(
        wanted=[stock.Wanted(variant.pk, quantity, f"allocate:{order.number}:{line.pk}")],
        order_number=order.number,
        at=at,
    )
    parcel = Parcel.objects.create(order=order, number=1)
    ParcelLine.objects.create(parcel=parcel, line=line, quantity=quantity)
    promise = fixed_promise(order, at=at, version=1)
    payment = Payment.objects.create(
        order=order,
        provider=Payment.Provider.TEST_CARD,
        currency="EUR",
        due_minor=total,
        captured_minor=total if paid else 0,
    )
    if paid:
        charge = TestCardEntry.objects.create(
            key=f"charge:{order.number}", kind="charge", amount_minor=total, currency="EUR", accepted=True, asked=1
        )
        PaymentEvent.objects.create(
            payment=payment,
            kind=PaymentEvent.Kind.CAPTURE,
            phase=PaymentEvent.Phase.SUCCEEDED,
            amount_minor=total,
            provider_ref=f"test-charge-{charge.pk}",
            key=f"capture:{order.number}",
            happened_at=at,
        )
    recompute_statuses(order, promises=[promise])
    return order


def shared(gross: int, quantity: int) -> dict[str, list[int]]:
    """What placement writes of each piece of a line at 23 %."""
    paid, tax = unit_shares(paid_minor=gross, tax_minor=tax_included(gross, 2300), quantity=quantity)
    return {"units_paid_minor": paid, "units_tax_minor": tax}


def fixed_promise(
    order: Order, *, at: datetime, days: int = 3, source: str = Promise.Source.CHECKOUT, version: int = 0
) -> Promise:
    """A promise that says `days` days after `at` at the latest; the next version unless told."""
    last = at.date() + timedelta(days=days)
    return Promise.objects.create(
        order=order,
        version=version or order.promises.count() + 1,
        source=source,
        deliver_from_on=last - timedelta(days=1),
        deliver_by_on=last,
        starts_on=at.date(),
        pack_by_at=at + timedelta(hours=8),
        hand_over_by_at=at + timedelta(days=1),
        breaks_at=datetime.combine(last + timedelta(days=1), time(0), tzinfo=at.tzinfo),
        basis={"steps": [], "calendars": {}},
        made_at=at,
    )


def saved_address(user: User, *, at: datetime, **parts: str) -> SavedAddress:
    """An address in somebody's account."""
    address = Address("Ana Costa", "Rua das Flores 12", "", "4050-262", "Porto", "PT", "+351912345678")
    return keep_address(user_id=user.pk, address=replace(address, **parts), first=False, at=at)
