"""Announced reductions: what is offered for less, from when to when, and what it is measured against.

Source: Directive 98/6/EC art. 6a; commerce reference d.1.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from shop.models.catalogue import Category, Product, Variant


class Reduction(models.Model):
    """So much off some products or whole shelves.  A draft lowers no price; announced, it begins and ends by itself."""

    class State(models.TextChoices):
        """How far it is."""

        DRAFT = "draft", _("draft")
        ANNOUNCED = "announced", _("announced")
        RUNNING = "running", _("running")
        ENDED = "ended", _("ended")

    name = models.CharField(_("name"), max_length=80, help_text=_("For colleagues; shoppers see the prices."))
    percent_bp = models.PositiveIntegerField(
        _("off (basis points)"), default=0, help_text=_("2000 is 20 %. Or leave it 0 and name an amount.")
    )
    off_minor = models.PositiveIntegerField(_("off (minor units)"), default=0)
    products = models.ManyToManyField(Product, related_name="+", blank=True, verbose_name=_("products"))
    categories = models.ManyToManyField(Category, related_name="+", blank=True, verbose_name=_("categories"))
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("to"))
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.DRAFT, editable=False)
    announced_at = models.DateTimeField(_("announced at"), null=True, editable=False)
    announced_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", editable=False
    )

    class Meta:
        verbose_name = _("reduction")
        verbose_name_plural = _("reductions")
        permissions = [("announce_reduction", _("Can announce and end reductions"))]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="reduction_lasts_a_while",
                violation_error_message=_("It has to end after it begins."),
            ),
            models.CheckConstraint(
                condition=Q(percent_bp=0, off_minor__gt=0) | Q(percent_bp__gt=0, percent_bp__lt=10_000, off_minor=0),
                name="reduction_is_one_way",
                violation_error_message=_("Name either basis points below 10000 or an amount."),
            ),
        ]
        indexes = [
            models.Index(fields=["starts_at"], condition=Q(state="announced"), name="reduction_begins"),
            models.Index(fields=["ends_at"], condition=Q(state="running"), name="reduction_ends"),
        ]

    def __str__(self) -> str:
        return self.name


class ReducedPrice(models.Model):
    """One variant of an announced reduction.  The prices are frozen when it begins.

    `reference_minor` is what shoppers are shown as the former price; `carried` says that it was taken over from the
    reduction this one follows without a pause.  `before_minor` comes back at the end.
    """

    class State(models.TextChoices):
        """How far it is."""

        PLANNED = "planned", _("planned")
        RUNNING = "running", _("running")
        ENDED = "ended", _("ended")
        REFUSED = "refused", _("not reduced")

    reduction = models.ForeignKey(Reduction, on_delete=models.PROTECT, related_name="prices")
    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="reductions")
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.PLANNED)
    price_minor = models.PositiveIntegerField(_("reduced price (minor units)"), null=True)
    reference_minor = models.PositiveIntegerField(_("lowest price of 30 days before (minor units)"), null=True)
    before_minor = models.PositiveIntegerField(_("price before (minor units)"), null=True)
    carried = models.BooleanField(_("reference of the step before"), default=False)
    why = models.CharField(_("why not"), max_length=12, blank=True)
    started_at = models.DateTimeField(_("began at"), null=True)
    ended_at = models.DateTimeField(_("ended at"), null=True)

    class Meta:
        verbose_name = _("reduced price")
        verbose_name_plural = _("reduced prices")
        constraints = [
            models.UniqueConstraint(fields=["variant"], condition=Q(state="planned"), name="reduction_planned_once"),
            models.UniqueConstraint(fields=["variant"], condition=Q(state="running"), name="reduction_running_once"),
            models.UniqueConstraint(fields=["reduction", "variant"], name="reduced_once_each"),
            models.CheckConstraint(
                condition=~Q(state__in=["running", "ended"])
                | Q(
                    price_minor__lt=F("reference_minor"),
                    before_minor__gt=F("price_minor"),
                    started_at__isnull=False,
                ),
                name="reduced_against_something",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.variant_id}: {self.price_minor}"
