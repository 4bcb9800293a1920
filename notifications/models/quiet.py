"""Since when an open order has heard nothing of us, and when it hears of us at the latest."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Quiet(models.Model):
    """One open order on the silence budget; gone once the order has arrived or ended."""

    order = models.OneToOneField("orders.Order", on_delete=models.CASCADE, related_name="+")
    due_at = models.DateTimeField(_("a word is due at"))
    notes = models.PositiveSmallIntegerField(_("notes of where it stands"), default=0)

    class Meta:
        verbose_name = _("silence of an order")
        verbose_name_plural = _("silences of orders")
        indexes = [models.Index(fields=["due_at", "id"], name="quiet_due")]

    def __str__(self) -> str:
        return f"{self.order_id} until {self.due_at}"
