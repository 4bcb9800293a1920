"""Words of our own for a kind of message in one language, instead of the file's."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Wording(models.Model):
    """Subject and text as staff wrote them, with flat variables such as {{ number }} and nothing else."""

    kind = models.CharField(_("kind"), max_length=40)
    locale = models.CharField(_("language"), max_length=10)
    subject = models.CharField(_("subject"), max_length=250, blank=True)
    text = models.TextField(_("text"), blank=True)
    changed_at = models.DateTimeField(_("changed at"))
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("wording")
        verbose_name_plural = _("wordings")
        permissions = [("write_wording", _("Can change the words of messages"))]
        constraints = [
            models.UniqueConstraint(fields=["kind", "locale"], name="wording_once"),
            models.CheckConstraint(condition=~Q(subject="") | ~Q(text=""), name="wording_says_something"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.locale}"
