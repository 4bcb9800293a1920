"""The order: what was bought, by whom, for where, at which price, frozen at placement.

Source: commerce reference d.3, architecture 4.
"""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower, Upper
from django.utils.translation import gettext_lazy as _

from orders.models.cart import Sending
from orders.models.search_text import search_text
from orders.rules.bag import Ready
from orders.rules.hours import Window


class Order(models.Model):
    """One order.  Status columns are written by operations alone; three questions, three columns."""

    class Status(models.TextChoices):
        """Is it an order?"""

        PLACING = "placing", _("being placed")
        PLACED = "placed", _("placed")
        DECLINED = "declined", _("payment declined")
        CANCELLED = "cancelled", _("cancelled")

    class Paid(models.TextChoices):
        """Has it been paid?"""

        PENDING = "pending", _("waiting for payment")
        ON_DELIVERY = "on_delivery", _("paid at the door")
        PAID = "paid", _("paid")
        PART_REFUNDED = "part_refunded", _("partly refunded")
        REFUNDED = "refunded", _("refunded")
        CHARGED_BACK = "charged_back", _("taken back by the bank")

    class Fulfilment(models.TextChoices):
        """Where is it?"""

        OPEN = "open", _("to be packed")
        PACKED = "packed", _("packed")
        HANDED_OVER = "handed_over", _("on its way")
        DELIVERED = "delivered", _("delivered")

    class Service(models.TextChoices):
        """Do we keep our word?"""

        OK = "ok", _("as promised")
        AT_RISK = "at_risk", _("at risk")
        LATE = "late", _("later than promised")

    number = models.CharField(_("number"), max_length=20, unique=True)
    cart = models.OneToOneField("orders.Cart", on_delete=models.SET_NULL, null=True, related_name="order")
    customer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="orders")
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.PLACING)
    payment_status = models.CharField(_("payment"), max_length=14, choices=Paid.choices, default=Paid.PENDING)
    fulfilment_status = models.CharField(
        _("fulfilment"), max_length=12, choices=Fulfilment.choices, default=Fulfilment.OPEN
    )
    service_status = models.CharField(_("promise"), max_length=8, choices=Service.choices, default=Service.OK)

    email = models.EmailField(_("e-mail address"))
    full_name = models.CharField(_("name"), max_length=120)
    street = models.CharField(_("street and number"), max_length=200)
    extra = models.CharField(_("more about the address"), max_length=200, blank=True)
    postcode = models.CharField(_("postcode"), max_length=16, blank=True)
    city = models.CharField(_("town"), max_length=100)
    region = models.CharField(_("region"), max_length=80, blank=True, default="", db_default="")
    country = models.CharField(_("country"), max_length=2)
    phone = models.CharField(_("phone, for the courier"), max_length=32, blank=True)
    home_weekdays = models.JSONField(_("somebody is at home on"), default=list, help_text=_("0 is Monday; empty: any."))
    home_part_of_day = models.CharField(_("part of the day"), max_length=10, default="any")
    window_from = models.TimeField(_("brought from"), null=True, help_text=_("By the clock of the destination."))
    window_to = models.TimeField(_("brought before"), null=True)
    window_minor = models.PositiveIntegerField(
        _("for these hours (minor units)"), default=0, db_default=0, help_text=_("A part of the delivery fee.")
    )
    courier_note = models.CharField(_("note to the courier"), max_length=300, blank=True)

    service = models.ForeignKey("orders.ServiceLevel", on_delete=models.PROTECT, related_name="+")
    pickup = models.BooleanField(_("collected by herself"), default=False, db_default=False)
    currency = models.CharField(_("currency"), max_length=3)
    goods_minor = models.PositiveIntegerField(_("goods (minor units)"))
    delivery_minor = models.PositiveIntegerField(_("delivery (minor units)"))
    tax_minor = models.PositiveIntegerField(_("tax included (minor units)"))
    delivery_shares = models.JSONField(
        _("delivery by tax rate"), default=list, help_text=_("Rate in basis points, fee and tax in minor units.")
    )
    total_minor = models.PositiveIntegerField(_("total (minor units)"))

    sending = models.CharField(
        _("send"), max_length=8, choices=Sending.choices, default=Sending.TOGETHER, db_default=Sending.TOGETHER
    )
    gift_wrap = models.BooleanField(_("gift wrap"), default=False, db_default=False)
    gift_message = models.CharField(_("message on the card"), max_length=300, blank=True, db_default="")
    hide_prices = models.BooleanField(_("no prices in the parcel"), default=False, db_default=False)

    locale = models.CharField(_("language"), max_length=10, default="en")
    news_wording = models.CharField(
        _("asked for news in these words"), max_length=20, blank=True, db_default="",
        help_text=_("The code of the words beside the box she ticked; empty: she did not."),
    )  # fmt: skip
    placed_at = models.DateTimeField(_("placed at"), db_index=True)
    delivered_at = models.DateTimeField(_("delivered at"), null=True)
    cancelled_at = models.DateTimeField(_("cancelled at"), null=True)
    guaranteed = models.BooleanField(
        _("date guaranteed"), default=False, help_text=_("As the service said when it was ordered.")
    )
    next_due_at = models.DateTimeField(_("next deadline"), null=True)
    next_due_kind = models.CharField(_("what is due"), max_length=10, blank=True)
    watch_at = models.DateTimeField(_("to be looked at again"), null=True)
    search_text = search_text()

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        permissions = [("cancel_order", _("Can cancel orders for a shopper"))]
        constraints = [
            models.CheckConstraint(
                condition=Q(total_minor=F("goods_minor") + F("delivery_minor")), name="order_total_adds_up"
            ),
            models.CheckConstraint(condition=Q(tax_minor__lte=F("total_minor")), name="order_tax_inside_total"),
            models.CheckConstraint(
                condition=Q(window_from=None, window_to=None)
                | Q(window_from__isnull=False, window_to__isnull=False, window_from__lt=F("window_to")),
                name="order_window_is_one",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_due_at", "id"],
                condition=Q(status="placed", next_due_at__isnull=False),
                name="order_desk",
            ),
            models.Index(
                fields=["watch_at", "id"],
                condition=Q(status="placed", watch_at__isnull=False),
                name="order_watch",
            ),
            models.Index(
                fields=["id"], condition=Q(status="placed", delivered_at__isnull=True), name="order_not_arrived"
            ),
            models.Index(fields=["email", "id"], name="order_of_email"),
            models.Index(Lower("email"), condition=Q(customer__isnull=True), name="order_of_nobody"),
            models.Index(Lower("email"), "id", condition=Q(status="placed"), name="order_of_address"),
            models.Index(fields=["customer", "-placed_at", "-id"], name="order_of_account"),
            GinIndex(OpClass(F("search_text"), name="gin_trgm_ops"), name="order_search"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def window(self) -> Window | None:
        """Return the hours between which it is brought, as they were chosen; mostly none."""
        if self.window_from is None or self.window_to is None:
            return None
        return Window(self.window_from, self.window_to, self.window_minor)


class OrderLine(models.Model):
    """A snapshot of what was shown when it was bought; counters say what became of the pieces."""

    class Kind(models.TextChoices):
        """Bought, or sent in exchange."""

        SALE = "sale", _("bought")
        EXCHANGE = "exchange", _("sent in exchange")
        INSTEAD = "instead", _("sent instead of a missing piece")
        FREE = "free", _("free gift")

    # Kinds the order's promise is about; an exchange has a day of its own.
    PROMISED = (Kind.SALE, Kind.INSTEAD, Kind.FREE)

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="lines")
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices, default=Kind.SALE)
    exchange_of = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="exchanges")
    variant = models.ForeignKey("shop.Variant", on_delete=models.PROTECT, related_name="+")
    sku = models.CharField(_("article number"), max_length=40)
    title = models.CharField(_("title"), max_length=120)
    options_label = models.CharField(_("options"), max_length=120, blank=True)
    image_path = models.CharField(_("picture"), max_length=200, blank=True)
    measurements = models.JSONField(_("measurements shown"), default=dict)
    making_days = models.PositiveSmallIntegerField(_("making time (working days)"), default=0)
    goods_on = models.DateField(
        _("goods expected on"), null=True, help_text=_("When it was sold before the goods came in; else empty.")
    )
    unit_minor = models.PositiveIntegerField(_("price each (minor units)"))
    was_minor = models.PositiveIntegerField(
        _("former price each (minor units)"),
        null=True,
        help_text=_("Of an announced reduction, as it was shown when it was bought."),
    )
    quantity = models.PositiveSmallIntegerField(_("quantity"))
    gross_minor = models.PositiveIntegerField(_("together (minor units)"))
    discount_minor = models.PositiveIntegerField(_("taken off (minor units)"), default=0)
    tax_rate_bp = models.PositiveIntegerField(_("tax rate (basis points)"))
    tax_minor = models.PositiveIntegerField(_("tax included (minor units)"))
    units_paid_minor = ArrayField(
        models.PositiveIntegerField(), verbose_name=_("paid for each piece (minor units)"), default=list
    )
    units_tax_minor = ArrayField(
        models.PositiveIntegerField(), verbose_name=_("tax in each piece (minor units)"), default=list
    )
    qty_cancelled = models.PositiveSmallIntegerField(default=0)
    qty_missing = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text=_("Pieces nobody speaks for: they were not there, and she has not chosen.")
    )
    qty_replaced = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text=_("Pieces for which another line is sent instead.")
    )
    qty_handed_over = models.PositiveSmallIntegerField(default=0)
    qty_delivered = models.PositiveSmallIntegerField(default=0)
    qty_returned = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("order line")
        verbose_name_plural = _("order lines")
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gte=1), name="line_has_pieces"),
            models.CheckConstraint(condition=Q(gross_minor=F("unit_minor") * F("quantity")), name="line_adds_up"),
            models.CheckConstraint(condition=Q(discount_minor__lte=F("gross_minor")), name="line_discount_inside"),
            models.CheckConstraint(
                condition=Q(was_minor=None) | Q(was_minor__gt=F("unit_minor")), name="line_was_higher"
            ),
            models.CheckConstraint(
                condition=Q(
                    qty_handed_over__lte=F("quantity") - F("qty_cancelled") - F("qty_missing") - F("qty_replaced")
                ),
                name="line_handed_over",
            ),
            models.CheckConstraint(condition=Q(qty_delivered__lte=F("qty_handed_over")), name="line_delivered"),
            models.CheckConstraint(condition=Q(qty_returned__lte=F("qty_delivered")), name="line_returned"),
        ]
        indexes = [models.Index(Upper("sku"), F("order").desc(), name="line_of_sku")]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.sku}"

    @property
    def paid_minor(self) -> int:
        """Return what is paid for the line."""
        return self.gross_minor - self.discount_minor

    @property
    def ready(self) -> Ready:
        """Return what has to happen before it can be packed, as it was agreed."""
        return Ready(self.making_days, self.goods_on)

    @property
    def spoken_for(self) -> int:
        """Return how many pieces this line keeps on a shelf: not sent, not cancelled, not missing."""
        return self.quantity - self.qty_cancelled - self.qty_missing - self.qty_replaced - self.qty_handed_over


class OrderAccess(models.Model):
    """A secret link to one order: random, stored hashed, for one purpose, with an end."""

    class Purpose(models.TextChoices):
        """What the link opens."""

        TRACK = "track", _("follow the order")

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="links")
    purpose = models.CharField(_("purpose"), max_length=8, choices=Purpose.choices)
    token_hash = models.CharField(_("token (hashed)"), max_length=64, unique=True)
    issued_at = models.DateTimeField(_("issued at"))
    expires_at = models.DateTimeField(_("expires at"))
    revoked_at = models.DateTimeField(_("revoked at"), null=True)

    class Meta:
        verbose_name = _("secret link")
        verbose_name_plural = _("secret links")

    def __str__(self) -> str:
        return f"{self.purpose} of order {self.order_id}"


class Submission(models.Model):
    """One press of the order button.  Claimed first; however often it is sent, it leads to one order.

    Source: reliability reference D7.
    """

    class State(models.TextChoices):
        """How far it came."""

        CLAIMED = "claimed", _("claimed")
        DONE = "done", _("done")
        REFUSED = "refused", _("refused")

    key = models.UUIDField(_("key"), unique=True)
    fingerprint = models.CharField(_("what was sent (hashed)"), max_length=64)
    order = models.OneToOneField(Order, on_delete=models.CASCADE, null=True, related_name="submission")
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.CLAIMED)
    payment_token = models.CharField(_("how to charge"), max_length=64, blank=True)
    claimed_at = models.DateTimeField(_("claimed at"))
    lease_until = models.DateTimeField(_("leased until"))
    done_at = models.DateTimeField(_("done at"), null=True)

    class Meta:
        verbose_name = _("submission")
        verbose_name_plural = _("submissions")
        indexes = [models.Index(fields=["lease_until", "id"], condition=Q(state="claimed"), name="submission_open")]

    def __str__(self) -> str:
        return str(self.key)
