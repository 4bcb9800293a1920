"""How things travel: workshop, services and tax rates, for those who look after the catalogue."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from orders.models import ServiceLevel, TaxRate, Workshop
from shop.admin.base import AnyAdmin
from shop.rules import wording
from shop.rules.money import Money


@admin.register(Workshop)
class WorkshopAdmin(AnyAdmin):
    """The place that packs."""

    list_display = ("name", "calendar", "handling_days")
    list_select_related = ("calendar",)
    ordering = ("name", "id")


@admin.register(ServiceLevel)
class ServiceLevelAdmin(AnyAdmin):
    """A change counts for new orders; promises already made keep what they were computed from."""

    list_display = ("name", "country", "transit", "price", "active")
    list_filter = ("country", "active")
    list_select_related = ("workshop", "carrier_calendar", "destination_calendar")
    ordering = ("country", "position", "id")
    show_full_result_count = False

    @admin.display(description=_("working days on the way"))
    def transit(self, service: ServiceLevel) -> str:
        """Show the carrier's days."""
        return f"{service.transit_min_days} – {service.transit_max_days}"

    @admin.display(description=_("price"))
    def price(self, service: ServiceLevel) -> str:
        """Show the price with its currency."""
        return wording.money(Money(service.price_minor, service.currency), "en")

    def has_delete_permission(self, request: HttpRequest, obj: ServiceLevel | None = None) -> bool:
        """Refuse: orders point at it.  Take it out of the offer instead."""
        return False


@admin.register(TaxRate)
class TaxRateAdmin(AnyAdmin):
    """A new rate is a new row with its first day; old rows stay, because old orders were taxed by them."""

    list_display = ("country", "tax_class", "rate", "valid_from_on")
    list_filter = ("country",)
    ordering = ("country", "tax_class", "-valid_from_on", "id")

    @admin.display(description=_("rate"))
    def rate(self, row: TaxRate) -> str:
        """Show the rate in per cent."""
        return f"{row.rate_bp / 100:g} %"

    def has_delete_permission(self, request: HttpRequest, obj: TaxRate | None = None) -> bool:
        """Refuse."""
        return False
