"""Money of an order: an append-only ledger, balances derived from it, refunds decided apart from their execution.

Source: commerce reference d.4, reliability reference D8.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from shop.rules.money import Money
from shop.rules.wording import money


class Payment(models.Model):
    """How one order is paid.  The balances are a cache of its events and audited against them."""

    class Provider(models.TextChoices):
        """By which means."""

        TEST_CARD = "test_card", _("test card")
        BANK_TRANSFER = "bank_transfer", _("bank transfer")
        CASH_ON_DELIVERY = "cash_on_delivery", _("cash on delivery")

    order = models.OneToOneField("orders.Order", on_delete=models.PROTECT, related_name="payment")
    provider = models.CharField(_("paid by"), max_length=20, choices=Provider.choices)
    currency = models.CharField(_("currency"), max_length=3)
    due_minor = models.PositiveIntegerField(_("due (minor units)"))
    captured_minor = models.PositiveIntegerField(_("received (minor units)"), default=0)
    granted_minor = models.PositiveIntegerField(_("refunds granted (minor units)"), default=0)
    refunded_minor = models.PositiveIntegerField(_("refunded (minor units)"), default=0)

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        permissions = [("note_payment", _("Can note that money has come in"))]
        constraints = [
            models.CheckConstraint(condition=Q(granted_minor__lte=F("captured_minor")), name="granted_within_captured"),
            models.CheckConstraint(condition=Q(refunded_minor__lte=F("granted_minor")), name="refunded_within_granted"),
        ]

    def __str__(self) -> str:
        return f"{self.get_provider_display()} {money(Money(self.due_minor, self.currency), 'en')}"


class PaymentEvent(models.Model):
    """One line of the ledger.  Never changed, never deleted; `key` makes it happen once."""

    class Kind(models.TextChoices):
        """Which way money went."""

        CAPTURE = "capture", _("received")
        REFUND = "refund", _("refunded")

    class Phase(models.TextChoices):
        """Asked for, done, or refused."""

        REQUESTED = "requested", _("requested")
        SUCCEEDED = "succeeded", _("succeeded")
        FAILED = "failed", _("failed")

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    phase = models.CharField(_("phase"), max_length=10, choices=Phase.choices)
    amount_minor = models.PositiveIntegerField(_("amount (minor units)"))
    provider_ref = models.CharField(_("provider's reference"), max_length=100, blank=True)
    key = models.CharField(_("idempotency key"), max_length=120)
    note = models.CharField(_("note"), max_length=200, blank=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    happened_at = models.DateTimeField(_("happened at"))
    recorded_at = models.DateTimeField(_("recorded at"), db_default=Now())

    class Meta:
        verbose_name = _("payment event")
        verbose_name_plural = _("payment events")
        constraints = [
            models.UniqueConstraint(fields=["payment", "kind", "phase", "key"], name="payment_event_once"),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="payment_event_amount"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.get_phase_display()}"


class RefundGrant(models.Model):
    """The decision to give money back.  A worker carries it out; the shopper sees both."""

    class State(models.TextChoices):
        """Where the money is."""

        GRANTED = "granted", _("granted")
        BY_HAND = "by_hand", _("to be paid out by hand")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="grants")
    amount_minor = models.PositiveIntegerField(_("amount (minor units)"))
    reason = models.CharField(_("reason"), max_length=200)
    origin = models.CharField(_("decided for"), max_length=80, unique=True, help_text=_("Such as returns.case:12."))
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.GRANTED)
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    granted_at = models.DateTimeField(_("granted at"))
    due_at = models.DateTimeField(_("due at"), db_default=Now())
    lease_until = models.DateTimeField(_("leased until"), null=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    error = models.CharField(_("last problem"), max_length=300, blank=True)
    sent_at = models.DateTimeField(_("sent at"), null=True)

    class Meta:
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        permissions = [
            ("grant_refund", _("Can decide that money goes back")),
            ("settle_refund", _("Can note that a refund was paid out by hand")),
        ]
        constraints = [models.CheckConstraint(condition=Q(amount_minor__gt=0), name="refund_amount")]
        indexes = [models.Index(fields=["due_at", "id"], condition=Q(state="granted"), name="refund_due")]

    def __str__(self) -> str:
        return f"{self.reason} ({self.get_state_display()})"
