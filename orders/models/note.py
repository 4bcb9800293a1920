"""What staff tell each other about an order.  Never shown to the shopper.

Source: commerce reference 4.5 (notes outlive who wrote them), b-24.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class OrderNote(models.Model):
    """One note.  Never changed, never deleted; `key` makes a form sent twice one note."""

    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="notes")
    text = models.CharField(_("note"), max_length=2000)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    author_name = models.CharField(
        _("by"), max_length=150, help_text=_("As it was then: it stays when the account goes.")
    )
    key = models.UUIDField(_("key"), unique=True)
    written_at = models.DateTimeField(_("written at"))
    recorded_at = models.DateTimeField(_("recorded at"), db_default=Now())

    class Meta:
        verbose_name = _("note on an order")
        verbose_name_plural = _("notes on orders")
        permissions = [("write_note", _("Can write notes on orders"))]
        indexes = [models.Index(fields=["order", "-written_at", "-id"], name="order_note_newest")]

    def __str__(self) -> str:
        return f"{self.author_name}, {self.written_at:%Y-%m-%d}"
