"""Returns: one case for what a shopper sends back, with a resolution per line.

Source: commerce reference d.6; A2 for the reasons.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class ReturnReason(models.Model):
    """Why something comes back.  Retired, never deleted; the group is what reports count."""

    class Group(models.TextChoices):
        """What we learn from it."""

        SIZE = "size", _("size")
        LOOK = "look", _("looks")
        QUALITY = "quality", _("quality")
        LATE = "late", _("late")
        MIND = "mind", _("changed mind")

    class Goods(models.TextChoices):
        """Which goods it is offered for."""

        ANY = "any", _("everything")
        WORN = "worn", _("what is worn")
        HOME = "home", _("things for the house")

    class Postage(models.TextChoices):
        """Who pays the way back."""

        SHOP = "shop", _("we pay")
        SHOPPER = "shopper", _("the shopper pays")

    code = models.SlugField(_("code"), unique=True)
    label = models.CharField(_("in the shopper's words"), max_length=120)
    group = models.CharField(_("group"), max_length=8, choices=Group.choices)
    goods = models.CharField(_("offered for"), max_length=4, choices=Goods.choices, default=Goods.ANY)
    postage = models.CharField(_("the way back"), max_length=7, choices=Postage.choices, default=Postage.SHOPPER)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    retired_at = models.DateTimeField(
        _("retired at"), null=True, blank=True, help_text=_("Shoppers are no longer offered it from then on.")
    )

    class Meta:
        verbose_name = _("return reason")
        verbose_name_plural = _("return reasons")

    def __str__(self) -> str:
        return self.label


class ReturnCase(models.Model):
    """One return.  Operations alone move its status (returns.rules.states)."""

    class Status(models.TextChoices):
        """How far it is."""

        REQUESTED = "requested", _("asked for")
        APPROVED = "approved", _("agreed")
        RECEIVED = "received", _("back with us")
        SETTLED = "settled", _("settled")
        DECLINED = "declined", _("declined")
        WITHDRAWN = "withdrawn", _("taken back")

    class Origin(models.TextChoices):
        """Who began it."""

        CUSTOMER = "customer", _("shopper")
        STAFF = "staff", _("staff")

    number = models.CharField(_("number"), max_length=20, unique=True)
    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="return_cases")
    origin = models.CharField(_("begun by"), max_length=8, choices=Origin.choices, default=Origin.CUSTOMER)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.REQUESTED)
    submission_key = models.UUIDField(_("submission"), unique=True)
    policy = models.JSONField(
        _("rules at the time"), default=dict, help_text=_("Window, its last day, who pays the way back.")
    )
    withdrawal = models.ForeignKey(
        "returns.Withdrawal", on_delete=models.PROTECT, null=True, related_name="cases", verbose_name=_("withdrawal")
    )
    requested_at = models.DateTimeField(_("asked for at"))
    decided_at = models.DateTimeField(_("decided at"), null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    decline_reason = models.CharField(_("why declined"), max_length=300, blank=True)
    received_at = models.DateTimeField(_("received at"), null=True)
    received_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    settled_at = models.DateTimeField(_("settled at"), null=True)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(_("taken back at"), null=True)
    due_on = models.DateField(
        _("our next word by"), null=True, help_text=_("What we told the shopper; empty while it is her turn.")
    )
    delivery_minor = models.PositiveIntegerField(_("delivery fee given back (minor units)"), default=0)
    wrap_minor = models.PositiveIntegerField(_("gift wrap given back (minor units)"), default=0, db_default=0)
    refund_minor = models.PositiveIntegerField(_("refund granted (minor units)"), default=0)

    class Meta:
        verbose_name = _("return")
        verbose_name_plural = _("returns")
        permissions = [
            ("decide_return", _("Can agree to, decline and settle returns")),
            ("receive_return", _("Can receive and inspect returned pieces")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["requested", "withdrawn"]) | Q(decided_at__isnull=False),
                name="case_decided_has_a_moment",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["received", "settled"]) | Q(received_at__isnull=False),
                name="case_received_has_a_moment",
            ),
            models.CheckConstraint(
                condition=Q(status="settled", settled_at__isnull=False)
                | (~Q(status="settled") & Q(settled_at__isnull=True, refund_minor=0)),
                name="case_settled_has_a_moment",
            ),
            models.CheckConstraint(
                condition=~Q(status="declined") | ~Q(decline_reason=""), name="case_declined_says_why"
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_on", "requested_at", "id"],
                condition=Q(status__in=["requested", "approved", "received"]),
                name="return_open",
            )
        ]

    def __str__(self) -> str:
        return self.number


class CaseLine(models.Model):
    """Some pieces of one order line: why, what is wanted, what was granted."""

    class Resolution(models.TextChoices):
        """What becomes of it for the shopper."""

        REFUND = "refund", _("money back")
        EXCHANGE = "exchange", _("exchange")

    case = models.ForeignKey(ReturnCase, on_delete=models.PROTECT, related_name="lines")
    order_line = models.ForeignKey("orders.OrderLine", on_delete=models.PROTECT, related_name="return_lines")
    quantity = models.PositiveSmallIntegerField(_("quantity"))
    reason = models.ForeignKey(ReturnReason, on_delete=models.PROTECT, related_name="+")
    detail = models.CharField(_("in her own words"), max_length=500, blank=True)
    wanted = models.CharField(_("wanted"), max_length=8, choices=Resolution.choices)
    granted = models.CharField(_("granted"), max_length=8, choices=Resolution.choices, blank=True)
    exchange_variant = models.ForeignKey("shop.Variant", on_delete=models.PROTECT, null=True, related_name="+")
    exchange_line = models.OneToOneField("orders.OrderLine", on_delete=models.PROTECT, null=True, related_name="+")
    amount_minor = models.PositiveIntegerField(_("refund (minor units)"), default=0)

    class Meta:
        verbose_name = _("return line")
        verbose_name_plural = _("return lines")
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gte=1), name="case_line_has_pieces"),
            models.UniqueConstraint(fields=["case", "order_line"], name="case_line_once"),
            models.CheckConstraint(
                condition=~Q(granted="exchange") | Q(exchange_line__isnull=False),
                name="exchange_granted_is_planned",
            ),
            models.CheckConstraint(
                condition=~Q(wanted="exchange") | Q(exchange_variant__isnull=False), name="exchange_names_a_variant"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.order_line.sku}"


class Inspection(models.Model):
    """What came back, how many and where it goes.  Once per case line: stock moves once."""

    class Condition(models.TextChoices):
        """In which state it came."""

        LIKE_NEW = "like_new", _("like new")
        USED = "used", _("used")
        DAMAGED = "damaged", _("damaged")
        MISSING = "missing", _("did not come")

    class Disposition(models.TextChoices):
        """Where it goes."""

        RESTOCK = "restock", _("back on the shelf")
        QUARANTINE = "quarantine", _("set aside")
        WRITE_OFF = "write_off", _("written off")
        NOWHERE = "nowhere", _("nothing to put away")

    case_line = models.OneToOneField(CaseLine, on_delete=models.PROTECT, related_name="inspection")
    quantity = models.PositiveSmallIntegerField(_("pieces that came"))
    condition = models.CharField(_("condition"), max_length=10, choices=Condition.choices)
    disposition = models.CharField(_("goes"), max_length=10, choices=Disposition.choices)
    note = models.CharField(_("note"), max_length=300, blank=True)
    inspected_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    inspected_at = models.DateTimeField(_("inspected at"))

    class Meta:
        verbose_name = _("inspection")
        verbose_name_plural = _("inspections")
        constraints = [
            models.CheckConstraint(
                condition=Q(quantity=0, condition="missing", disposition="nowhere")
                | (Q(quantity__gte=1) & ~Q(condition="missing") & ~Q(disposition="nowhere")),
                name="inspection_of_what_came",
            )
        ]

    def __str__(self) -> str:
        return f"{self.condition}: {self.disposition}"


class Withdrawal(models.Model):
    """A statement that somebody withdraws from her contract: a right, so it is received and never declined.

    `order` is set when number and address, or the secret link, say which it is; a statement we cannot place is kept
    and acknowledged all the same.  `units` are the pieces it takes back, [order line, how many], kept only where the
    secret link or the account said who states it: what anybody can type moves nothing by itself.
    Source: Directive 2011/83/EU art. 9 to 11a.
    """

    class Outcome(models.TextChoices):
        """What became of it by itself."""

        CANCELLED = "cancelled", _("the order was cancelled")
        RETURN = "return", _("a return is open for all of it")
        PARTLY = "partly", _("a return is open for what had arrived")

    submission_key = models.UUIDField(_("submission"), unique=True)
    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, null=True, related_name="withdrawals")
    order_number = models.CharField(_("order number, as given"), max_length=40)
    name = models.CharField(_("name"), max_length=120)
    email = models.EmailField(_("address for the receipt"))
    pieces = models.TextField(_("pieces"), blank=True, help_text=_("Empty: the whole order."))
    locale = models.CharField(_("language"), max_length=10)
    declared_at = models.DateTimeField(_("received at"))
    due_on = models.DateField(_("money back by"))
    units = models.JSONField(_("pieces by line"), default=list, db_default=[])
    outcome = models.CharField(
        _("what happened by itself"), max_length=9, choices=Outcome.choices, blank=True, db_default="",
        help_text=_("Empty: a person looks at it."),
    )  # fmt: skip
    settled_at = models.DateTimeField(_("dealt with at"), null=True)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("withdrawal from a contract")
        verbose_name_plural = _("withdrawals from contracts")
        constraints = [
            models.CheckConstraint(condition=~Q(order_number=""), name="withdrawal_names_an_order"),
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True) | Q(settled_at__gte=models.F("declared_at")),
                name="withdrawal_settled_after_it_came",
            ),
        ]
        indexes = [
            models.Index(fields=["due_on", "id"], condition=Q(settled_at__isnull=True), name="withdrawal_open"),
            models.Index(fields=["order"], condition=Q(settled_at__isnull=True), name="withdrawal_of_order"),
        ]

    def __str__(self) -> str:
        return self.order_number
