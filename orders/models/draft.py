"""An order put together for somebody on the phone: a bag staff filled and hold, which she orders by a secret link.

Source: commerce reference 7 (draft orders), 2.18; reliability reference S1.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class OrderDraft(models.Model):
    """One draft.  What it says of her goes when it is over: the order holds it then, or nobody needs it."""

    class State(models.TextChoices):
        """How far it is."""

        OPEN = "open", _("waits for her")
        PLACED = "placed", _("ordered")
        DROPPED = "dropped", _("dropped by us")
        EXPIRED = "expired", _("ran out")

    cart = models.OneToOneField("orders.Cart", on_delete=models.SET_NULL, null=True, related_name="draft")
    order = models.OneToOneField("orders.Order", on_delete=models.PROTECT, null=True, related_name="draft")
    state = models.CharField(_("state"), max_length=7, choices=State.choices, default=State.OPEN)
    email = models.EmailField(_("e-mail address"), blank=True)
    full_name = models.CharField(_("for"), max_length=120, blank=True)
    details = models.JSONField(_("address and delivery"), default=dict)
    discount_bp = models.PositiveIntegerField(_("agreed discount (basis points)"), default=0)
    off_minor = models.PositiveIntegerField(_("below the catalogue (minor units)"), default=0, db_default=0)
    needs_second = models.BooleanField(_("a second person decides on the price"), default=False, db_default=False)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    approved_at = models.DateTimeField(_("price approved at"), null=True)
    locale = models.CharField(_("language"), max_length=10, default="en")
    token_hash = models.CharField(_("link (hashed)"), max_length=64, unique=True, null=True)
    sent_at = models.DateTimeField(_("link sent at"), null=True)
    expires_at = models.DateTimeField(_("held until"))
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField(_("made at"))
    settled_at = models.DateTimeField(_("settled at"), null=True)

    class Meta:
        verbose_name = _("order by phone")
        verbose_name_plural = _("orders by phone")
        constraints = [
            models.CheckConstraint(
                condition=Q(state="open", settled_at__isnull=True)
                | Q(~Q(state="open"), settled_at__isnull=False, email="", full_name=""),
                name="order_draft_settled",
            ),
            models.CheckConstraint(condition=~Q(state="placed") | Q(order__isnull=False), name="order_draft_placed"),
            models.CheckConstraint(
                condition=Q(needs_second=False)
                | Q(approved_at__isnull=False)
                | Q(sent_at__isnull=True, token_hash__isnull=True),
                name="order_draft_approved",
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("made_by")), name="order_draft_two_people"
            ),
        ]
        indexes = [models.Index(fields=["expires_at", "id"], condition=Q(state="open"), name="order_draft_open")]

    def __str__(self) -> str:
        return f"{self.full_name or self.get_state_display()}, {self.made_at:%Y-%m-%d}"

    @property
    def waits_for_second(self) -> bool:
        """Tell whether its price waits for a second person."""
        return self.state == self.State.OPEN and self.needs_second and self.approved_at is None
