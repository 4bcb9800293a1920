"""Who waits for a size that is sold out: an address kept for one mail, and forgotten after it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _


class StockAlert(models.Model):
    """One person's wish to hear once when a variant is back.

    It counts from the moment she confirmed that the address is hers.  Settled means told, or stopped by herself.
    """

    variant = models.ForeignKey("shop.Variant", on_delete=models.CASCADE, related_name="alerts")
    email = models.EmailField(_("e-mail address"))
    locale = models.CharField(_("language"), max_length=10)
    asked_at = models.DateTimeField(_("asked at"))
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True)
    told_at = models.DateTimeField(_("told at"), null=True)
    stopped_at = models.DateTimeField(_("stopped at"), null=True)

    class Meta:
        verbose_name = _("waiting for a piece")
        verbose_name_plural = _("waiting for pieces")
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                "variant",
                condition=Q(told_at__isnull=True, stopped_at__isnull=True),
                name="stock_alert_once",
            ),
            models.CheckConstraint(
                condition=Q(told_at__isnull=True) | Q(confirmed_at__isnull=False), name="stock_alert_told_with_consent"
            ),
        ]
        indexes = [
            models.Index(
                fields=["variant", "asked_at", "id"],
                condition=Q(confirmed_at__isnull=False, told_at__isnull=True, stopped_at__isnull=True),
                name="stock_alert_waiting",
            ),
            models.Index(fields=["variant", "told_at"], condition=Q(told_at__isnull=False), name="stock_alert_told"),
            models.Index(fields=["asked_at", "id"], name="stock_alert_age"),
        ]

    def __str__(self) -> str:
        return f"variant {self.variant_id}"
