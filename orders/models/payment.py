"""Money of an order: an append-only ledger, balances derived from it, refunds decided apart from their execution.

Source: commerce reference d.4, reliability reference D8.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from orders.rules.payment import Settled, settled
from shop.rules.money import Money
from shop.rules.wording import money


class Payment(models.Model):
    """How one order is paid.  The balances are a cache of its events and audited against them."""

    class Provider(models.TextChoices):
        """By which means."""

        TEST_CARD = "test_card", _("test card")
        STRIPE = "stripe", _("card")
        BANK_TRANSFER = "bank_transfer", _("bank transfer")
        CASH_ON_DELIVERY = "cash_on_delivery", _("cash on delivery")
        STORE_CREDIT = "store_credit", _("store credit")

    order = models.OneToOneField("orders.Order", on_delete=models.PROTECT, related_name="payment")
    provider = models.CharField(_("paid by"), max_length=20, choices=Provider.choices)
    currency = models.CharField(_("currency"), max_length=3)
    due_minor = models.PositiveIntegerField(_("due (minor units)"))
    captured_minor = models.PositiveIntegerField(_("received (minor units)"), default=0)
    granted_minor = models.PositiveIntegerField(_("refunds granted (minor units)"), default=0)
    refunded_minor = models.PositiveIntegerField(_("refunded (minor units)"), default=0)
    beyond_minor = models.PositiveIntegerField(
        _("of it beyond the price (minor units)"),
        default=0,
        db_default=0,
        help_text=_("Refunds granted of money nobody owed: it does not count as received."),
    )
    charged_back_minor = models.PositiveIntegerField(_("taken back by the bank (minor units)"), default=0)
    credit_minor = models.PositiveIntegerField(_("paid with store credit (minor units)"), default=0)
    session_ref = models.CharField(_("payment page's reference"), max_length=100, blank=True)
    session_url = models.CharField(_("payment page"), max_length=2000, blank=True)
    session_expires_at = models.DateTimeField(_("payment page open until"), null=True)
    expires_at = models.DateTimeField(_("to be paid by"), null=True, help_text=_("The order is let go after that."))
    reminded_at = models.DateTimeField(_("reminded at"), null=True)

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        permissions = [("note_payment", _("Can note that money has come in"))]
        indexes = [
            models.Index(fields=["expires_at", "id"], condition=Q(expires_at__isnull=False), name="payment_expiry")
        ]
        constraints = [
            models.CheckConstraint(condition=Q(granted_minor__lte=F("captured_minor")), name="granted_within_captured"),
            models.CheckConstraint(condition=Q(refunded_minor__lte=F("granted_minor")), name="refunded_within_granted"),
            models.CheckConstraint(condition=Q(beyond_minor__lte=F("granted_minor")), name="beyond_within_granted"),
            models.CheckConstraint(
                condition=Q(charged_back_minor__lte=F("captured_minor")), name="charged_back_within_captured"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_provider_display()} {money(Money(self.due_minor, self.currency), 'en')}"

    @property
    def outside_minor(self) -> int:
        """Return what is paid by other means than store credit."""
        return max(self.due_minor - self.credit_minor, 0)

    @property
    def kept_minor(self) -> int:
        """Return what came in for the order: without what was too much and goes back."""
        return self.captured_minor - self.beyond_minor

    @property
    def settled(self) -> Settled:
        """Return what of the order is paid with store credit, what otherwise, and what is left to pay."""
        return settled(total_minor=self.due_minor, credit_minor=self.credit_minor, received_minor=self.kept_minor)

    @property
    def open_minor(self) -> int:
        """Return what is still to be paid."""
        return max(self.due_minor - self.kept_minor, 0)


class PaymentEvent(models.Model):
    """One line of the ledger.  Never changed, never deleted; `key` makes it happen once."""

    class Kind(models.TextChoices):
        """Which way money went."""

        CAPTURE = "capture", _("received")
        REFUND = "refund", _("refunded")
        BOUNCED = "bounced", _("refund came back")
        CHARGEBACK = "chargeback", _("taken back by the bank")
        REVERSAL = "reversal", _("given back by the bank")

    class Means(models.TextChoices):
        """Through which pocket."""

        PROVIDER = "provider", _("the way the order is paid")
        STORE_CREDIT = "store_credit", _("store credit")

    class Phase(models.TextChoices):
        """Asked for, done, or refused."""

        REQUESTED = "requested", _("requested")
        SUCCEEDED = "succeeded", _("succeeded")
        FAILED = "failed", _("failed")

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    means = models.CharField(_("through"), max_length=12, choices=Means.choices, default=Means.PROVIDER)
    phase = models.CharField(_("phase"), max_length=10, choices=Phase.choices)
    amount_minor = models.PositiveIntegerField(_("amount (minor units)"))
    of = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        related_name="sent_back",
        verbose_name=_("of the sum received"),
        help_text=_("What came in and goes back here; empty when a person sent it another way."),
    )
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

        ASKED = "asked", _("waits for a second person")
        REFUSED = "refused", _("not approved")
        GRANTED = "granted", _("granted")
        BY_HAND = "by_hand", _("to be paid out by hand")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")
        DISPUTED = "disputed", _("with her already: her bank took it back")

    class Destination(models.TextChoices):
        """Where it goes."""

        ORIGINAL = "original", _("back the way it was paid")
        STORE_CREDIT = "store_credit", _("store credit")
        BANK = "bank", _("bank account, by hand")

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="grants")
    amount_minor = models.PositiveIntegerField(_("amount (minor units)"))
    reason = models.CharField(_("reason"), max_length=200)
    origin = models.CharField(_("decided for"), max_length=80, unique=True, help_text=_("Such as returns.case:12."))
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.GRANTED)
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    granted_at = models.DateTimeField(_("granted at"))
    destination = models.CharField(
        _("goes to"), max_length=12, choices=Destination.choices, default=Destination.ORIGINAL
    )
    credit_minor = models.PositiveIntegerField(_("of it store credit (minor units)"), default=0)
    needs_second = models.BooleanField(_("needs a second person"), default=False)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    decided_at = models.DateTimeField(_("approved or refused at"), null=True)
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
            ("approve_refund", _("Can approve refunds above the limit, as the second person")),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="refund_amount"),
            models.CheckConstraint(condition=Q(credit_minor__lte=F("amount_minor")), name="refund_credit_inside"),
            models.CheckConstraint(
                condition=Q(needs_second=False) | Q(state="asked") | Q(decided_at__isnull=False),
                name="refund_decided_by_two",
            ),
            models.CheckConstraint(
                condition=~Q(decided_by=F("granted_by")) | Q(state="refused"), name="refund_decided_by_another"
            ),
        ]
        indexes = [models.Index(fields=["due_at", "id"], condition=Q(state="granted"), name="refund_due")]

    def __str__(self) -> str:
        return f"{self.reason} ({self.get_state_display()})"


class RefundItem(models.Model):
    """What of a refund is for what: a piece of a line, delivery at one tax rate, or too much that was paid.

    `line` None: delivery, or (number 0) money beyond the order's price, which holds no tax.
    """

    grant = models.ForeignKey(RefundGrant, on_delete=models.CASCADE, related_name="items")
    line = models.ForeignKey("orders.OrderLine", on_delete=models.PROTECT, null=True, related_name="refunds")
    number = models.PositiveSmallIntegerField(_("piece"))
    whole = models.BooleanField(_("the whole piece"), default=False)
    amount_minor = models.PositiveIntegerField(_("amount (minor units)"))
    tax_minor = models.PositiveIntegerField(_("tax in it (minor units)"))
    tax_rate_bp = models.PositiveIntegerField(_("tax rate (basis points)"))

    class Meta:
        verbose_name = _("part of a refund")
        verbose_name_plural = _("parts of a refund")
        constraints = [
            models.UniqueConstraint(fields=["line", "number"], condition=Q(whole=True), name="piece_refunded_once"),
            models.CheckConstraint(condition=Q(tax_minor__lte=F("amount_minor")), name="refund_tax_inside"),
        ]

    def __str__(self) -> str:
        return f"{self.amount_minor} for {self.line_id or 'delivery'}"
