"""Pieces of an order that turned out not to be there, and what the shopper chose.

Source: commerce reference d.3, reliability reference T03.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Unavailability(models.Model):
    """Missing pieces of one line in one parcel: why, what she may do, what she chose, what became of it."""

    class Cause(models.TextChoices):
        """How it came out."""

        COUNTED = "counted", _("the shelf was counted")
        DAMAGED = "damaged", _("pieces were damaged")
        PICKED = "picked", _("not found when packing")
        ARRIVAL = "arrival", _("the next ones come later, or not at all")

    class State(models.TextChoices):
        """Whose turn it is."""

        OPEN = "open", _("waits for her choice")
        WAITING = "waiting", _("waits for an arrival")
        SETTLED = "settled", _("settled")

    class Choice(models.TextChoices):
        """What she chose."""

        OTHER = "other", _("another one instead")
        LATER = "later", _("later, when it is back")
        REST = "rest", _("the rest, and money back")
        CANCEL = "cancel", _("cancel the order")

    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="unavailabilities")
    line = models.ForeignKey("orders.OrderLine", on_delete=models.PROTECT, related_name="unavailabilities")
    parcel = models.ForeignKey("orders.Parcel", on_delete=models.PROTECT, related_name="unavailabilities")
    quantity = models.PositiveSmallIntegerField(_("pieces"))
    cause = models.CharField(_("cause"), max_length=10, choices=Cause.choices)
    note = models.CharField(_("note for staff"), max_length=200, blank=True)
    key = models.CharField(_("idempotency key"), max_length=120, unique=True)
    found_at = models.DateTimeField(_("found at"))
    found_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.OPEN)
    choice = models.CharField(_("her choice"), max_length=8, choices=Choice.choices, blank=True)
    chosen_at = models.DateTimeField(_("chosen at"), null=True)
    chosen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("chosen for her by"),
    )
    instead = models.OneToOneField("orders.OrderLine", on_delete=models.PROTECT, null=True, related_name="stands_for")
    arrival = models.ForeignKey("shop.StockArrival", on_delete=models.PROTECT, null=True, related_name="+")
    settled_at = models.DateTimeField(_("settled at"), null=True)

    class Meta:
        verbose_name = _("missing piece")
        verbose_name_plural = _("missing pieces")
        permissions = [("take_promised", "Can take pieces that are promised to orders")]
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gte=1), name="unavailability_has_pieces"),
            models.CheckConstraint(
                condition=Q(state="open", choice="") | Q(state="waiting", choice="later") | Q(state="settled"),
                name="unavailability_state_fits_choice",
            ),
        ]
        indexes = [
            models.Index(fields=["found_at", "id"], condition=Q(state="open"), name="unavailability_open"),
            models.Index(fields=["found_at", "id"], condition=Q(state="waiting"), name="unavailability_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} of line {self.line_id}"

    @property
    def holder(self) -> str:
        """Return the name under which arriving pieces are kept for this case."""
        return f"orders.unavailability:{self.pk}"
