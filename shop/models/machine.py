"""Rows of the machine room: who is alive, and who knocks too often."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Heartbeat(models.Model):
    """When a sweep last ran.  A worker that is alive but idle shows as an old heartbeat."""

    name = models.CharField(_("sweep"), max_length=80, primary_key=True)
    beat_at = models.DateTimeField(_("last run"))

    class Meta:
        verbose_name = _("heartbeat")
        verbose_name_plural = _("heartbeats")

    def __str__(self) -> str:
        return self.name


class RateLimit(models.Model):
    """How often one key was used in one window.  In Postgres, so that limits hold without Redis."""

    key = models.CharField(_("key"), max_length=100, help_text=_("Purpose and a hash; never an address."))
    window_start = models.DateTimeField(_("window"))
    used = models.PositiveIntegerField(_("used"), default=0)

    class Meta:
        verbose_name = _("rate limit")
        verbose_name_plural = _("rate limits")
        constraints = [models.UniqueConstraint(fields=["key", "window_start"], name="rate_limit_once")]

    def __str__(self) -> str:
        return self.key
