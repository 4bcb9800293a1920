"""What the bank says came in, line by line, and which order each line is for."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class BankLine(models.Model):
    """One line of a statement.  `key` makes overlapping files count once; people decide only about the unknown ones."""

    class State(models.TextChoices):
        """What became of it."""

        MATCHED = "matched", _("pays its order")
        PART = "part", _("pays a part")
        OVER = "over", _("more than was due; the rest goes back")
        UNKNOWN = "unknown", _("nobody knows what for")
        SET_ASIDE = "set_aside", _("not for an order")

    key = models.CharField(_("key"), max_length=64, unique=True)
    booked_on = models.DateField(_("booked on"))
    amount_minor = models.IntegerField(_("amount (minor units)"))
    currency = models.CharField(_("currency"), max_length=3)
    payer = models.CharField(_("from"), max_length=140, blank=True)
    purpose = models.CharField(_("purpose"), max_length=500, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices)
    why = models.CharField(_("why"), max_length=200, blank=True)
    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, null=True, related_name="bank_lines")
    event = models.OneToOneField("orders.PaymentEvent", on_delete=models.PROTECT, null=True, related_name="+")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    imported_at = models.DateTimeField(_("imported at"))

    class Meta:
        verbose_name = _("line of a bank statement")
        verbose_name_plural = _("lines of bank statements")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["unknown", "set_aside"], event__isnull=True)
                | Q(state__in=["matched", "part", "over"], event__isnull=False, order__isnull=False),
                name="bank_line_noted",
            )
        ]
        indexes = [models.Index(fields=["booked_on", "id"], condition=Q(state="unknown"), name="bank_line_unknown")]

    def __str__(self) -> str:
        return f"{self.booked_on} {self.payer}"
