"""The event log: the timeline on every screen and the outbox.  Append-only; written by record_event alone.

Source: architecture 3, reliability reference D1, D4.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Event(models.Model):
    """One fact, in the words of the field: `orders.order.handed-over`."""

    class Visibility(models.TextChoices):
        """Who may read it."""

        STAFF = "staff", _("staff")
        CUSTOMER = "customer", _("customer and staff")

    name = models.CharField(_("what happened"), max_length=80)
    subject = models.CharField(_("to what"), max_length=80, help_text=_("Such as orders.parcel:12."))
    order_number = models.CharField(_("order"), max_length=20, blank=True)
    customer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    payload = models.JSONField(_("details"), default=dict, help_text=_("Ids, ISO text and minor units."))
    visibility = models.CharField(_("visible to"), max_length=8, choices=Visibility.choices)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    actor_kind = models.CharField(_("who"), max_length=12, default="system")
    happened_at = models.DateTimeField(_("happened at"))
    recorded_at = models.DateTimeField(_("recorded at"), db_default=Now())

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        indexes = [
            models.Index(fields=["order_number", "happened_at", "id"], name="event_of_order"),
            models.Index(fields=["subject", "id"], name="event_of_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.subject}"


class EventDelivery(models.Model):
    """One event on its way to one consumer.  The row is the outbox; parked means a person must look."""

    class State(models.TextChoices):
        """Where the delivery stands."""

        DUE = "due", _("due")
        DONE = "done", _("done")
        PARKED = "parked", _("parked")

    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="deliveries")
    consumer = models.CharField(_("consumer"), max_length=80)
    state = models.CharField(_("state"), max_length=6, choices=State.choices, default=State.DUE)
    due_at = models.DateTimeField(_("due at"), db_default=Now())
    lease_until = models.DateTimeField(_("leased until"), null=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    error = models.TextField(_("last problem"), blank=True)
    done_at = models.DateTimeField(_("done at"), null=True)

    class Meta:
        verbose_name = _("event delivery")
        verbose_name_plural = _("event deliveries")
        constraints = [models.UniqueConstraint(fields=["event", "consumer"], name="event_delivered_once")]
        indexes = [models.Index(fields=["due_at", "id"], condition=models.Q(state="due"), name="delivery_due")]

    def __str__(self) -> str:
        return f"{self.consumer} {self.state}"
