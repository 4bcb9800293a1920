"""What comes in from machines outside: raw bytes first, understanding later.

A webhook is acknowledged only after its row is committed; a row that cannot be understood is parked and shown to
staff, never deleted.  Source: reliability reference D9.
"""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Inbound(models.Model):
    """One delivery from outside, kept as it came."""

    class State(models.TextChoices):
        """Where it stands."""

        RECEIVED = "received", _("received")
        PROCESSED = "processed", _("processed")
        IGNORED = "ignored", _("ignored")
        PARKED = "parked", _("parked")

    source = models.CharField(_("source"), max_length=40)
    source_key = models.CharField(_("key of the sender"), max_length=200)
    raw = models.BinaryField(_("raw bytes"))
    content_type = models.CharField(_("content type"), max_length=100, blank=True)
    headers = models.JSONField(_("headers"), default=dict)
    received_at = models.DateTimeField(_("received at"), db_default=Now())
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.RECEIVED)
    due_at = models.DateTimeField(_("due at"), db_default=Now())
    lease_until = models.DateTimeField(_("leased until"), null=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    error = models.TextField(_("last problem"), blank=True)
    settled_at = models.DateTimeField(_("settled at"), null=True)

    class Meta:
        verbose_name = _("inbound delivery")
        verbose_name_plural = _("inbound deliveries")
        constraints = [models.UniqueConstraint(fields=["source", "source_key"], name="inbound_once")]
        indexes = [models.Index(fields=["due_at", "id"], condition=models.Q(state="received"), name="inbound_due")]

    def __str__(self) -> str:
        return f"{self.source} {self.state}"
