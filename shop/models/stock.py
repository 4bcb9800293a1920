"""Stock: what lies on the shelf, what is spoken for, and every movement that made it so.

`on_hand` falls when goods leave at hand-over, not at placement; placement raises `allocated`.  Only
shop.operations.stock writes levels, movements and reservations, a level always with a movement.
Source: commerce reference d.2.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from shop.models.catalogue import Variant


class StockLocation(models.Model):
    """A place that holds stock."""

    code = models.SlugField(_("code"), unique=True)
    name = models.CharField(_("name"), max_length=80)
    position = models.PositiveSmallIntegerField(
        _("position"), default=0, help_text=_("Orders are served from the first location that has everything.")
    )

    class Meta:
        verbose_name = _("stock location")
        verbose_name_plural = _("stock locations")

    def __str__(self) -> str:
        return self.name


class StockLevel(models.Model):
    """How many pieces of a variant a location holds.  Available = on hand + oversell limit - allocated."""

    class Policy(models.TextChoices):
        """What happens when the shelf is empty."""

        DENY = "deny", _("sell what is there")
        MADE_TO_ORDER = "made_to_order", _("made to order")
        BACKORDER = "backorder", _("sell what is on its way")
        PREORDER = "preorder", _("sell before it first comes in")

    AHEAD = (Policy.BACKORDER, Policy.PREORDER)  # sold out of what is on its way, with the day it comes in

    variant = models.ForeignKey(Variant, on_delete=models.PROTECT, related_name="stock", verbose_name=_("variant"))
    location = models.ForeignKey(StockLocation, on_delete=models.PROTECT, related_name="levels")
    on_hand = models.IntegerField(_("on the shelf"), default=0)
    allocated = models.IntegerField(_("spoken for"), default=0)
    quarantine = models.IntegerField(_("in quarantine"), default=0)
    policy = models.CharField(_("when empty"), max_length=15, choices=Policy.choices, default=Policy.DENY)
    oversell_limit = models.PositiveIntegerField(
        _("may be sold before it is there"), default=0, help_text=_("Pieces that may be promised beyond the shelf.")
    )
    ahead_most = models.PositiveIntegerField(
        _("at most so many on order"), null=True, blank=True, help_text=_("Empty: as many as are on their way.")
    )

    class Meta:
        verbose_name = _("stock level")
        verbose_name_plural = _("stock levels")
        constraints = [
            models.UniqueConstraint(fields=["variant", "location"], name="stock_level_once"),
            models.CheckConstraint(condition=Q(on_hand__gte=0), name="stock_on_hand_not_negative"),
            models.CheckConstraint(condition=Q(allocated__gte=0), name="stock_allocated_not_negative"),
            models.CheckConstraint(condition=Q(quarantine__gte=0), name="stock_quarantine_not_negative"),
            models.CheckConstraint(
                condition=Q(allocated__lte=F("on_hand") + F("oversell_limit")), name="stock_never_oversold"
            ),
            models.CheckConstraint(
                condition=~Q(policy="deny") | Q(oversell_limit=0), name="stock_limit_only_made_to_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.on_hand} - {self.allocated}"

    @property
    def available(self) -> int:
        """Return how many more pieces may be sold, those on their way among them."""
        return self.on_hand + self.oversell_limit - self.allocated

    @property
    def spare(self) -> int:
        """Return how many pieces could be gone without taking one from a promise."""
        return max(self.at_once, 0) if self.policy in self.AHEAD else self.available

    @property
    def at_once(self) -> int:
        """Return how many more pieces may be sold without waiting for goods; below 0 where some wait already."""
        return self.on_hand - self.allocated if self.policy in self.AHEAD else self.available


class StockMovement(models.Model):
    """One append-only change of a stock level; the sum of all movements is the level."""

    class Kind(models.TextChoices):
        """Why pieces moved."""

        RECEIVED = "received", _("received")
        MADE = "made", _("made")
        ALLOCATED = "allocated", _("spoken for")
        RELEASED = "released", _("free again")
        HANDED_OVER = "handed_over", _("handed over")
        RETURNED = "returned", _("returned to the shelf")
        QUARANTINED = "quarantined", _("put in quarantine")
        CLEARED = "cleared", _("back from quarantine")
        WRITTEN_OFF = "written_off", _("written off")
        ADJUSTED = "adjusted", _("counted")
        MOVED = "moved", _("carried to another location")

    level = models.ForeignKey(StockLevel, on_delete=models.PROTECT, related_name="movements")
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    on_hand_delta = models.IntegerField(_("shelf"), default=0)
    allocated_delta = models.IntegerField(_("spoken for"), default=0)
    quarantine_delta = models.IntegerField(_("quarantine"), default=0)
    order_number = models.CharField(_("order"), max_length=20, blank=True, db_index=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    key = models.CharField(_("idempotency key"), max_length=120, unique=True)
    moved_at = models.DateTimeField(_("moved at"))

    class Meta:
        verbose_name = _("stock movement")
        verbose_name_plural = _("stock movements")
        indexes = [
            models.Index(
                fields=["moved_at"],
                include=["level", "allocated_delta"],
                condition=Q(kind__in=["allocated", "released"]),
                name="movement_sold",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.on_hand_delta:+d}/{self.allocated_delta:+d}"


class LowStock(models.Model):
    """A task to refill a variant: open while as few pieces are free as somebody said, closed by itself."""

    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="low_stock", verbose_name=_("variant"))
    free = models.IntegerField(_("free when it was opened"))
    low_at = models.PositiveSmallIntegerField(_("refill from so many free pieces down"))
    opened_at = models.DateTimeField(_("opened at"))
    closed_at = models.DateTimeField(_("closed at"), null=True)

    class Meta:
        verbose_name = _("variant to refill")
        verbose_name_plural = _("variants to refill")
        constraints = [
            models.UniqueConstraint(fields=["variant"], condition=Q(closed_at=None), name="low_stock_open_once"),
        ]

    def __str__(self) -> str:
        return f"{self.free} of {self.low_at}"


class StockReservation(models.Model):
    """Pieces held while somebody is at the checkout.  Past `expires_at` (the database's clock) it means nothing."""

    holder = models.CharField(_("held for"), max_length=60, help_text=_("Such as orders.cart:12."))
    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="+")
    level = models.ForeignKey(StockLevel, on_delete=models.CASCADE, related_name="reservations")
    quantity = models.PositiveSmallIntegerField(_("pieces"))
    expires_at = models.DateTimeField(_("held until"))

    class Meta:
        verbose_name = _("reservation")
        verbose_name_plural = _("reservations")
        constraints = [
            models.UniqueConstraint(fields=["holder", "level"], name="reservation_once"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="reservation_has_pieces"),
        ]
        indexes = [models.Index(fields=["expires_at", "id"], name="reservation_expiry")]

    def __str__(self) -> str:
        return f"{self.quantity} until {self.expires_at}"


class StockArrival(models.Model):
    """Pieces that are on their way to a shelf: bought, or being made.  They count only once they are there."""

    class Source(models.TextChoices):
        """Where they come from."""

        PURCHASE = "purchase", _("bought")
        PRODUCTION = "production", _("made by us")

    class State(models.TextChoices):
        """What became of them."""

        EXPECTED = "expected", _("expected")
        ARRIVED = "arrived", _("arrived")
        CALLED_OFF = "called_off", _("called off")

    level = models.ForeignKey(StockLevel, on_delete=models.PROTECT, related_name="arrivals", verbose_name=_("shelf"))
    source = models.CharField(_("from"), max_length=10, choices=Source.choices, default=Source.PRODUCTION)
    pieces = models.PositiveIntegerField(_("pieces"))
    arrived_pieces = models.PositiveIntegerField(_("arrived"), default=0)
    expected_on = models.DateField(_("expected on"))
    note = models.CharField(_("note"), max_length=200, blank=True, help_text=_("Such as: order 114 at the weaver's."))
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.EXPECTED)
    announced_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    announced_at = models.DateTimeField(_("announced at"))
    settled_at = models.DateTimeField(_("settled at"), null=True)
    overdue_at = models.DateTimeField(_("noticed that its day is over at"), null=True)

    class Meta:
        verbose_name = _("arrival")
        verbose_name_plural = _("arrivals")
        constraints = [
            models.CheckConstraint(condition=Q(pieces__gte=1), name="arrival_has_pieces"),
            models.CheckConstraint(condition=Q(arrived_pieces__lte=F("pieces")), name="arrival_not_more_than_expected"),
        ]
        indexes = [models.Index(fields=["expected_on", "id"], condition=Q(state="expected"), name="arrival_expected")]

    def __str__(self) -> str:
        return f"{self.pieces - self.arrived_pieces} on {self.expected_on}"


class StockCount(models.Model):
    """One walk along the shelves of a location: what should lie there, what does, and what was booked."""

    class State(models.TextChoices):
        """How far it is."""

        OPEN = "open", _("being counted")
        BOOKED = "booked", _("booked")
        DROPPED = "dropped", _("dropped")

    location = models.ForeignKey(StockLocation, on_delete=models.PROTECT, related_name="+")
    category = models.ForeignKey(
        "shop.Category", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("only")
    )
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.OPEN)
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    started_at = models.DateTimeField(_("started at"))
    closed_at = models.DateTimeField(_("closed at"), null=True)

    class Meta:
        verbose_name = _("stock count")
        verbose_name_plural = _("stock counts")
        permissions = [("book_stockcount", "Can book the differences of a stock count")]

    def __str__(self) -> str:
        return f"{self.location} {self.started_at:%Y-%m-%d}"


class StockCountLine(models.Model):
    """One shelf of a count.  `expected` is what the books said at the moment the number was written down."""

    stock_count = models.ForeignKey(StockCount, on_delete=models.CASCADE, related_name="lines")
    level = models.ForeignKey(StockLevel, on_delete=models.PROTECT, related_name="+")
    expected = models.IntegerField(_("by the books"), null=True)
    counted = models.PositiveIntegerField(_("counted"), null=True)
    counted_at = models.DateTimeField(_("counted at"), null=True)
    counted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    booked_at = models.DateTimeField(_("booked at"), null=True)

    class Meta:
        verbose_name = _("line of a stock count")
        verbose_name_plural = _("lines of stock counts")
        constraints = [
            models.UniqueConstraint(fields=["stock_count", "level"], name="stock_count_line_once"),
            models.CheckConstraint(
                condition=Q(counted__isnull=True) | Q(expected__isnull=False, counted_at__isnull=False),
                name="stock_count_line_knows_the_books",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.counted} of {self.expected}"

    @property
    def difference(self) -> int:
        """Return how many pieces more (or fewer) lie there than the books said; 0 while nobody has counted."""
        return 0 if self.counted is None or self.expected is None else self.counted - self.expected
