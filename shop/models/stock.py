"""Stock: what lies on the shelf, what is spoken for, and every movement that made it so.

`on_hand` falls when goods leave at hand-over, not at placement; placement raises `allocated`.  Only
shop.operations.stock writes these tables, always with a movement.  Source: commerce reference d.2.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from shop.models.catalogue import Variant


class StockLocation(models.Model):
    """A place that holds stock."""

    code = models.SlugField(_("code"), unique=True)
    name = models.CharField(_("name"), max_length=80)

    class Meta:
        verbose_name = _("stock location")
        verbose_name_plural = _("stock locations")

    def __str__(self) -> str:
        return self.name


class StockLevel(models.Model):
    """How many pieces of a variant a location holds.  Available = on hand + oversell limit - allocated."""

    class Policy(models.TextChoices):
        """What happens when the shelf is empty."""

        DENY = "deny", _("sell what is there")
        MADE_TO_ORDER = "made_to_order", _("made to order")

    variant = models.ForeignKey(Variant, on_delete=models.PROTECT, related_name="stock", verbose_name=_("variant"))
    location = models.ForeignKey(StockLocation, on_delete=models.PROTECT, related_name="levels")
    on_hand = models.IntegerField(_("on the shelf"), default=0)
    allocated = models.IntegerField(_("spoken for"), default=0)
    quarantine = models.IntegerField(_("in quarantine"), default=0)
    policy = models.CharField(_("when empty"), max_length=15, choices=Policy.choices, default=Policy.DENY)
    oversell_limit = models.PositiveIntegerField(
        _("may be sold before made"), default=0, help_text=_("Pieces that may be promised beyond the shelf.")
    )

    class Meta:
        verbose_name = _("stock level")
        verbose_name_plural = _("stock levels")
        constraints = [
            models.UniqueConstraint(fields=["variant", "location"], name="stock_level_once"),
            models.CheckConstraint(condition=Q(on_hand__gte=0), name="stock_on_hand_not_negative"),
            models.CheckConstraint(condition=Q(allocated__gte=0), name="stock_allocated_not_negative"),
            models.CheckConstraint(condition=Q(quarantine__gte=0), name="stock_quarantine_not_negative"),
            models.CheckConstraint(
                condition=Q(allocated__lte=F("on_hand") + F("oversell_limit")), name="stock_never_oversold"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.on_hand} - {self.allocated}"

    @property
    def available(self) -> int:
        """Return how many more pieces may be sold."""
        return self.on_hand + self.oversell_limit - self.allocated


class StockMovement(models.Model):
    """One append-only change of a stock level; the sum of all movements is the level."""

    class Kind(models.TextChoices):
        """Why pieces moved."""

        RECEIVED = "received", _("received")
        MADE = "made", _("made")
        ALLOCATED = "allocated", _("spoken for")
        RELEASED = "released", _("free again")
        HANDED_OVER = "handed_over", _("handed over")
        RETURNED = "returned", _("returned to the shelf")
        QUARANTINED = "quarantined", _("put in quarantine")
        WRITTEN_OFF = "written_off", _("written off")
        ADJUSTED = "adjusted", _("counted")

    level = models.ForeignKey(StockLevel, on_delete=models.PROTECT, related_name="movements")
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    on_hand_delta = models.IntegerField(_("shelf"), default=0)
    allocated_delta = models.IntegerField(_("spoken for"), default=0)
    quarantine_delta = models.IntegerField(_("quarantine"), default=0)
    order_number = models.CharField(_("order"), max_length=20, blank=True, db_index=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    key = models.CharField(_("idempotency key"), max_length=120, unique=True)
    moved_at = models.DateTimeField(_("moved at"))

    class Meta:
        verbose_name = _("stock movement")
        verbose_name_plural = _("stock movements")

    def __str__(self) -> str:
        return f"{self.kind} {self.on_hand_delta:+d}/{self.allocated_delta:+d}"
