"""What somebody keeps about her own body, so that sizes can be chosen for her: optional, hers, gone when she likes."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class SizeProfile(models.Model):
    """Measures and usual sizes of one person.

    `measures` holds whole millimetres by the code of a body measure ({"body-chest": 960}), `usual` the label of a size
    by the code of a size guide ({"tee": "M"}).  Codes, not rows: a guide that is gone takes nothing of hers with it.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="size_profile", verbose_name=_("person")
    )
    measures = models.JSONField(_("measures (mm)"), default=dict)
    usual = models.JSONField(_("usual sizes"), default=dict)
    changed_at = models.DateTimeField(_("changed at"))

    class Meta:
        verbose_name = _("own size")
        verbose_name_plural = _("own sizes")
        constraints = [
            models.CheckConstraint(condition=~Q(measures={}) | ~Q(usual={}), name="size_profile_says_something")
        ]

    def __str__(self) -> str:
        return f"sizes {self.pk}"
