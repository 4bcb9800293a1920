"""Store credit: what a shopper has with us, by e-mail address; an append-only account.

Source: commerce reference d.4, 5.16.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class StoreCredit(models.Model):
    """One person's account.  The balance is a cache of its entries and audited against them."""

    email = models.EmailField(_("e-mail address"), help_text=_("In small letters."))
    currency = models.CharField(_("currency"), max_length=3)
    balance_minor = models.PositiveIntegerField(_("balance (minor units)"), default=0)
    runs_out_on = models.DateField(_("something runs out after"), null=True)

    class Meta:
        verbose_name = _("store credit")
        verbose_name_plural = _("store credit")
        permissions = [("issue_credit", _("Can give store credit"))]
        constraints = [models.UniqueConstraint(fields=["email", "currency"], name="store_credit_once")]
        indexes = [
            models.Index(
                fields=["runs_out_on", "id"], condition=Q(runs_out_on__isnull=False), name="store_credit_runs_out"
            )
        ]

    def __str__(self) -> str:
        return f"{self.email}: {self.balance_minor} {self.currency}"


class CreditEntry(models.Model):
    """One line of an account.  Never changed, never deleted; `key` makes it happen once."""

    class Kind(models.TextChoices):
        """Why the balance changed."""

        ISSUE = "issue", _("given")
        SPEND = "spend", _("spent")
        RESTORE = "restore", _("given back")
        EXPIRE = "expire", _("expired")

    account = models.ForeignKey(StoreCredit, on_delete=models.PROTECT, related_name="entries")
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    amount_minor = models.IntegerField(_("amount (minor units)"), help_text=_("Below zero when it was spent."))
    key = models.CharField(_("idempotency key"), max_length=120, unique=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, null=True, related_name="credit_entries")
    expires_on = models.DateField(_("last day"), null=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    happened_at = models.DateTimeField(_("happened at"))
    recorded_at = models.DateTimeField(_("recorded at"), db_default=Now())

    class Meta:
        verbose_name = _("store credit entry")
        verbose_name_plural = _("store credit entries")
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["issue", "restore"], amount_minor__gt=0)
                | Q(kind__in=["spend", "expire"], amount_minor__lt=0),
                name="credit_entry_direction",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount_minor}"


class CreditCode(models.Model):
    """A code that opens an account at the checkout: random (80 bit), stored hashed, one for each letter."""

    account = models.ForeignKey(StoreCredit, on_delete=models.CASCADE, related_name="codes")
    code_hash = models.CharField(_("code (hashed)"), max_length=64, unique=True)
    issued_at = models.DateTimeField(_("issued at"))

    class Meta:
        verbose_name = _("store credit code")
        verbose_name_plural = _("store credit codes")

    def __str__(self) -> str:
        return f"code of account {self.account_id}"
