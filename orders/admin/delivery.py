"""How things travel: workshop, services and tax rates, for those who look after the catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

from orders.models import ServiceLevel, TaxRate, Workshop
from orders.operations.taxing import change_tax_rate
from orders.queries.quotes import days_of
from orders.rules.hours import MOST, NotHours, Why, read_windows, write_windows
from shop.admin.base import AnyAdmin, ReadOnlyAdmin
from shop.models import User
from shop.rules import wording
from shop.rules.money import Money

# Django's class takes a type argument for the type checker alone.
if TYPE_CHECKING:
    _RateForm = forms.ModelForm[TaxRate]
    _ServiceForm = forms.ModelForm[ServiceLevel]
else:
    _RateForm = _ServiceForm = forms.ModelForm


@admin.register(Workshop)
class WorkshopAdmin(AnyAdmin):
    """The place that packs."""

    list_display = ("name", "calendar", "handling_days")
    list_select_related = ("calendar",)
    ordering = ("name", "id")


class ServiceForm(_ServiceForm):
    """A service, its hours typed a line each."""

    windows = forms.CharField(
        label=_lazy("Hours to choose from"),
        required=False,
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 4, "cols": 24}),
        help_text=_lazy(
            "One line each, such as 08:00-12:00 200: by the clock of the destination, and what it costs on top in minor"
            " units. Leave it empty when the courier keeps no hours."
        ),
    )

    class Meta:
        model = ServiceLevel
        fields = "__all__"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["windows"] = write_windows(self.instance.windows)

    def clean_windows(self) -> str:
        """Keep the hours as they are read.  Raises ValidationError, naming the line."""
        typed = str(self.cleaned_data["windows"])
        try:
            found = read_windows(typed)
        except NotHours as refused:
            raise forms.ValidationError(_NOT_HOURS[refused.why], params={"line": refused.line, "most": MOST}) from None
        self.instance.hours = [window.kept for window in found]
        return typed

    def clean(self) -> dict[str, Any]:
        """Refuse hours of what nobody brings."""
        data = super().clean() or self.cleaned_data
        if data.get("windows") and data.get("kind") == ServiceLevel.Kind.PICKUP:
            self.add_error("windows", _("What she collects herself comes at no hour. Leave this empty."))
        return data


_NOT_HOURS = {
    Why.UNREADABLE: _lazy("“%(line)s” is not like 08:00-12:00 or 08:00-12:00 200."),
    Why.BACKWARDS: _lazy("“%(line)s” ends before it begins."),
    Why.TWICE: _lazy("The same hours stand there twice."),
    Why.TOO_MANY: _lazy("Offer at most %(most)d: a choice among more is none."),
}


@admin.register(ServiceLevel)
class ServiceLevelAdmin(AnyAdmin):
    """A change counts for new orders; promises already made keep what they were computed from."""

    form = ServiceForm
    list_display = ("name", "country", "transit", "price", "active")
    list_filter = ("country", "active")
    list_select_related = ("workshop", "carrier_calendar", "destination_calendar")
    ordering = ("country", "position", "id")
    show_full_result_count = False

    @admin.display(description=_lazy("working days on the way"))
    def transit(self, service: ServiceLevel) -> str:
        """Show the carrier's days: those that count, and from how many parcels they were learned."""
        first, last, learned = days_of(service)
        if learned is None:
            return f"{first} – {last}"
        return ngettext(
            "%(first)d – %(last)d, learned from %(parcels)d parcel",
            "%(first)d – %(last)d, learned from %(parcels)d parcels",
            learned.parcels,
        ) % {"first": first, "last": last, "parcels": learned.parcels}

    @admin.display(description=_lazy("price"))
    def price(self, service: ServiceLevel) -> str:
        """Show the price with its currency."""
        return wording.money(Money(service.price_minor, service.currency), "en")

    def has_delete_permission(self, request: HttpRequest, obj: ServiceLevel | None = None) -> bool:
        """Refuse: orders point at it.  Take it out of the offer instead."""
        return False


class TaxRateForm(_RateForm):
    """A rate and its first day; the rate before it ends by itself."""

    class Meta:
        model = TaxRate
        fields = ("country", "tax_class", "rate_bp", "valid_from_on", "source")

    def clean_country(self) -> str:
        """Write the country as orders do."""
        return str(self.cleaned_data["country"]).upper()

    def clean(self) -> dict[str, Any]:
        """Refuse a rate that another one overrules already."""
        data = super().clean() or self.cleaned_data
        if {"country", "tax_class", "valid_from_on"} <= data.keys():
            later = TaxRate.objects.filter(
                country=data["country"], tax_class=data["tax_class"], valid_from_on__gte=data["valid_from_on"]
            )
            if later.exists():
                self.add_error(
                    "valid_from_on",
                    _("Another rate of this country and class begins on that day or later. Choose a later day."),
                )
        return data


@admin.register(TaxRate)
class TaxRateAdmin(ReadOnlyAdmin):
    """A new rate is a new row with its first day; old rows stay, because old orders were taxed by them."""

    form = TaxRateForm
    list_display = ("country", "tax_class", "rate", "valid_from_on", "valid_until_on", "source")
    list_filter = ("tax_class",)
    search_fields = ("=country",)
    search_help_text = _lazy("Country code, such as PT")
    ordering = ("country", "tax_class", "-valid_from_on", "id")

    @admin.display(description=_lazy("rate"))
    def rate(self, row: TaxRate) -> str:
        """Show the rate in per cent."""
        return f"{row.rate_bp / 100:g} %"

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        """Let a lead enter what the tax office announced."""
        return request.user.has_perm("orders.add_taxrate")

    def save_model(self, request: HttpRequest, obj: TaxRate, form: Any, change: bool) -> None:
        """Enter the rate through its operation; the form has refused one that would be overruled."""
        assert isinstance(request.user, User)  # noqa: S101 -- the admin let nobody else through
        saved = change_tax_rate(
            country=obj.country,
            tax_class=obj.tax_class,
            rate_bp=obj.rate_bp,
            from_on=obj.valid_from_on,
            source=obj.source,
            by=request.user,
            at=timezone.now(),
        )
        obj.pk = saved.pk
