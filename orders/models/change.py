"""A change of what was ordered: staged with its sums, then confirmed, paid where it costs more, and applied once.

Source: commerce reference d.3 (OrderChange), b-17.
"""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class OrderChange(models.Model):
    """One change of one order.  While it is staged or paid for, the pieces it needs are held for it."""

    class State(models.TextChoices):
        """How far it is."""

        STAGED = "staged", _("waits to be confirmed")
        PAYING = "paying", _("is being paid")
        APPLIED = "applied", _("done")
        WITHDRAWN = "withdrawn", _("left as it was")
        REFUSED = "refused", _("paid, but not possible any more")

    OPEN = (State.STAGED, State.PAYING)

    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="changes")
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.STAGED)
    wishes = models.JSONField(_("wanted"), help_text=_("Line, form and pieces of each line that changes."))
    delivery = models.JSONField(
        _("where and when it comes, as wanted"),
        null=True,
        help_text=_("Of a change of delivery, as long as it is open; of one of pieces nothing."),
    )
    before = models.JSONField(_("before"), default=list)
    after = models.JSONField(_("after"), default=list)
    offers = models.JSONField(
        _("what promotions give since"),
        default=list,
        db_default=[],
        help_text=_("Name, what was saved before and after it."),
    )
    old_total_minor = models.PositiveIntegerField(_("total before (minor units)"))
    new_total_minor = models.PositiveIntegerField(_("total after (minor units)"))
    pay_minor = models.PositiveIntegerField(_("asked for (minor units)"), default=0)
    attempt = models.PositiveSmallIntegerField(_("attempts to pay"), default=0)
    payment_token = models.CharField(_("how to charge"), max_length=64, blank=True)
    paying_at = models.DateTimeField(_("confirmed to pay at"), null=True)
    session_ref = models.CharField(_("payment page's reference"), max_length=100, blank=True)
    session_url = models.CharField(_("payment page"), max_length=2000, blank=True)
    offered_at = models.DateTimeField(_("offered to the shopper at"), null=True)
    due_at = models.DateTimeField(_("to be looked at"))
    staged_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    staged_at = models.DateTimeField(_("staged at"))
    settled_at = models.DateTimeField(_("settled at"), null=True)

    class Meta:
        verbose_name = _("change of an order")
        verbose_name_plural = _("changes of orders")
        permissions = [("change_pieces", _("Can change sizes and pieces of an order for a shopper"))]
        constraints = [
            models.UniqueConstraint(
                fields=["order"], condition=Q(state__in=["staged", "paying"]), name="order_change_one_open"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["staged", "paying"]) | Q(settled_at__isnull=False), name="order_change_settled"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["staged", "paying"]) | Q(delivery__isnull=True) | Q(delivery={}),
                name="order_change_keeps_no_place",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at", "id"], condition=Q(state__in=["staged", "paying"]), name="order_change_due")
        ]

    def __str__(self) -> str:
        return f"{self.get_state_display()}, {self.staged_at:%Y-%m-%d}"

    @property
    def is_delivery(self) -> bool:
        """Tell whether it is about where and when it comes, not about pieces."""
        return self.delivery is not None

    def settle(self, state: State, *, at: datetime) -> None:
        """Say how it ended, and forget where it was to go: the order alone says that.  Not saved yet."""
        self.state, self.settled_at = state, at
        self.delivery = {} if self.is_delivery else None

    @property
    def holder(self) -> str:
        """Return the name under which the pieces it needs are held."""
        return f"orders.change:{self.pk}"

    @property
    def charge_key(self) -> str:
        """Return the key the provider knows this attempt to pay by."""
        return f"change:{self.pk}:{self.attempt}"
