"""The pretend card's own bank: what it remembers of charges and refunds, apart from our ledger.

Only the test card's gateway writes here, outside our transactions, as a real provider would on its own machines.
"""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class TestCardEntry(models.Model):
    """One charge or refund of the pretend bank; `key` is the idempotency key it was asked under."""

    __test__ = False  # a table, although its name begins like a test

    class Kind(models.TextChoices):
        """Which way money went."""

        CHARGE = "charge", _("charge")
        REFUND = "refund", _("refund")

    key = models.CharField(_("idempotency key"), max_length=120, unique=True)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    amount_minor = models.PositiveIntegerField(_("amount (minor units)"))
    currency = models.CharField(_("currency"), max_length=3)
    charge = models.ForeignKey("self", on_delete=models.PROTECT, null=True, verbose_name=_("of the charge"))
    accepted = models.BooleanField(_("accepted"))
    asked = models.PositiveSmallIntegerField(_("times asked"), default=0)
    made_at = models.DateTimeField(_("made at"), db_default=Now())

    class Meta:
        verbose_name = _("test card entry")
        verbose_name_plural = _("test card entries")

    def __str__(self) -> str:
        return f"{self.kind} {self.amount_minor} {self.currency}"
