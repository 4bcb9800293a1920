"""How things travel: the workshop that makes them, the services that bring them, the tax of each destination."""

from __future__ import annotations

from datetime import date

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _

from orders.rules.hours import Window, windows_of
from shop.models.catalogue import refuse_other_currency


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

    class Kind(models.TextChoices):
        """Who covers the last metres."""

        COURIER = "courier", _("a courier brings it")
        PICKUP = "pickup", _("the shopper collects it")

    code = models.SlugField(_("code"), unique=True)
    kind = models.CharField(
        _("kind"), max_length=8, choices=Kind.choices, default=Kind.COURIER, db_default=Kind.COURIER
    )
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
    guaranteed = models.BooleanField(
        _("date guaranteed"),
        default=False,
        help_text=_("When the first promised day is missed, the delivery fee goes back by itself."),
    )
    hours = models.JSONField(
        _("hours to choose from"), default=list, db_default=Value([], models.JSONField()), blank=True, editable=False
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    active = models.BooleanField(_("offered"), default=True)
    learns = models.BooleanField(
        _("learns from what happened"),
        default=True,
        db_default=True,
        help_text=_("Every night its days are counted anew from its parcels. Off: the days above count."),
    )
    learned = models.JSONField(_("what its newest table says"), null=True, editable=False)
    refit_at = models.DateTimeField(_("to be learned again at"), null=True, editable=False)

    class Meta:
        verbose_name = _("delivery service")
        verbose_name_plural = _("delivery services")
        constraints = [
            models.CheckConstraint(
                condition=Q(transit_min_days__lte=F("transit_max_days"))
                & (Q(transit_min_days__gte=1) | Q(kind="pickup")),
                name="service_transit_range",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.country})"

    def clean(self) -> None:
        """Keep its price in the shop's currency: an order is asked for in that of its service.

        Raises ValidationError.
        """
        refuse_other_currency(self.currency)

    @property
    def windows(self) -> tuple[Window, ...]:
        """Return the hours a shopper can choose, the earliest first; mostly none."""
        return windows_of(self.hours)

    def window(self, key: str) -> Window | None:
        """Return the window of that key; None when the service does not offer it."""
        return next((each for each in self.windows if each.key == key), None)


class DeliveryTable(models.Model):
    """What one night learned of a service.  Never changed; a promise names the version it was counted with."""

    service = models.ForeignKey(ServiceLevel, on_delete=models.PROTECT, related_name="tables")
    version = models.PositiveIntegerField(_("version"))
    fitted_at = models.DateTimeField(_("learned at"))
    until_on = models.DateField(_("from what had happened by"))
    knowledge = models.JSONField(_("what it says"))

    class Meta:
        verbose_name = _("table of a service")
        verbose_name_plural = _("tables of services")
        constraints = [models.UniqueConstraint(fields=["service", "version"], name="table_version_once")]

    def __str__(self) -> str:
        return f"{self.service_id} v{self.version}"


class TaxRates(models.QuerySet["TaxRate"]):
    """Rates by place and day."""

    def in_force(self, *, country: str, on: date) -> TaxRates:
        """Return the rates of a country that hold on a day: at most one for each tax class."""
        ends = Q(valid_until_on__isnull=True) | Q(valid_until_on__gte=on)
        return self.filter(ends, country=country, valid_from_on__lte=on)


class TaxRate(models.Model):
    """The rate of one tax class in one country for a span of days, in basis points; spans never overlap.

    A distance seller in the Union charges the rate of the destination (One Stop Shop).
    Source: Directive 2006/112/EC art. 33(a), 369a-369x.
    """

    country = models.CharField(_("country"), max_length=2, help_text=_("Two letters, such as PT."))
    tax_class = models.SlugField(_("tax class"), default="standard", help_text=_("Such as standard or reduced."))
    rate_bp = models.PositiveIntegerField(_("rate (basis points)"), help_text=_("2300 is 23 %."))
    valid_from_on = models.DateField(_("first day"))
    valid_until_on = models.DateField(_("last day"), null=True, blank=True, help_text=_("Empty: until it is changed."))
    source = models.CharField(_("source"), max_length=200, blank=True, help_text=_("Who says so, and of which day."))

    objects = TaxRates.as_manager()

    class Meta:
        verbose_name = _("tax rate")
        verbose_name_plural = _("tax rates")
        constraints = [
            models.CheckConstraint(condition=Q(rate_bp__lte=10_000), name="tax_rate_sane"),
            models.CheckConstraint(
                condition=Q(valid_until_on__isnull=True) | Q(valid_until_on__gte=F("valid_from_on")),
                name="tax_rate_span",
            ),
            ExclusionConstraint(
                name="tax_rate_one_a_day",
                expressions=[
                    ("country", RangeOperators.EQUAL),
                    ("tax_class", RangeOperators.EQUAL),
                    (
                        Func("valid_from_on", "valid_until_on", Value("[]"), function="daterange"),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.country} {self.tax_class} {self.rate_bp / 100:g} %"
