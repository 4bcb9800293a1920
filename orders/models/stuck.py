"""Parcels somebody of ours has to look after before their owner has to ask.  Source: commerce reference c-5."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class StuckParcel(models.Model):
    """One parcel, one cause, one moment it is stuck from: found once, settled when it moves on or by a person."""

    class Cause(models.TextChoices):
        """What is odd."""

        LABEL = "label", _("labelled and not handed over")
        SCAN = "scan", _("no news from the courier")
        WINDOW = "window", _("delivered when nobody was to be at home")

    parcel = models.ForeignKey("orders.Parcel", on_delete=models.PROTECT, related_name="stuck")
    cause = models.CharField(_("cause"), max_length=8, choices=Cause.choices)
    since_at = models.DateTimeField(_("since"))
    found_at = models.DateTimeField(_("found at"))
    settled_at = models.DateTimeField(_("settled at"), null=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("settled by"),
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        help_text=_("Empty: it moved on by itself."),
    )
    note = models.CharField(_("what was done"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("stuck parcel")
        verbose_name_plural = _("stuck parcels")
        constraints = [models.UniqueConstraint(fields=["parcel", "cause", "since_at"], name="stuck_found_once")]
        indexes = [models.Index(fields=["found_at", "id"], condition=Q(settled_at__isnull=True), name="stuck_open")]

    def __str__(self) -> str:
        return f"{self.parcel_id} {self.cause}"


class StuckLook(models.Model):
    """When somebody looks for stuck parcels next; one row."""

    next_at = models.DateTimeField()

    class Meta:
        verbose_name = _("look for stuck parcels")
        verbose_name_plural = _("looks for stuck parcels")

    def __str__(self) -> str:
        return str(self.next_at)
