"""Addresses somebody keeps in her account, for the next order."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class SavedAddress(models.Model):
    """One address of one person.  Orders copy it: changing it here changes no order."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="addresses")
    full_name = models.CharField(_("name"), max_length=120)
    street = models.CharField(_("street and number"), max_length=200)
    extra = models.CharField(_("more about the address"), max_length=200, blank=True)
    postcode = models.CharField(_("postcode"), max_length=16, blank=True)
    city = models.CharField(_("town"), max_length=100)
    region = models.CharField(_("region"), max_length=80, blank=True, default="", db_default="")
    country = models.CharField(_("country"), max_length=2)
    phone = models.CharField(_("phone, for the courier"), max_length=32, blank=True)
    is_default = models.BooleanField(_("used first"), default=False)
    kept_at = models.DateTimeField(_("kept since"))

    class Meta:
        verbose_name = _("saved address")
        verbose_name_plural = _("saved addresses")
        constraints = [
            models.UniqueConstraint(fields=["user"], condition=Q(is_default=True), name="one_address_is_used_first")
        ]

    def __str__(self) -> str:
        return f"address {self.pk}"
