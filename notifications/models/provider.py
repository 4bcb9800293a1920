"""Who carries our messages: how it is doing, and how many more it may be given now.

A row appears with the first trouble or the first limit; a provider without a row is well.
Source: reliability reference T23, T30 (breaker and rate limit per provider; the state is the database's).
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Provider(models.Model):
    """One provider of one channel, such as `email:smtp.example`."""

    name = models.CharField(_("provider"), max_length=120, unique=True)
    failures = models.PositiveIntegerField(_("failures in a row"), default=0)
    rests_until = models.DateTimeField(_("left alone until"), null=True)
    problem = models.CharField(_("last problem"), max_length=120, blank=True)
    failed_at = models.DateTimeField(_("last failed at"), null=True)
    tokens = models.FloatField(_("messages it may be given at once"), default=0)
    refilled_at = models.DateTimeField(_("counted at"), db_default=Now())

    class Meta:
        verbose_name = _("provider")
        verbose_name_plural = _("providers")
        constraints = [models.CheckConstraint(condition=Q(tokens__gte=0), name="provider_never_overdrawn")]

    def __str__(self) -> str:
        return self.name
