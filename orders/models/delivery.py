"""How things travel: the workshop that makes them, the services that bring them, the tax of each destination."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Workshop(models.Model):
    """Where orders are packed; `handling_days` working days from start to packed, for things in stock."""

    code = models.SlugField(_("code"), unique=True)
    name = models.CharField(_("name"), max_length=80)
    calendar = models.ForeignKey("shop.BusinessCalendar", on_delete=models.PROTECT, related_name="+")
    handling_days = models.PositiveSmallIntegerField(_("handling (working days)"), default=1)

    class Meta:
        verbose_name = _("workshop")
        verbose_name_plural = _("workshops")
        constraints = [models.CheckConstraint(condition=Q(handling_days__gte=1), name="workshop_handles")]

    def __str__(self) -> str:
        return self.name


class ServiceLevel(models.Model):
    """One delivery choice for one country: transit in the carrier's working days after hand-over, and its price."""

    code = models.SlugField(_("code"), unique=True)
    name = models.CharField(_("name"), max_length=80, help_text=_("Such as “To your door” or “Faster”."))
    country = models.CharField(_("country"), max_length=2)
    workshop = models.ForeignKey(Workshop, on_delete=models.PROTECT, related_name="+")
    carrier_calendar = models.ForeignKey("shop.BusinessCalendar", on_delete=models.PROTECT, related_name="+")
    destination_calendar = models.ForeignKey("shop.BusinessCalendar", on_delete=models.PROTECT, related_name="+")
    transit_min_days = models.PositiveSmallIntegerField(_("transit from (working days)"))
    transit_max_days = models.PositiveSmallIntegerField(_("transit to (working days)"))
    price_minor = models.PositiveIntegerField(_("price (minor units)"))
    free_from_minor = models.PositiveIntegerField(_("free from (minor units)"), null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, default="EUR")
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    active = models.BooleanField(_("offered"), default=True)

    class Meta:
        verbose_name = _("delivery service")
        verbose_name_plural = _("delivery services")
        constraints = [
            models.CheckConstraint(
                condition=Q(transit_min_days__gte=1, transit_min_days__lte=F("transit_max_days")),
                name="service_transit_range",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.country})"


class TaxRate(models.Model):
    """The rate of one tax class in one country from a day on, in basis points."""

    country = models.CharField(_("country"), max_length=2)
    tax_class = models.SlugField(_("tax class"), default="standard")
    rate_bp = models.PositiveIntegerField(_("rate (basis points)"))
    valid_from_on = models.DateField(_("valid from"))

    class Meta:
        verbose_name = _("tax rate")
        verbose_name_plural = _("tax rates")
        constraints = [
            models.UniqueConstraint(fields=["country", "tax_class", "valid_from_on"], name="tax_rate_once"),
            models.CheckConstraint(condition=Q(rate_bp__lte=10_000), name="tax_rate_sane"),
        ]

    def __str__(self) -> str:
        return f"{self.country} {self.rate_bp / 100} %"
