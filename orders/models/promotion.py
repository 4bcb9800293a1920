"""Promotions: what is taken off, under which conditions, how often; vouchers that open one; redemptions that used one.

Codes are stored hashed: whoever reads the database, a backup or a log can spend none.  A code is shown once, when it is
made.  Source: commerce reference 2.12; reliability reference T06.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Promotion(models.Model):
    """One promotion.  Counters are a cache of its living redemptions, kept while it has a limit, and audited."""

    class Trigger(models.TextChoices):
        """What opens it."""

        AUTOMATIC = "automatic", _("for everybody")
        VOUCHER = "voucher", _("with a voucher")

    class Kind(models.TextChoices):
        """What it gives."""

        PERCENT = "percent", _("per cent off the goods")
        AMOUNT = "amount", _("an amount off the goods")
        FREE_DELIVERY = "free_delivery", _("free delivery")
        GIFT = "gift", _("a free gift")

    name = models.CharField(_("name"), max_length=80, help_text=_("The shopper reads it, such as: Spring thanks."))
    trigger = models.CharField(_("given"), max_length=10, choices=Trigger.choices, default=Trigger.VOUCHER)
    kind = models.CharField(_("what it gives"), max_length=14, choices=Kind.choices)
    percent_bp = models.PositiveIntegerField(
        _("per cent (basis points)"), null=True, blank=True, help_text=_("1000 is 10 %.")
    )
    amount_minor = models.PositiveIntegerField(_("amount (minor units)"), null=True, blank=True)
    gift = models.ForeignKey(
        "shop.Variant", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("gift")
    )
    minimum_minor = models.PositiveIntegerField(
        _("from goods worth (minor units)"), default=0, help_text=_("Counted before anything is taken off.")
    )
    combines = models.BooleanField(
        _("goes together with others"),
        default=False,
        help_text=_("With others that do, too. One that does not is used alone, when it gives the shopper more."),
    )
    starts_at = models.DateTimeField(_("begins"), null=True, blank=True)
    ends_at = models.DateTimeField(_("ends"), null=True, blank=True)
    uses_limit = models.PositiveIntegerField(_("at most (orders)"), null=True, blank=True)
    uses_per_customer = models.PositiveSmallIntegerField(
        _("at most for one e-mail address (orders)"), null=True, blank=True
    )
    budget_minor = models.PositiveIntegerField(_("budget (minor units)"), null=True, blank=True)
    uses = models.PositiveIntegerField(_("used (orders)"), default=0, editable=False)
    spent_minor = models.PositiveIntegerField(_("given (minor units)"), default=0, editable=False)
    active = models.BooleanField(_("offered"), default=True)

    class Meta:
        verbose_name = _("promotion")
        verbose_name_plural = _("promotions")
        permissions = [("create_vouchers", "Can create and void vouchers")]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="percent", percent_bp__gte=1, percent_bp__lte=10_000)
                | Q(kind="amount", amount_minor__gte=1)
                | Q(kind="free_delivery")
                | Q(kind="gift", gift__isnull=False),
                name="promotion_gives_what_it_says",
            ),
            models.CheckConstraint(
                condition=Q(uses_limit__isnull=True) | Q(uses__lte=F("uses_limit")), name="promotion_uses_within_limit"
            ),
            models.CheckConstraint(
                condition=Q(budget_minor__isnull=True) | Q(spent_minor__lte=F("budget_minor")),
                name="promotion_spent_within_budget",
            ),
        ]
        indexes = [
            models.Index(fields=["id"], condition=Q(trigger="automatic", active=True), name="promotion_automatic")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def limited(self) -> bool:
        """Tell whether its counters are kept."""
        return self.uses_limit is not None or self.budget_minor is not None


OFF_GOODS = (Promotion.Kind.PERCENT, Promotion.Kind.AMOUNT)  # what makes the goods themselves cheaper


class Voucher(models.Model):
    """One code.  `hint` is its last four signs, enough to find it on the phone and not enough to spend it."""

    promotion = models.ForeignKey(Promotion, on_delete=models.PROTECT, related_name="vouchers")
    code_hash = models.CharField(_("code (hashed)"), max_length=64, unique=True)
    hint = models.CharField(_("ends with"), max_length=4, db_index=True)
    batch = models.CharField(_("batch"), max_length=80, blank=True, db_index=True)
    max_uses = models.PositiveIntegerField(_("at most (orders)"), default=1)
    uses = models.PositiveIntegerField(_("used (orders)"), default=0)
    made_at = models.DateTimeField(_("made at"))
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    void_at = models.DateTimeField(_("void since"), null=True)

    class Meta:
        verbose_name = _("voucher")
        verbose_name_plural = _("vouchers")
        constraints = [
            models.CheckConstraint(condition=Q(uses__lte=F("max_uses")), name="voucher_uses_within_limit"),
        ]

    def __str__(self) -> str:
        return f"…{self.hint}"


class CartVoucher(models.Model):
    """A voucher that lies in a bag."""

    cart = models.ForeignKey("orders.Cart", on_delete=models.CASCADE, related_name="cart_vouchers")
    voucher = models.ForeignKey(Voucher, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField(_("added at"))

    class Meta:
        verbose_name = _("voucher in a bag")
        verbose_name_plural = _("vouchers in bags")
        constraints = [models.UniqueConstraint(fields=["cart", "voucher"], name="cart_voucher_once")]

    def __str__(self) -> str:
        return f"voucher {self.voucher_id} in bag {self.cart_id}"


class Redemption(models.Model):
    """A promotion that an order used, on the terms of that day; given back when the order is declined or cancelled.

    A change of the order changes what it saves, by `orders.rules.given`; it is given back when it falls away.
    """

    promotion = models.ForeignKey(Promotion, on_delete=models.PROTECT, related_name="redemptions")
    voucher = models.ForeignKey(Voucher, on_delete=models.PROTECT, null=True, related_name="redemptions")
    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="redemptions")
    name = models.CharField(_("name"), max_length=80)
    saved_minor = models.PositiveIntegerField(_("saved (minor units)"))
    kind = models.CharField(_("what it gives"), max_length=14, choices=Promotion.Kind.choices, db_default="")
    percent_bp = models.PositiveIntegerField(_("per cent (basis points)"), null=True)
    amount_minor = models.PositiveIntegerField(_("amount (minor units)"), null=True)
    minimum_minor = models.PositiveIntegerField(_("from goods worth (minor units)"), default=0, db_default=0)
    gift = models.ForeignKey("shop.Variant", on_delete=models.PROTECT, null=True, related_name="+")
    customer_key = models.CharField(_("e-mail address (hashed)"), max_length=64)
    turn = models.PositiveSmallIntegerField(
        _("turn"), null=True, help_text=_("Which of the uses one e-mail address has; empty: as often as she likes.")
    )
    made_at = models.DateTimeField(_("used at"))
    released_at = models.DateTimeField(_("given back at"), null=True)

    class Meta:
        verbose_name = _("redemption")
        verbose_name_plural = _("redemptions")
        constraints = [
            models.UniqueConstraint(fields=["order", "promotion"], name="redemption_once_an_order"),
            models.UniqueConstraint(
                fields=["promotion", "customer_key", "turn"],
                condition=Q(released_at__isnull=True, turn__isnull=False),
                name="redemption_turn_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.saved_minor}"
