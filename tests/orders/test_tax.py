"""Tax: the rate of destination and day, one at a time, kept with the order."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import IntegrityError, transaction
from django.test import Client

from orders.models import TaxRate
from orders.operations.taxing import RateOverlaps, change_tax_rate, seed_tax_rates
from orders.queries.offers import tax_rates
from shop.models import Event, Product
from shop.queries.audit import breaches
from tests.factories.bags import ordered
from tests.factories.shop import StaffFactory, VariantFactory

pytestmark = pytest.mark.django_db


def test_two_rates_in_one_order_are_kept_to_the_piece(now: datetime) -> None:
    mug, book = VariantFactory(price_minor=2400), VariantFactory(price_minor=1001)
    Product.objects.filter(pk=book.product_id).update(tax_class="reduced")
    TaxRate.objects.create(country="PT", tax_class="reduced", rate_bp=600, valid_from_on=date(2020, 1, 1))

    order = ordered((mug, 1), (book, 3), at=now)

    lines = list(order.lines.order_by("id"))
    assert [(line.tax_rate_bp, line.units_paid_minor) for line in lines] == [(2300, [2400]), (600, [1001] * 3)]
    assert [(line.tax_minor, line.units_tax_minor) for line in lines] == [(449, [449]), (170, [57, 57, 56])]
    order.refresh_from_db()
    assert order.delivery_shares == [[2300, 218, 41], [600, 272, 15]]
    assert order.tax_minor == 449 + 170 + 41 + 15
    assert breaches() == []


def test_a_new_rate_ends_the_one_before_and_old_orders_keep_theirs(now: datetime) -> None:
    order = ordered(at=now)
    lead, tomorrow = StaffFactory(), now.date() + timedelta(days=1)

    change_tax_rate(country="PT", tax_class="standard", rate_bp=2400, from_on=tomorrow, source="Law 1", by=lead, at=now)

    assert tax_rates("PT", on=now.date()) == {"standard": 2300}
    assert tax_rates("PT", on=tomorrow) == {"standard": 2400}
    assert order.lines.get().tax_rate_bp == 2300
    assert Event.objects.filter(name="orders.tax-rate.changed").values_list("payload", "actor").get() == (
        {"country": "PT", "tax_class": "standard", "rate_bp": 2400, "from_on": tomorrow.isoformat()},
        lead.pk,
    )
    with pytest.raises(RateOverlaps):
        change_tax_rate(country="PT", tax_class="standard", rate_bp=1, from_on=tomorrow, source="", by=lead, at=now)
    assert TaxRate.objects.filter(country="PT").count() == 2


def test_the_database_knows_one_rate_a_day(now: datetime) -> None:
    seed_tax_rates(now)
    before = TaxRate.objects.count()
    seed_tax_rates(now)

    assert TaxRate.objects.count() == before >= 54
    assert tax_rates("FI", on=date(2025, 12, 31))["reduced"] == 1400
    assert tax_rates("FI", on=date(2026, 1, 1))["reduced"] == 1350
    with pytest.raises(IntegrityError, match="tax_rate_one_a_day"), transaction.atomic():
        TaxRate.objects.create(country="DE", tax_class="standard", rate_bp=1, valid_from_on=now.date())


def test_a_lead_enters_a_rate_in_the_admin(client: Client, now: datetime) -> None:
    seed_tax_rates(now)
    lead = StaffFactory()
    lead.user_permissions.set(Permission.objects.filter(codename__in=["view_taxrate", "add_taxrate"]))
    client.force_login(lead)
    rate = {"country": "de", "tax_class": "standard", "rate_bp": "2000", "valid_from_on": "2031-01-01", "source": "x"}

    assert client.post("/admin/orders/taxrate/add/", rate).status_code == 302
    again = client.post("/admin/orders/taxrate/add/", rate)

    assert (again.status_code, b"Choose a later day." in again.content) == (200, True)
    rows = TaxRate.objects.filter(country="DE", tax_class="standard").order_by("valid_from_on")
    assert list(rows.values_list("rate_bp", "valid_until_on")) == [(1900, date(2030, 12, 31)), (2000, None)]
    client.force_login(StaffFactory())
    assert client.post("/admin/orders/taxrate/add/", rate).status_code == 403
